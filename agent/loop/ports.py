"""What the turn loop needs of the world, as small protocols. compose.py brings the real parts, tests bring twins."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from agent.protocol.records import AnswerLabel, Call, Message, Outcome, Question, Summary
from models.contracts import Called, ChatRequest, Delta, Finished, ToolCall, ToolCard
from sync.item import Item

if TYPE_CHECKING:
    from agent.conversation.rounds import Round, Spoken
    from agent.loop.offering import Offered
    from agent.loop.prompt import Retelling


@dataclass(frozen=True, slots=True)
class Situation:
    """What a request is read together with. `calls`: those just made, as they now stand; `question`: what the last turn
    asked; `replaced`: the earlier call whose place its answer takes; `known`: (kind, name) of what the user has;
    `tools`: cards of those that the starter was not trained on."""

    calls: tuple[Call, ...] = ()
    question: Question | None = None
    replaced: Call | None = None
    known: tuple[tuple[str, str], ...] = ()
    tools: tuple[ToolCard, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One thing the user asked. `cause`: id of the command behind it; `approve`, `dry_run`: the command line's;
    `imagined`: for a dry run, what it is read with instead of the conversation; `kept_only`: tools answer from what was
    kept, the network is left alone; `sources`: who wrote some of the text besides the user."""

    text: str
    conversation_id: str | None = None
    cause: str = ""
    approve: bool = False
    dry_run: bool = False
    replaces: str = ""  # id of the user's message that this one is asked instead of
    imagined: Situation | None = None
    kept_only: bool = False
    sources: tuple[str, ...] = ()


class Way(StrEnum):
    """How a call stands to the one before it."""

    NEW = "new"
    AMEND = "amend"  # in its place
    UNDO = "undo"  # takes it back
    OTHER = "other"  # the same words, and not what they found then


@dataclass(frozen=True, slots=True)
class Intended:
    """A call as the model wants it: argument values are spans of the user's words. `earlier`: the call that `way` is
    about; `target`: id of the piece of work that is meant; `answers`: id of the stored call that had a question.

    `wrong`: why what a chat model wrote is no call that can be made; `unsaid`: it would tell the network what the user
    never wrote; `read_before`: what whoever decided it had read by then that nobody here wrote."""

    tool: str
    args: dict[str, str]
    way: Way = Way.NEW
    earlier: Call | None = None
    target: str = ""
    answers: str = ""
    wrong: str = ""
    unsaid: bool = False
    read_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thought:
    """What the deciding model made of a request. `topic`: the kind of reply; `missing`: the tool that lacks words, and
    `lacks` its arguments; `guess`, `second`: two readings where it was not sure; `follow`: what the calls have to do
    with those before (models.contracts.Follow), "pick" or "none": an answer to choices."""

    outcome: Outcome
    label: AnswerLabel
    calls: tuple[Intended, ...] = ()
    topic: str | None = None
    missing: str | None = None
    lacks: tuple[str, ...] = ()
    guess: tuple[Intended, ...] = ()
    second: tuple[Intended, ...] = ()
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of one call. `asks` is a question to the user: the call could not be completed as it stands, and
    `question` is what completes it. `also`: earlier calls that changed with it."""

    call: Call
    item: Item | None = None
    asks: str = ""
    question: Question | None = None
    also: tuple[Call, ...] = ()


class Mind(Protocol):
    """The models: one that decides, and one that may talk at length."""

    def decide(self, text: str, situation: Situation) -> Thought: ...

    def talks(self) -> bool:
        """Whether a chat model is chosen beside the starter."""
        ...

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        """One answer of the chat model as it comes. Raises LeaveTurnError; TooLongError where it cannot hold the
        request, with the measure of it learned. Closing it ends the answer."""
        ...

    def chat_label(self, answers: Sequence[Finished] = ()) -> AnswerLabel:
        """What made a talk of these answers."""
        ...

    def window(self, *, wait: bool = True) -> int:
        """Tokens that the chat model holds. 0: it is not loaded, and is not waited for."""
        ...

    def window_why(self) -> str:
        """Why no more of them, in words; "" where that is not known."""
        ...

    def tokens(self, characters: int) -> int:
        """About how many the chat model makes of so many characters."""
        ...

    def heed(self) -> None:
        """Raises CancelledByUserError when the user has pressed Stop."""
        ...


class Brief(Protocol):
    """What a chat model is told besides what was said, and what its calls mean."""

    def system(self, *, acts: bool) -> str: ...

    def offered(self, room: int) -> "Offered":
        """Tools that the settings do not deny, within so many characters."""
        ...

    def intended(self, call: ToolCall, known: Mapping[str, Call], said: Sequence[str]) -> Intended:
        """`known`: earlier calls by the id that the model was told; `said`: the user's own messages."""
        ...

    def name(self, call: Call) -> str:
        """Of its tool, as the model writes it."""
        ...

    def told(self, call: Call, room: int) -> str:
        """What came of it, for the model, within so many characters."""
        ...

    def retelling(self, room: int) -> "Retelling": ...

    def is_open(self, call: Call) -> bool:
        """Whether it still waits for the user or for the network."""
        ...

    @property
    def zone(self) -> tzinfo: ...


class Recall(Protocol):
    """What stands before a request."""

    def situation(self, request: Request, asked: Message) -> Situation: ...


class Hands(Protocol):
    """Carries out one call: runs the tool, stores call and outbox row together."""

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted: ...


class Log(Protocol):
    """The conversation's store. What it returns is on the disk."""

    def begin_turn(self, request: Request) -> Message: ...

    def thread(self, conversation_id: str) -> "Sequence[Spoken]": ...

    def read(self, conversation_id: str) -> "Sequence[str]":
        """What has been read in it that nobody here wrote, in words."""
        ...

    def lent(self, conversation_id: str) -> "Sequence[str]":
        """Who else wrote in the user's own messages in it, in words."""
        ...

    def keep_partial(self, asked: Message, text: str, rounds: "Sequence[Round]" = ()) -> None:
        """What a streamed answer has so far, so that even a crash keeps it."""
        ...

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        """What stands for the oldest messages, and the place of the last of them."""
        ...

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        """Keep what is to stand for them from now on; the notice that tells the user."""
        ...

    def announced(self, summary: Summary, words: str) -> Message | None:
        """A notice of a summary in force that none tells of any more."""
        ...

    def notice(self, conversation_id: str, words: str) -> Message:
        """What Carryon has to say about itself in the thread."""
        ...

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool,
        question: Question | None = None,
    ) -> Message: ...  # fmt: skip


class Voice(Protocol):
    """Carryon's own words, in the user's tone, length, format and language."""

    def acted(self, deeds: Sequence[Acted]) -> str: ...

    def reply(self, topic: str, facts: Mapping[str, Any]) -> str: ...

    def clarify(self, tool: str | None, missing: Sequence[str] = (), given: Mapping[str, Any] | None = None) -> str: ...

    def offer(self, tool: str, args: Mapping[str, Any]) -> str:
        """What a call would do, as it stands on a button and in a question."""
        ...

    def readings(self, offers: Sequence[str]) -> str: ...

    def handoff(self) -> str: ...

    def stopped(self, why: str) -> str: ...

    def enforce(self, piece: str) -> str:
        """Hold streamed text of a chat model to the rules of the settings (no emoji means none)."""
        ...


class Lessons(Protocol):
    """Learns, with consent, from what the user makes of an answer."""

    def told(self, thought: Thought, situation: Situation, asked: Message) -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    mind: Mind
    hands: Hands
    log: Log
    voice: Voice
    recall: Recall
    lessons: Lessons
    brief: Brief
