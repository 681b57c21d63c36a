"""What can go wrong when laptops exchange their libraries.

BadRequestError
├── NoExchangeError    the folder cannot be used, or no such laptop is in it
│   └── RefusedError       the server says no; asking again by itself would only annoy it
└── PassphraseError    what lies there is encrypted, or ours would be and no passphrase is at hand
UnreadError               a file that is not whole, not ours or not true; it is left alone, and told
└── SealedOtherwiseError  likewise; or it has another passphrase
"""

from agent.errors import BadRequestError


class NoExchangeError(BadRequestError):
    """The laptops cannot exchange their libraries here."""


class RefusedError(NoExchangeError):
    """The server does not let this laptop in."""


class PassphraseError(BadRequestError):
    """This needs the passphrase of the exchange."""


class UnreadError(Exception):
    """Of one file in the folder: why it was not read, in words. Never leaves this package."""


class SealedOtherwiseError(UnreadError):
    """Broken, or under another passphrase."""
