"""What was found out about a model's way of writing: plain data, made by `derive.py` or `generic.py`.

A pattern is a text with slots, single characters from the private area: NAME is where the tool's name stands, ARGUMENTS
its arguments, ENVELOPE a JSON object that holds both, KEY a parameter's name, TYPE a word for its type, ID and INDEX
whatever the model numbers its calls with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NAME, ARGUMENTS, ENVELOPE, KEY, TYPE, ID, INDEX = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3", "\ue0f4", "\ue0f5", "\ue0f6"
SLOTS = NAME + ARGUMENTS + ENVELOPE + KEY + TYPE + ID + INDEX

Holds = Literal["name", "arguments", "id", "index", "constant"]
Notation = Literal["json", "python", "bare", "tags"]


@dataclass(frozen=True, slots=True)
class Member:
    """`text`: of a constant, as JSON."""

    key: str
    holds: Holds
    text: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A call as one JSON object. `members` in the order written; none: its only key is the tool's name."""

    members: tuple[Member, ...]

    def key_of(self, holds: Holds) -> str:
        return next((member.key for member in self.members if member.holds == holds), "")


@dataclass(frozen=True, slots=True)
class Quote:
    """`escapes`: a backslash in it means what it means in JSON and Python."""

    open: str
    close: str
    escapes: bool = True


@dataclass(frozen=True, slots=True)
class Parameters:
    """Arguments written one by one, as `open KEY equals value close`, with `between` from one to the next.

    `quote` None: a text stands there as it is, or, where it holds tags and the like, within `wrap`. `notation`: of
    values that are lists or objects; `item`: the key of a list's items where these are tags; `types`: JSON type to the
    word for it; `capital`: True instead of true; `sorted`: by the alphabet.
    """

    open: str
    equals: str
    close: str
    between: str
    quote: Quote | None = None
    wrap: Quote | None = None
    notation: Notation = "json"
    item: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    capital: bool = False
    sorted: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """Calls, as `head (before form after) between (before form after) tail ending`; `ending` closes the message.

    `opening`: the shortest beginning that tells a call from text; where not `sure`, text might begin so too, and only
    the name of a tool settles it. `form` is a pattern with ENVELOPE, or with NAME and ARGUMENTS.
    """

    opening: str
    sure: bool
    head: str
    before: str
    form: str
    after: str
    between: str
    tail: str
    ending: str = ""
    several: bool = True
    envelope: Envelope | None = None
    parameters: Parameters | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """`begun`: a prompt leaves it open. `first`: it counts only before anything else was said."""

    open: str
    close: str
    begun: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How a conversation is handed to the template. `bare`: the text of a message that does nothing but call."""

    arguments_as_text: bool = False
    bare: str | None = ""
    text_with_calls: bool = True
    results: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """`native`: from the template; else `why` says what stood in the way, and the calls are in our own protocol.

    `silent`: marks around what is said, not to be shown; `primed`: what a prompt has written of an opening already.
    """

    native: bool
    writing: Writing
    thinking: Thinking
    way: Way = Way()
    silent: tuple[str, ...] = ()
    primed: str = ""
    why: str = ""
