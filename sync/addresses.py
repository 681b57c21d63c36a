"""E-mail addresses that are ones, and header text that stays in its header.

Stricter than RFC 5322 on purpose: quoted local parts, comments and source routes are legal there, unknown to people,
and the stuff of injection. Names in other scripts are fine: the domain is sent in its ASCII form, the local part needs
a server that takes SMTPUTF8.
"""

import ipaddress
import re
from collections.abc import Iterable

from sync.errors import InvalidAddressError, InvalidIntentError

RECIPIENTS_MAX = 50
ADDRESS_CHARACTERS_MAX = 254
LOCAL_BYTES_MAX = 64
HEADER_CHARACTERS_MAX = 900

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_EXAMPLE = "Write it like dana@example.org."


def checked_address(text: str) -> str:
    """The address alone, its domain in ASCII. Raises InvalidAddressError, which says what is wrong with it."""
    shown = repr(text[:80])
    if _CONTROL.search(text):
        raise InvalidAddressError(f"{shown} holds a line break or another control character.", "recipient", _EXAMPLE)
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not at:
        raise InvalidAddressError(f"{shown} is not an e-mail address: the @ is missing.", "recipient", _EXAMPLE)
    if "@" in local or "," in text or ";" in text:
        raise InvalidAddressError(f"{shown} is not one e-mail address.", "recipient", _EXAMPLE)
    if not local or not _LOCAL.fullmatch(local) or len(local.encode()) > LOCAL_BYTES_MAX:
        raise InvalidAddressError(f"{shown} has no valid name before the @.", "recipient", _EXAMPLE)
    address = f"{local}@{_domain(domain, shown)}"
    if len(address) > ADDRESS_CHARACTERS_MAX:
        raise InvalidAddressError(f"{shown} is longer than an address may be.", "recipient", _EXAMPLE)
    return address


def checked_recipients(to: str | Iterable[str]) -> tuple[str, ...]:
    """One or several addresses, given as a list or separated by commas."""
    parts = to.split(",") if isinstance(to, str) else list(to)
    addresses = tuple(dict.fromkeys(checked_address(part) for part in parts))
    if not 1 <= len(addresses) <= RECIPIENTS_MAX:
        raise InvalidAddressError(f"There are {len(addresses)} recipients; 1 to {RECIPIENTS_MAX} can be.", "recipient")
    return addresses


def checked_header(text: str, name: str) -> str:
    """Text for one header line. A line break in it could smuggle in another header."""
    if _CONTROL.search(text):
        raise InvalidIntentError(f"The {name} holds a line break or another control character.", name, "Remove it.")
    if len(text) > HEADER_CHARACTERS_MAX:
        raise InvalidIntentError(f"The {name} is longer than {HEADER_CHARACTERS_MAX} characters.", name, "Shorten it.")
    return text


def _domain(text: str, shown: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        return _literal(text, shown)
    try:
        ascii_text = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        ascii_text = ""
    labels = ascii_text.split(".")
    good = all(_LABEL.fullmatch(label) for label in labels) and len(ascii_text) <= 253
    if not good or (len(labels) < 2 and ascii_text.lower() != "localhost") or labels[-1].isdigit():
        raise InvalidAddressError(f"{shown} has no valid domain after the @.", "recipient", _EXAMPLE)
    return ascii_text


def _literal(text: str, shown: str) -> str:
    try:
        ipaddress.ip_address(text[1:-1].removeprefix("IPv6:"))
    except ValueError:
        raise InvalidAddressError(f"{shown} has no valid domain after the @.", "recipient", _EXAMPLE) from None
    return text
