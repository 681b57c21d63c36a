"""The starter's contract (contract.toml): each capability kept, redirected or given up, with a floor and a signature.

Read strictly: whatever is undecided, unknown or unsigned is an error that names it, and blocks the release.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from models.errors import ContractBadError
from models.starter.vocabulary import TOOLS

FILE = Path(__file__).with_name("contract.toml")
SCHEMA = 1
BYTES_MAX = 256 * 1024

Decision = Literal["keep", "sacrifice", "redirect"]
DECISIONS: tuple[str, ...] = get_args(Decision)
GROUPS = ("tools", "care", "follow_ups", "how", "languages", "talk")

# What people may expect of it. One that stands here and not in the contract was decided by nobody.
CAPABILITIES: tuple[str, ...] = (
    *TOOLS, "reply", "handoff", "asking_back", "several_intents", "amend", "again", "undo", "other", "fill",
    "user_tools", "context_names", "names", "typos", "no_capitals", "non_native", "chatter", "german", "spanish",
    "french", "open_questions", "drafting", "translating", "summarising", "multi_step_plans", "long_texts",
    "other_languages", "chit_chat_depth", "what_it_never_saw",
)  # fmt: skip
LIMITS = ("disk_bytes", "median_ms", "memory_bytes", "wrong_action")

_WORDS = ("name", "title", "about", "group", "decision", "why", "who")


@dataclass(frozen=True, slots=True)
class Floor:
    """Shares that must be shown, and how many cases it takes. `margin`: what a quantised copy may lose."""

    cases: int
    exact: float | None = None
    outcome: float | None = None
    false_most: float | None = None
    margin: float = 0.05


@dataclass(frozen=True, slots=True)
class Capability:
    """One line of the contract. `where`: where such a request goes, or what remains, if it is not kept."""

    name: str
    title: str
    about: str
    group: str
    decision: Decision
    why: str
    who: str
    when: date
    where: str = ""
    floor: Floor | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """What it may cost at most; a goal is told, a limit holds."""

    name: str
    title: str
    most: float
    unit: str
    why: str
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    product: str
    level: float
    capabilities: tuple[Capability, ...]
    limits: tuple[Limit, ...]

    def capability(self, name: str) -> Capability:
        found = next((one for one in self.capabilities if one.name == name), None)
        if found is None:
            raise ContractBadError(
                f"The contract has no capability {name!r}.", name, "carryon product show lists them."
            )
        return found

    @property
    def held(self) -> tuple[Capability, ...]:
        """Those with a floor: all that are kept, and the handing off."""
        return tuple(one for one in self.capabilities if one.floor)


def read(file: Path = FILE) -> Contract:
    try:
        raw = file.read_bytes()
        if len(raw) > BYTES_MAX:
            raise ValueError(f"it is larger than {BYTES_MAX:,} bytes")
        plain = tomllib.loads(raw.decode("utf-8"))
    except (OSError, ValueError) as error:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors
        raise ContractBadError(f"The starter's contract cannot be read: {error}.", str(file), REPAIR) from error
    return check(plain, str(file))


REPAIR = "Correct that file; as it stands it blocks the release."


def check(plain: Mapping[str, Any], where: str = "contract.toml") -> Contract:
    """The contract that a parsed file means, or ContractBadError with the name of what is wrong."""
    _only(plain, ("schema", "product", "level", "limit", "capability"), "the contract", where)
    if plain.get("schema") != SCHEMA:
        raise _bad(f"The contract's schema is {plain.get('schema')!r}; this Carryon reads {SCHEMA}", where)
    level = _share(plain.get("level"), "level", "the contract", where)
    capabilities = tuple(_capability(entry, where) for entry in _tables(plain, "capability", where))
    limits = tuple(_limit(entry, where) for entry in _tables(plain, "limit", where))
    _complete([one.name for one in capabilities], CAPABILITIES, "capability", where)
    _complete([one.name for one in limits], LIMITS, "limit", where)
    return Contract(_text(plain, "product", "the contract", where), level, capabilities, limits)


def _tables(plain: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    found = plain.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise _bad(f"{key!r} must be tables, each under [[{key}]]", where)
    return found


def _capability(entry: Mapping[str, Any], where: str) -> Capability:
    name = str(entry.get("name", "without a name"))
    _only(entry, (*_WORDS, "when", "where", "floor"), name, where)
    if "decision" not in entry:
        raise _bad(f"Nobody decided about {name!r}: keep, sacrifice or redirect", where)
    words = {key: _text(entry, key, name, where) for key in _WORDS}
    if words["decision"] not in DECISIONS:
        raise _bad(f"{name!r} is decided as {words['decision']!r}; there is keep, sacrifice and redirect", where)
    if words["group"] not in GROUPS:
        raise _bad(f"{name!r} is in the group {words['group']!r}; there are {', '.join(GROUPS)}", where)
    when = entry.get("when")
    if not isinstance(when, date):
        raise _bad(f"{name!r} does not say when it was decided, as a date such as 2026-11-25", where)
    floor = _floor(entry["floor"], name, where) if "floor" in entry else None
    if words["decision"] == "keep" and (floor is None or (floor.exact is None and floor.outcome is None)):
        raise _bad(f"{name!r} is kept without a floor: a share and how many cases show it", where)
    if words["decision"] == "sacrifice" and floor:
        raise _bad(f"{name!r} is given up and has a floor; nothing can be held to that", where)
    place = _text(entry, "where", name, where) if words["decision"] != "keep" else ""
    return Capability(**words, when=when, where=place, floor=floor)  # type: ignore[arg-type]


def _floor(entry: Any, name: str, where: str) -> Floor:
    if not isinstance(entry, Mapping):
        raise _bad(f"The floor of {name!r} must be a table such as {{ exact = 0.7, cases = 30 }}", where)
    shares = ("exact", "outcome", "false_most", "margin")
    _only(entry, (*shares, "cases"), f"the floor of {name}", where)
    cases = entry.get("cases")
    if not isinstance(cases, int) or isinstance(cases, bool) or cases < 1:
        raise _bad(f"The floor of {name!r} does not say how many cases it takes", where)
    return Floor(cases, **{key: _share(entry[key], key, name, where) for key in shares if key in entry})


def _limit(entry: Mapping[str, Any], where: str) -> Limit:
    name = str(entry.get("name", "without a name"))
    _only(entry, ("name", "title", "most", "unit", "why", "goal"), name, where)
    most = entry.get("most")
    if not isinstance(most, (int, float)) or isinstance(most, bool) or most <= 0:
        raise _bad(f"The limit {name!r} does not say what it may be at most", where)
    words = {key: _text(entry, key, name, where) for key in ("name", "title", "unit", "why")}
    return Limit(**words, most=float(most), goal=entry.get("goal") is True)


def _complete(found: list[str], known: tuple[str, ...], what: str, where: str) -> None:
    for name in known:
        if name not in found:
            raise _bad(f"Nobody decided about the {what} {name!r}", where)
    for name in found:
        if name not in known:
            raise _bad(f"There is no {what} {name!r}", where)
        if found.count(name) > 1:
            raise _bad(f"The {what} {name!r} is decided twice", where)


def _only(entry: Mapping[str, Any], allowed: tuple[str, ...], of: str, where: str) -> None:
    for key in entry:
        if key not in allowed:
            raise _bad(f"{of!r} has a line {key!r} that means nothing here", where)


def _text(entry: Mapping[str, Any], key: str, name: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _bad(f"{name!r} does not say {key!r}", where)
    return value


def _share(value: Any, key: str, name: str, where: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < 1:
        raise _bad(f"{key!r} of {name!r} must be a share between 0 and 1", where)
    return float(value)


def _bad(what: str, where: str) -> ContractBadError:
    return ContractBadError(f"{what}.", where, REPAIR)
