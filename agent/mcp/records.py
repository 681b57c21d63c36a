"""What is known of a server: how it is reached (by the settings), what it said it has, and what the user said its
tools are. Plain data; nothing here starts a server or imports the protocol's library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.tools.spec import Connectivity, Idempotency, Past, Touches

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One server as the settings declare it: `command` (stdio) or `url` (streamable HTTP), never both. Values of `env`
    and `headers` may be references to secrets ("keyring:NAME", "env:NAME"); `roots`: folders that it is told of."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None  # where it is started
    roots: tuple[Path, ...] = ()
    timeout_s: float = 60.0  # of one call without a sign of life
    enabled: bool = True
    client_id: str = ""  # what Carryon is called where one signs in, "" where it registers itself
    client_secret: str = ""  # a reference


@dataclass(frozen=True, slots=True)
class Hints:
    """What a server says of a tool. Only ever a suggestion: a server may lie. None: it did not say."""

    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


@dataclass(frozen=True, slots=True)
class ListedTool:
    """`name` as the server has it; `schema` of the arguments and `output` of structured results, JSON Schema."""

    name: str
    title: str
    about: str
    schema: Mapping[str, Any]
    output: Mapping[str, Any] | None = None
    hints: Hints = Hints()


@dataclass(frozen=True, slots=True)
class ListedResource:
    uri: str  # or a template, where `is_template`
    name: str
    about: str
    media_type: str = ""
    is_template: bool = False


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    name: str
    about: str
    arguments: tuple[tuple[str, str, bool], ...] = ()  # name, about, required


@dataclass(frozen=True, slots=True)
class Refused:
    """What a server lists and nobody can use. `kind`: tool, resource or prompt; `name`: its own, as far as it has one;
    `why`: a sentence of ours."""

    kind: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that a server said it has, when last asked; kept on disk, so that a start needs no server."""

    server: str
    version: str  # of the server, as it calls itself
    at_ms: int
    tools: tuple[ListedTool, ...] = ()
    resources: tuple[ListedResource, ...] = ()
    prompts: tuple[ListedPrompt, ...] = ()
    instructions: str = ""  # for a model to read; untrusted
    nameless: int = 0  # tools left out: under a name that is none, or that another has
    refused: tuple[Refused, ...] = ()  # declared wrongly; the others are not harmed by them


@dataclass(frozen=True, slots=True)
class Classing:
    """What the user says a tool is. `digest`: of the declaration (name, words, schema) that was looked at; one that
    differs from it is asked about again. `past`: what becomes of an answer that is older than its bound."""

    connectivity: Connectivity
    fresh_for_s: int
    idempotency: Idempotency
    touches: frozenset[Touches]
    digest: str
    past: Past = Past.REFUSE
