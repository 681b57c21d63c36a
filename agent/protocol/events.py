"""What the agent reports, in the past tense. Every event names its cause: the id of the command behind it ("" for the
agent's own doing, such as a delivery in the background)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.protocol.event import Event as Event  # noqa: PLC0414  given out from here
from agent.protocol.network_events import ConnectivityChanged as ConnectivityChanged  # noqa: PLC0414  likewise
from agent.protocol.outbox_events import ItemChanged as ItemChanged  # noqa: PLC0414  given out from here
from agent.protocol.outbox_events import ItemShown as ItemShown  # noqa: PLC0414  given out from here
from agent.protocol.outbox_events import ItemsListed as ItemsListed  # noqa: PLC0414  given out from here
from agent.protocol.records import (
    AnswerLabel,
    Artifact,
    Call,
    Conversation,
    Message,
    Model,
    ModelJob,
    Outcome,
    PracticeMessage,
    ProductView,
    ResetPreview,
    Version,
)
from agent.starts.record import Start
from agent.starts.slo import Standing
from sync.item import Item

if TYPE_CHECKING:  # their modules are not needed for a window's first paint
    from models.downloads import Unfinished
    from models.found import Finds
    from models.gallery import Machine, Proposal

NEARLY_FULL = 0.85  # of what a conversation may take


# A turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(Event):
    """The user's message is on disk; only now may it be shown."""

    turn_id: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAdded(Event):
    """Carryon said something about itself in the thread, such as that another model answers from here on."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenArrived(Event):
    turn_id: str
    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingArrived(Event):
    """What the model says to itself before it answers: shown apart, stored nowhere."""

    turn_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldingStarted(Event):
    """The oldest messages no longer fit, from `goes_from` to the answer to `goes_to` (their beginnings): the model sums
    them up before it answers; `summed` False: there is no room even for that. A NoticeAdded tells the outcome."""

    turn_id: str
    messages: int
    goes_from: str = ""
    goes_to: str = ""
    summed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextMeasured(Event):
    """How full the chat model's memory of a conversation is, in tokens. Past `holds` the oldest messages go, of which
    there would be `goes`, from `goes_from` to `goes_to` (their beginnings); text that is written takes
    `tokens_per_character`. `limit_why`: why it holds no more; `estimated`: not counted by the model; `tools_left_out`:
    those for which it has no room."""

    conversation_id: str
    used: int
    limit: int
    holds: int
    tokens_per_character: float
    goes: int = 0
    goes_from: str = ""
    goes_to: str = ""
    estimated: bool = False
    tools_left_out: int = 0
    limit_why: str = ""

    @property
    def nearly_full(self) -> bool:
        """It is worth a glance."""
        return self.used >= NEARLY_FULL * self.holds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettled(Event):
    """A call was stored (with its outbox row, if it has one): done, queued, waiting, proposed, refused or failed."""

    turn_id: str
    call: Call
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    turn_id: str
    message: Message  # the agent's, stored
    outcome: Outcome
    label: AnswerLabel
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreadMarked(Event):
    """The user said that a message was read wrongly. `kept`: as an example to learn from; `why` not, in words."""

    message_id: str
    kept: bool
    why: str = ""


# Conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationsListed(Event):
    conversations: tuple[Conversation, ...]
    query: str
    draft: str = ""  # what stands in the composer for a conversation that has not begun
    draft_sources: tuple[str, ...] = ()  # who wrote some of that besides the user


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOpened(Event):
    conversation: Conversation
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPreviewed(Event):
    preview: ResetPreview


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationReset(Event):
    conversation: Conversation
    preview: ResetPreview


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTrashed(Event):
    conversation: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRestored(Event):
    """It is out of the trash again."""

    conversation: Conversation


# Library


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactsListed(Event):
    artifacts: tuple[Artifact, ...]
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactOpened(Event):
    artifact: Artifact
    version: Version
    text: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLoaded(Event):
    """`content` is empty where it is too large to be shown."""

    artifact_id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactSaved(Event):
    artifact: Artifact
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactDiffed(Event):
    artifact_id: str
    older: int
    newer: int
    diff: str


# Outbox and network


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeListed(Event):
    enabled: bool
    messages: tuple[PracticeMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailProgramRequested(Event):
    """The front end opens this mailto: address."""

    item_id: str
    mailto: str


# Settings


@dataclass(frozen=True, slots=True)
class OptionShown:
    """One row of the settings form: a view of the file."""

    key: str
    value: Any
    kind: str  # choice, text, bool, path
    choices: tuple[str, ...]
    about: str
    origin: str  # "built-in", "~/.agentrc:14", "AGENTRC_TONE"


@dataclass(frozen=True, slots=True)
class ProblemShown:
    """`line` 0: not in the user's own file; the words then say where. A note changes nothing and hinders nothing."""

    line: int
    column: int
    text: str
    note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsLoaded(Event):
    path: str
    text: str
    options: tuple[OptionShown, ...]
    problems: tuple[ProblemShown, ...]
    config_hash: str
    first_run: bool
    practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChecked(Event):
    text: str
    problems: tuple[ProblemShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """The file was saved, here or in an editor, and is now in force (or `problems` says why the last good stays)."""

    config_hash: str
    changed: tuple[str, ...]
    problems: tuple[ProblemShown, ...]


# Models


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsListed(Event):
    models: tuple[Model, ...]
    details: Mapping[str, Any]  # of the loaded one: parameters, context, tokens_per_second, memory_bytes, llama_build


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStateChanged(Event):
    state: str  # starting, ready, busy, resting, restarting, stopped, refused, closed
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersListed(Event):
    """`machine`: what the verdicts were made of; `unfinished`: every download that can go on, proposed or not."""

    offers: "tuple[Proposal, ...]"
    machine: "Machine"
    unfinished: "tuple[Unfinished, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsFound(Event):
    """`folder`: the user's own that was looked through, "" for where programs keep their models."""

    finds: "Finds"
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJobChanged(Event):
    """A download, a check or a search begins, goes on (told four times a second at most) or ends."""

    job: ModelJob


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductShown(Event):
    """What the starter does and does not, its measured figures and the verdict: a plain view for the Models room."""

    product: ProductView


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMeasuring(Event):
    """The measuring on this machine goes on: so many of so many requests."""

    done: int
    total: int


# Insights


@dataclass(frozen=True, slots=True, kw_only=True)
class StartsShown(Event):
    """The last start, whole, and how the kept ones stand against the promise."""

    last: Start | None
    kept: int
    standings: tuple[Standing, ...]


# Everything else


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChanged(Event):
    """Something in these areas changed; each screen decides for itself whether to ask again."""

    areas: frozenset[str]  # conversations, library, outbox, settings, models, insights


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRang(Event):
    label: str
    artifact_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Event):
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUnavailable(Event):
    """The profile could not be opened. With `restorable` the command RestoreProfile may help; nothing was changed."""

    what: str
    where: str
    todo: str
    restorable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRestored(Event):
    """A backup took the place of a damaged database, which is kept whole at `kept` ("": there was none)."""

    backup: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A command could not be done. Words for the user: what, where, what to do. Nothing was lost."""

    what: str
    where: str = ""
    todo: str = ""
