"""What happened with servers of tools."""

from dataclasses import dataclass, field

from agent.protocol.events import Event
from agent.protocol.server_records import ClientView, ServerQuestion, ServerView


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersListed(Event):
    servers: tuple[ServerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAsked(Event):
    """A call waits for the user's answer, for some minutes; then the answer is no."""

    question: ServerQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerQuestionClosed(Event):
    """It was answered, or nobody waits for an answer any more."""

    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProgressed(Event):
    """How far the call that goes on is, four times a second at most. `text` is the server's own."""

    server: str
    fraction: float | None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFetched(Event):
    """Words of a stranger, for the user to read before they are sent. `source`: who wrote them, as a message that holds
    them says it; `note`: what was left out, in words, "" for nothing."""

    text: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFailed(Event):
    what: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInWanted(Event):
    """A server wants the user to sign in, or no longer does: a ServersListed says which. `waited_for`: a call that the
    user waits for came to nothing for want of it."""

    server: str
    waited_for: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInBegan(Event):
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInShown(Event):
    """Where the user has to go. `url` is opened only when the user says so, with `host` in sight, and with `takes`: the
    host that the answer is handed to, "" where that is the page's own."""

    server: str
    host: str
    url: str = field(repr=False)
    takes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInEnded(Event):
    """`words`: why nothing came of it, and what to do."""

    server: str
    signed_in: bool
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsFound(Event):
    """Other programs that declare servers on this machine."""

    clients: tuple[ClientView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersPreviewed(Event):
    """What would be written, as a diff of the settings. `secrets`: names under which they go to the keyring; `notes`:
    to be read before; `fingerprint`: of all this."""

    names: tuple[str, ...]
    diff: str
    secrets: tuple[str, ...]
    notes: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersTaken(Event):
    """`change`: by which it can be taken back; 0: it was taken back. `left`: what was looked at and not taken after
    all, with why."""

    names: tuple[str, ...]
    change: int
    secrets: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
