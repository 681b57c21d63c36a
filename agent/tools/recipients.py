"""Who "mum" is: contacts by name, the user's own address, or an address as it stands. Nobody is ever guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from agent.agentrc.settings import Settings
from agent.tools.errors import ToolRefusedError
from sync.addresses import RECIPIENTS_MAX, checked_address
from sync.errors import InvalidAddressError

PRACTICE_ADDRESS = "you@practice.invalid"  # the user's own address in the practice mailbox

_MYSELF = frozenset({"me", "myself", "my self", "my own address", "my address", "my inbox", "mir", "mich", "moi"})
_BEFORE = re.compile(r"^(?:the|my|our|to|mr|mrs|ms|miss|dr|prof)\.?\s+", re.IGNORECASE)
_WITH_NAME = re.compile(r"^(?P<name>[^<>]*)<(?P<address>[^<>]+)>$")
_SEVERAL = re.compile(r"\s*[,;&]\s*|\s+(?:and|plus|und|et|y)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    name: str | None = None  # as the user calls them; None for a bare address


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not found. `why`: what is wrong with an address, "" for a name that is no contact; `close` may be meant."""

    said: str
    why: str = ""
    close: tuple[str, ...] = ()


def recipients(said: str, settings: Settings, own: str | None) -> tuple[Recipient, ...] | Unknown:
    """One, or several as in "Dana and mum". `own`: where mail to "myself" goes, None while there is no account. Raises
    ToolRefusedError for more than can be."""
    whole = _one(said, settings.contacts, own)
    parts = list({part.casefold(): part for part in _SEVERAL.split(said) if part}.values())
    if not isinstance(whole, Recipient) and len(parts) > RECIPIENTS_MAX:
        what = f"There are {len(parts):,} recipients; at most {RECIPIENTS_MAX} can be."
        raise ToolRefusedError(what, "to", "Send it to fewer at a time.")
    if isinstance(whole, Recipient) or len(parts) < 2:
        return (whole,) if isinstance(whole, Recipient) else whole
    found = [_one(part, settings.contacts, own) for part in parts]
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    if unknown:
        return unknown
    return tuple(dict.fromkeys(one for one in found if isinstance(one, Recipient)))


def _one(said: str, contacts: Mapping[str, str], own: str | None) -> Recipient | Unknown:
    said = said.strip().strip("\"'").removeprefix("mailto:")
    if named := _WITH_NAME.match(said):
        return _literal(named["address"].strip(), named["name"].strip() or None)
    if "@" in said.removeprefix("@"):
        return _literal(said.rstrip(".,;"), None)
    if said.casefold() in _MYSELF:
        return Recipient(own, said) if own else Unknown(said)
    return _contact(said.removeprefix("@"), contacts)


def _literal(address: str, name: str | None) -> Recipient | Unknown:
    try:
        return Recipient(checked_address(address), name)
    except InvalidAddressError as error:
        return Unknown(address, error.what)


def _contact(said: str, contacts: Mapping[str, str]) -> Recipient | Unknown:
    """The whole name, the name without "my" or "Mr", or the one contact that has it as a part of the name."""
    known = {name.casefold(): name for name in contacts}
    bare = _BEFORE.sub("", said)
    for candidate in (said.casefold(), bare.casefold()):
        if candidate in known:
            return _literal(bare_address(contacts[known[candidate]]), known[candidate])
    parts = [name for name in contacts if bare.casefold() in name.casefold().split()]
    if len(parts) == 1:
        return _literal(bare_address(contacts[parts[0]]), parts[0])
    close = parts or [known[name] for name in get_close_matches(bare.casefold(), known, n=3, cutoff=0.7)]
    return Unknown(bare or said, close=tuple(close))


def bare_address(text: str) -> str:
    """The address in "Dana Ito <dana@example.org>"."""
    named = _WITH_NAME.match(text.strip())
    return named["address"].strip() if named else text.strip()
