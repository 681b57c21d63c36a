"""What a server's tool is, as the user wrote it down: one inline table a tool.

    [servers.git.tools]
    git_commit = { class = "local", fresh = "0s", repeat = "none", touches = ["files"], seen = "3fc1…" }

`seen` stands for the declaration that the user looked at; Carryon writes it. The words are those of the card of a tool.
`past = "flag"` may stand there, too: an answer older than its bound is used, with a warning, where there is no network.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.agentrc.durations import seconds

CLASSES = ("local", "deferrable", "online")
REPEATS = ("key", "query", "none")
TOUCHES = ("files", "network")  # a server reaches neither the library nor the settings
PARTS = ("class", "fresh", "repeat", "touches", "seen", "past")
OPTIONAL = frozenset({"past"})
PASTS = ("flag", "refuse")

_DIGEST = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Classed:
    """`connectivity`, `repeat` and `touches` in the words above; `seen`: the beginning of a digest."""

    connectivity: str
    fresh_for_s: int
    repeat: str
    touches: tuple[str, ...]
    seen: str
    past: str = "refuse"


def classed(plain: Mapping[str, Any]) -> Classed:
    """Of a table that `wrong_with` finds nothing wrong with."""
    fresh = seconds(str(plain["fresh"]))
    return Classed(
        plain["class"], fresh or 0, plain["repeat"], tuple(plain["touches"]), plain["seen"], plain.get("past", "refuse")
    )


def wrong_with(value: object) -> str:
    """What is wrong with such a table, in words; "" for nothing."""
    if not isinstance(value, dict):
        return 'must be a table such as { class = "local", fresh = "0s", repeat = "none", touches = [], seen = "…" }.'
    if unknown := [part for part in value if part not in PARTS]:
        return f"has no part {unknown[0]!r}; its parts are {', '.join(PARTS)}."
    if missing := [part for part in PARTS if part not in value and part not in OPTIONAL]:
        return f"lacks {missing[0]!r}: {_ABOUT[missing[0]]}. `carryon servers classes` writes it for you."
    there = [part for part in PARTS if part in value]
    return next(
        (f"has {part} = {value[part]!r}: {_ABOUT[part]}." for part in there if not _GOOD[part](value[part])), ""
    )


def from_text(text: str) -> object:
    """As typed behind `carryon rc set`; what cannot be read stays text, and is refused."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _touches(value: object) -> bool:
    return isinstance(value, list) and len(value) <= len(TOUCHES) and all(one in TOUCHES for one in value)


_GOOD: Mapping[str, Callable[[Any], bool]] = {
    "class": lambda value: value in CLASSES,
    "fresh": lambda value: isinstance(value, str) and seconds(value) is not None,
    "repeat": lambda value: value in REPEATS,
    "touches": _touches,
    "seen": lambda value: isinstance(value, str) and _DIGEST.fullmatch(value) is not None,
    "past": lambda value: value in PASTS,
}
_ABOUT: Mapping[str, str] = {
    "class": "local (works without a network), deferrable (may be carried out later) or online",
    "fresh": 'how long what it says may be relied on, such as "0s", "5m" or "7d"',
    "repeat": "how it recognises the same call twice: key, query or none",
    "touches": 'a list of "files" and "network", or [] for nothing',
    "seen": "which declaration you looked at, written by `carryon servers classes`",
    "past": "without a network, an answer older than fresh is used with a warning (flag) or not at all (refuse)",
}
