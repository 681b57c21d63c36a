"""Servers of tools as a front end shows them. Everything that a server said is untrusted: plain text, never a link."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassView:
    """What a tool is: the words of the settings."""

    connectivity: str  # local, deferrable, online
    fresh: str  # "5m"
    repeat: str  # key, query, none
    touches: tuple[str, ...]
    past: str = "refuse"  # or flag: what becomes of an answer that is older than `fresh`


@dataclass(frozen=True, slots=True)
class ServerToolView:
    """`name`: ours; `tool`: the server's; `why`: it cannot be used, "" when it can; `said`: by the user, None for
    never; `digest`: of the declaration that is shown."""

    name: str
    tool: str
    about: str
    why: str
    said: ClassView | None
    suggested: ClassView
    suggested_why: str
    digest: str


@dataclass(frozen=True, slots=True)
class RefusedView:
    """What a server lists and nobody can use. `kind`: tool, resource or prompt."""

    kind: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class PromptArgument:
    name: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class PromptView:
    """A text that a server has ready, by what it said when last asked. `name` is the server's own."""

    server: str
    name: str
    about: str
    arguments: tuple[PromptArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerView:
    """`how`: command or address; `busy`: what goes on with it just now; `trouble`: why nothing of it can be used."""

    name: str
    how: str
    enabled: bool
    trouble: str
    version: str
    asked_at: int | None
    package: str  # what was installed for its command, with its version
    tools: tuple[ServerToolView, ...]
    resources: int = 0
    prompts: int = 0
    busy: str = ""
    can_update: bool = False
    refused: tuple[RefusedView, ...] = ()
    offers: tuple[PromptView, ...] = ()  # its prompts, where they can be asked for
    sign_in: str = ""  # wanted, signed in; "" where neither is known
    failed_at: int | None = None  # when it was asked what it has, and did not say; until it does
    failure: str = ""  # why


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A server as another program declares it. `theirs`: its name there; `why`: it cannot be taken, "" when it can."""

    theirs: str
    name: str
    how: str
    why: str
    secrets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientView:
    """One file of another program. `trouble`: why nothing of it can be taken."""

    client: str
    path: str
    candidates: tuple[CandidateView, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class QuestionField:
    """`kind`: text, number, whole, yes_no or choice."""

    name: str
    kind: str
    title: str
    about: str
    required: bool
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class ServerQuestion:
    """A server wants to know something in the middle of a call. `text` is its own: show who asks beside it."""

    id: str
    server: str
    text: str
    fields: tuple[QuestionField, ...]
