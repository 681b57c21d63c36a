"""The declaration of a tool: its card. Plain data, so that all cards are known without importing one tool.

A tool says where it works (connectivity class), how old what it knows may be, how a repeat is recognised, and what it
touches. What leaves one of these out does not register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an argument stands for. Values arrive as the user's words; the tool makes sense of them."""

    TEXT = "text"
    TITLE = "title"
    NUMBER = "number"
    TIME = "time"
    DURATION = "duration"
    PATH = "path"
    URL = "url"


# Characters of one argument. A text may be a pasted document; anything else that long is a mistake.
CHARACTERS_MAX = {
    Kind.TEXT: 2_000_000,
    Kind.TITLE: 1_000,
    Kind.NUMBER: 200,
    Kind.TIME: 200,
    Kind.DURATION: 200,
    Kind.PATH: 4_096,
    Kind.URL: 8_192,
}


class Connectivity(StrEnum):
    LOCAL = "local"  # works on this machine alone
    DEFERRABLE = "deferrable"  # decided now, delivered by the outbox when the network is there
    ONLINE = "online"  # needs the network for its answer


class Idempotency(StrEnum):
    """How a second delivery of the same call is kept from having a second effect."""

    KEY = "key"  # the destination is given the key and recognises a repeat
    QUERY = "query"  # the destination can be asked whether it happened
    NONE = "none"  # neither; or there is no effect to repeat


class Past(StrEnum):
    """What becomes, without a network, of a kept answer that is older than its bound."""

    FLAG = "flag"  # it is used, and the answer says that it may be out of date
    REFUSE = "refuse"  # it is not used; what was asked is asked again once there is a network


class Touches(StrEnum):
    LIBRARY = "library"
    FILES = "files"
    NETWORK = "network"
    SETTINGS = "settings"


SERVER = "server:"  # what stands in `ToolSpec.module` of a server's tool, with the server's name after it


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    kind: Kind
    about: str
    required: bool = True
    beyond_starter: bool = False  # the starter was not trained on it: chat models and the user fill it


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool. None means: not declared.

    `fresh_for_s`: seconds for which what the tool says (or what the user decided through it) may be relied on; 0 means
    that it is true when it is said and is never kept. `module`, "package.module:function", is imported when called.
    """

    name: str
    about: str
    module: str
    params: tuple[Param, ...] = ()
    connectivity: Connectivity | None = None
    fresh_for_s: int | None = None
    idempotency: Idempotency | None = None
    touches: frozenset[Touches] | None = None
    schema: Mapping[str, Any] | None = None  # of the arguments, where a server declared them as JSON Schema
    past: Past = Past.REFUSE  # of an online tool

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(param.name for param in self.params if param.required)

    @property
    def is_foreign(self) -> bool:
        """Whether another program brings it."""
        return self.module.startswith(SERVER)

    @property
    def acts_here(self) -> bool:
        """Whether another program does something on this machine with it: no transaction of ours can hold that."""
        return self.is_foreign and self.connectivity is Connectivity.LOCAL and bool(self.touches)

    @property
    def is_outside(self) -> bool:
        """Whether only a rule of the user's own lets it run unasked: its effect leaves this machine, or another program
        brings it and it is not of the kind that the user said works here and touches nothing."""
        if self.connectivity is Connectivity.DEFERRABLE:
            return True
        return self.is_foreign and not (self.connectivity is Connectivity.LOCAL and not self.touches)

    def undeclared(self) -> tuple[str, ...]:
        """What is missing, in words; empty when the tool may register."""
        declared = {
            "name": self.name,
            "one sentence about it": self.about,
            "module to import": ":" in self.module,
            "connectivity class": self.connectivity is not None,
            "freshness bound": self.fresh_for_s is not None,
            "idempotency mode": self.idempotency is not None,
            "what it touches": self.touches is not None,
        }
        return tuple(what for what, there in declared.items() if not there)
