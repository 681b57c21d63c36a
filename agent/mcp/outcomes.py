"""What a server answered, within bounds. Everything in it was written by a stranger: data to show, never orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str  # as the server calls it
    content: bytes


@dataclass(frozen=True, slots=True)
class Sound:
    media_type: str  # as the server calls it
    content: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """To something that the server can be asked for by `uri`, or that stands elsewhere. Nothing follows it."""

    uri: str
    name: str = ""
    about: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """`failed`: the tool itself says that it did not succeed, in `text`. `cut`: more was answered than is kept.
    `fault`: how the structured part breaks the tool's own promise; that part is left out then."""

    text: str
    structured: Any = None
    pictures: tuple[Picture, ...] = ()
    sounds: tuple[Sound, ...] = ()
    links: tuple[Link, ...] = ()
    failed: bool = False
    cut: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """One message of a prompt that a server offers. `role`: "user" or "assistant"."""

    role: str
    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Step:
    """How far a call is. `fraction` is between 0 and 1, None where the server does not say of how much."""

    fraction: float | None
    text: str = ""


Arguments = Mapping[str, Any]
