"""Servers of tools as a front end shows them. Everything that a server said is untrusted: plain text, never a link."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassView:
    """What a tool is: the words of the settings."""

    connectivity: str  # local, deferrable, online
    fresh: str  # "5m"
    repeat: str  # key, query, none
    touches: tuple[str, ...]


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
