"""What a server may ask of this side. A server that asks for more (a model's answer, say) is refused.

`ask` is called on a thread of its own and may take as long as the user does; the others are quick and take no lock
that a caller of the line may hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.mcp.signing.sign_ins import SignIns
from sync.transports.attempt import Stage

Kind = Literal["text", "number", "whole", "yes_no", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    title: str = ""
    about: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a server wants to know. `text` is the server's and untrusted: show who asks beside it, and never put a
    password in."""

    server: str
    text: str
    fields: tuple[Field, ...] = ()


Answer = Mapping[str, Any]


def _declined(_question: Question) -> Answer | None:
    return None


def _nothing(*_any: object) -> None:
    return None


def _allowed() -> bool:
    return True


def _as_it_stands(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Handlers:
    """`ask`: values by field name, or None for "no". `log(level, text)`, `tools_changed(server)`: to be noted.
    `allows`: whether the network may be used now. `reveal`: the secret behind a reference ("keyring:NAME"), other texts
    as they stand; what it raises says what to do and reaches the user. `sign_ins`: who the user has signed in to; None:
    no server is signed in to. `stage(key, stage, host, within_s)`: how far the request of a call is."""

    ask: Callable[[Question], Answer | None] = field(default=_declined)
    log: Callable[[str, str], None] = field(default=_nothing)
    tools_changed: Callable[[str], None] = field(default=_nothing)
    allows: Callable[[], bool] = field(default=_allowed)
    reveal: Callable[[str], str] = field(default=_as_it_stands)
    sign_ins: SignIns | None = None
    stage: Callable[[str, Stage, str, float], None] = field(default=_nothing)
