"""The plain rows that events carry to a front end. Times are unix milliseconds, UTC; ids are UUID text.

Outbox rows are `sync.item.Item`, settings problems and options `agent.agentrc` records: one shape each, not copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    USER = "user"
    AGENT = "agent"
    NOTICE = "notice"  # said by Carryon about itself: a reset, a switch of model


class Outcome(StrEnum):
    """How a turn ended, as scripts see it (the command line's contract)."""

    ANSWERED = "answered"
    CALLED = "called"
    HANDOFF = "handoff"
    CLARIFY = "clarify"


class CallStatus(StrEnum):
    PROPOSED = "proposed"  # shown, nothing done: waits for the user's yes (rc.set) or was a dry run
    BEGUN = "begun"  # another program was asked to do it here, and what came of it is not written down yet
    DONE = "done"
    UNKNOWN = "unknown"  # begun, and no answer came: it may have happened, the user decides
    QUEUED = "queued"
    WAITING = "waiting_approval"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"  # it was done or waited, and was taken back on request


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    title: str
    created_at: int
    updated_at: int
    messages: int = 0
    trashed_at: int | None = None
    draft: str = ""
    draft_sources: tuple[str, ...] = ()  # who wrote some of that besides the user
    branch_of: str | None = None
    can_undo: bool = False  # a reset that can still be taken back


TRAIL = "trail"  # in a call's facts: what is kept for a later follow-up, no words are made of it


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool. `outbox_id`: its effect waits in the outbox; `artifact_id`: the work that came of it."""

    id: str
    turn_id: str
    tool: str
    args: Mapping[str, Any]
    status: CallStatus
    result: str = ""  # words for the user
    outbox_id: str | None = None
    artifact_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # what the words were made of; JSON values

    @property
    def tries(self) -> int:
        """How often another program was asked for it."""
        return int((self.facts.get(TRAIL) or {}).get("tries", 0))


@dataclass(frozen=True, slots=True)
class Planned:
    """A call that is not made yet. `target`: id of the one piece of work that is meant, "" where the words decide."""

    tool: str
    args: Mapping[str, str]
    target: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to pick: its words on a button, and the calls that it stands for."""

    words: str
    calls: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn ended by asking; kept with it, so that the next message may answer after a restart too.

    `tool`, `args`: the call so far, which still needs the arguments `lacks`; `choices`: answers to pick. `call_id`: the
    stored call that it is about; `instead_of`: the earlier call whose place the answer takes; "" for none.
    """

    tool: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    call_id: str = ""
    instead_of: str = ""


SUMMARY_CHARACTERS_MAX = 4_000  # of its text, whoever wrote it


@dataclass(frozen=True, slots=True)
class Summary:
    """What a chat model is told in place of the oldest messages of a conversation. `text` "": nothing, and `why` says
    why; `messages`: how many it stands for; `made_by`: a model's name, or "you"; `is_current`: no later one took its
    place."""

    id: str
    conversation_id: str
    messages: int
    text: str
    why: str
    made_by: str
    created_at: int
    is_on: bool = True
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class AnswerLabel:
    """What made an answer (promise 5 in agent/README.md). Every agent message carries one. `summed_up`, `left_out`:
    how many of the oldest messages the model had as a summary only, or not at all; `data_from`: when the oldest kept
    copy that was used had been fetched, unix milliseconds; None: everything was as of then."""

    level: str  # frontier, secondary, local, rules, human
    model: str
    model_sha256: str
    adapter_sha256: str
    prompt_version: str
    config_hash: str
    confidence: float | None
    first_token_ms: float | None
    total_ms: float | None
    summed_up: int = 0
    left_out: int = 0
    data_from: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    conversation_id: str
    turn_id: str
    role: Role
    text: str
    created_at: int
    calls: tuple[Call, ...] = ()
    label: AnswerLabel | None = None
    outcome: Outcome | None = None
    complete: bool = True  # False: cut short by a cancel or a crash; the text so far is kept
    question: Question | None = None  # what the agent's message asks, where the next message may complete a call
    summary: Summary | None = None  # what the notice is about
    sources: tuple[str, ...] = ()  # who wrote some of it besides the user, in words


@dataclass(frozen=True, slots=True)
class Artifact:
    id: str
    kind: str  # note, document, task, event, page, file
    title: str
    created_at: int
    updated_at: int
    head: int  # number of the newest version, from 1
    tags: tuple[str, ...] = ()
    snippet: str = ""
    trashed_at: int | None = None
    data: Mapping[str, Any] = field(
        default_factory=dict
    )  # structure of tasks and events: due, done, starts_at, ends_at


@dataclass(frozen=True, slots=True)
class Version:
    artifact_id: str
    n: int
    sha256: str
    size_bytes: int
    author: str  # "you" or "carryon"
    created_at: int
    conversation_id: str | None
    note: str = ""  # "restored from version 2", "imported from report.md"


@dataclass(frozen=True, slots=True)
class ResetPreview:
    """What a reset keeps and what it lets go, counted before anything happens."""

    conversation_id: str
    messages: int
    keeps_artifacts: tuple[Artifact, ...]
    keeps_outbox: int
    drops_derived: tuple[str, ...]  # names of the derived copies that are purged


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    path: str
    size_bytes: int
    sha256: str
    kind: str  # starter, chat or search
    current: bool
    note: str = ""  # what is wrong with it, or what it is for


@dataclass(frozen=True, slots=True)
class ModelJob:
    """Something with models that goes on beside the conversation. `kind`: fetch, check, add, find, measure or
    devices; `name`: of the model; `file`: what a download will be called. `state`: waiting (for its turn), going, held
    (until the network's switch is on), paused, stopped, done or failed; `phase`: of a download that goes on: asking,
    fetching, waiting (for the network), checking. `total` 0: not known. `note`: what the user should know of it;
    `why`, `where`, `todo`: of a failure; `again`: fetching the file anew may mend that; `newer`: its publisher has
    exchanged the file since it came."""

    id: str
    kind: str
    name: str = ""
    file: str = ""
    state: str = "waiting"
    phase: str = ""
    done: int = 0
    total: int = 0
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    note: str = ""
    why: str = ""
    where: str = ""
    todo: str = ""
    again: bool = False
    newer: bool = False


@dataclass(frozen=True, slots=True)
class PracticeMessage:
    """Something the practice mailbox, channel or tracker received."""

    id: str
    kind: str  # email, message, issue
    to: str
    subject: str
    body: str
    received_at: int


@dataclass(frozen=True, slots=True)
class AbilityView:
    """One line of the contract. `does`: it is held to a floor; `where`: the place such a request goes to instead;
    `verdict` as of the contract: pass, regress, insufficient, or "" where nothing is promised."""

    title: str
    about: str
    group: str  # a heading
    does: bool
    figure: str  # "93 % right (88 to 97 %, 61 cases)"
    verdict: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class FloorView:
    """A bound on what the starter may cost. `met` None: not measured on this machine yet."""

    title: str
    bound: str
    measured: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class ProductView:
    """The starter as a product, for the Models room. `trouble`: why its contract or card cannot be read."""

    name: str
    sha256: str
    verdict: str  # pass, regress, insufficient
    why: str
    abilities: tuple[AbilityView, ...]
    floors: tuple[FloorView, ...]
    reliability: tuple[tuple[float, float, int], ...]  # said, right, how many
    measured: str  # when and on what, "" for never on this machine
    report: str  # the loss statement, Markdown
    trouble: str = ""
