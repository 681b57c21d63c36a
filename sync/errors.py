"""What can go wrong between the user's decision and another machine. Every error says what, where and what to do.

    SyncError               what, where, todo
    ├── InvalidIntentError      the intent itself cannot be stored
    │   └── InvalidAddressError     an e-mail address that is not one
    ├── ItemNotFoundError       no such item
    ├── NotAllowedError         not in the state this item is in
    ├── OutboxFullError         the bound on waiting items is reached
    └── LeaseLostError          somebody else has the item now; whoever gets this must not send

What a transport raises is drawn in sync/transports/outcomes.py.
"""

INVALID, BROKEN = 2, 3


class SyncError(Exception):
    """The outbox could not do this."""

    exit_code = BROKEN

    def __init__(self, what: str = "", where: str = "", todo: str = "") -> None:
        self.what = what or (self.__doc__ or "").strip()
        self.where = where
        self.todo = todo
        super().__init__(" ".join(part for part in (self.what, where and f"({where})", todo) if part))


class InvalidIntentError(SyncError):
    """This cannot be put into the outbox."""

    exit_code = INVALID


class InvalidAddressError(InvalidIntentError):
    """This is not an e-mail address."""


class ItemNotFoundError(SyncError):
    """There is no such item in the outbox."""

    exit_code = INVALID


class NotAllowedError(SyncError):
    """The item is past the point where this can be done."""

    exit_code = INVALID


class OutboxFullError(SyncError):
    """The outbox is full."""

    exit_code = INVALID


class LeaseLostError(SyncError):
    """Another process has taken over this delivery, so nothing was sent from here."""
