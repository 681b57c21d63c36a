"""Laws of the memory of a conversation: what is left fits, the newest stay whole, and nothing that the user wrote is
lost, changed or put in another order, whatever is folded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.conversation.rounds import Spoken
from agent.loop.fitting import Fitted, fitted
from agent.loop.folding import KEPT_WHOLE, cut
from agent.loop.gauge import weight_of
from agent.loop.leave import LeaveTurnError, ModelGoneError
from agent.loop.offering import Offered
from agent.loop.ports import Intended, Ports
from agent.loop.prompt import Retelling
from agent.loop.tool_names import ToolNames
from agent.protocol.events import Event
from agent.protocol.records import AnswerLabel, Call, Message, Role, Summary
from models.contracts import Called, ChatRequest, ChatTool, Delta, Finished, ToolCall

sizes = st.lists(st.integers(1, 500), max_size=60)


@given(sizes, st.integers(0, 2_000), st.integers(0, 2_000))
def test_what_is_left_fits_or_nothing_could(turns: list[int], fixed: int, holds: int) -> None:
    gone = cut(turns, fixed, holds)
    if gone is None:
        assert fixed > holds
    else:
        assert fixed + sum(turns[gone:]) <= holds
        assert gone == 0 or fixed + sum(turns) > holds, "nothing goes while all fits"


@given(sizes, st.integers(0, 2_000), st.integers(0, 2_000))
def test_the_newest_stay_whole_where_they_fit(turns: list[int], fixed: int, holds: int) -> None:
    if fixed + sum(turns[-KEPT_WHOLE:]) <= holds:
        gone = cut(turns, fixed, holds)
        assert gone is not None
        assert gone <= max(len(turns) - KEPT_WHOLE, 0)


@dataclass
class Log:
    """A thread in memory that keeps what is put in the place of its beginning."""

    spoken: list[Spoken]
    kept: tuple[Summary, int] | None = None
    notices: list[str] = field(default_factory=list)

    def thread(self, conversation_id: str) -> Sequence[Spoken]:
        return self.spoken

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        return self.kept

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        self.kept = (made, until_seq)
        self.notices.append(words)
        return Message("n", conversation_id, "", Role.NOTICE, words, 0, summary=made)

    def read(self, conversation_id: str) -> tuple[str, ...]:
        return ()

    def announced(self, summary: Summary, words: str) -> Message | None:
        return None


@dataclass
class Mind:
    holds: int
    rate: float
    sums_up: bool

    def window(self, *, wait: bool = True) -> int:
        return self.holds

    def window_why(self) -> str:
        return ""

    def tokens(self, characters: int) -> int:
        return round(characters * self.rate)

    def chat(self, request: ChatRequest) -> Iterator[Delta | Called | Finished]:
        assert self.tokens(weight_of(request)) <= self.holds, "the request for a summary fits too"
        if not self.sums_up:
            raise ModelGoneError("It died.")
        yield Delta(0, "What was said before. " * 200)
        yield Finished("stop", 1, 1, 0, 1.0, 1.0)

    def chat_label(self, answers: Sequence[Finished] = ()) -> AnswerLabel:
        return AnswerLabel("local", "chat", "", "", "", "", None, None, None)


class Brief:
    zone: tzinfo = UTC

    def system(self, *, acts: bool) -> str:
        return "You are Carryon, an assistant."

    def offered(self, room: int) -> Offered:
        tools = tuple(ChatTool(f"tool{number}", "x" * 60) for number in range(room // 200))
        return Offered(tools[:10])

    def intended(self, call: ToolCall, known: Mapping[str, Call], said: Sequence[str]) -> Intended:
        raise AssertionError

    def told(self, call: Call, room: int) -> str:
        return ""

    def retelling(self, room: int) -> Retelling:
        return Retelling(ToolNames(()), lambda call: "")

    def is_open(self, call: Call) -> bool:
        return False


def thread(texts: Sequence[str]) -> list[Spoken]:
    made = []
    for number, text in enumerate(texts):
        for seq, role, said in ((2 * number + 1, Role.USER, text), (2 * number + 2, Role.AGENT, f"re: {text}")):
            made.append(Spoken(Message(f"m{seq}", "c", f"t{number}", role, said, number * 10_000_000), seq))
    return made


def fit(log: Log, mind: Mind, text: str, at: int = 10**12) -> tuple[Fitted, list[Event]]:
    ports = Ports(mind, None, log, None, None, None, Brief())  # type: ignore[arg-type]
    asked = Message("now", "c", "t-now", Role.USER, text, at)
    events: list[Event] = []
    fitting = fitted(asked, (), ports, may_call=True)
    while True:
        try:
            events.append(next(fitting))
        except StopIteration as ended:
            return ended.value, events


words = st.text(alphabet="abc äß漢\n", min_size=1, max_size=400)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(words, max_size=40), now=words, holds=st.integers(600, 4_000),
    rate=st.sampled_from([0.25, 0.6, 1.0]), sums_up=st.booleans(),
)  # fmt: skip
def test_a_thread_always_fits_and_keeps_the_users_words(
    texts: list[str], now: str, holds: int, rate: float, sums_up: bool
) -> None:
    log, mind = Log(thread(texts)), Mind(holds, rate, sums_up)
    before = list(log.spoken)
    try:
        found, events = fit(log, mind, now)
    except LeaveTurnError:
        alone = Log([])
        try:
            fit(alone, mind, now)
        except LeaveTurnError:
            return  # the message by itself is too long: said, not cut
        raise AssertionError("it fits without the older ones, so these should have gone") from None
    assert log.spoken == before, "the thread itself is never touched"
    assert mind.tokens(weight_of(found.request)) + found.request.max_tokens <= holds + len(texts)
    told = [message.text for message in found.request.messages if message.role == "user"]
    assert told[-1].endswith(now), "what was just written is whole"
    shown = texts[len(texts) - len(told) + 1 :]
    assert all(said.endswith(text) for said, text in zip(told, [*shown, now], strict=True)), "in order, and whole"
    gone = len(texts) - len(shown)
    assert bool(gone) is bool(log.notices) is any(type(event).__name__ == "NoticeAdded" for event in events)
    if gone:
        assert log.kept is not None
        made, until = log.kept
        assert (made.messages, until) == (2 * gone, 2 * gone)
        assert bool(made.text) is not bool(made.why), "a summary, or why there is none"


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(words, min_size=5, max_size=20), more=st.lists(words, min_size=1, max_size=12))
def test_what_stands_before_stays_the_same_until_the_next_fold(texts: list[str], more: list[str]) -> None:
    """So that what a model has read of it need not be read again."""
    mind = Mind(3_000, 0.5, True)
    log = Log(thread(texts))
    for number, text in enumerate(more):
        found, _ = fit(log, mind, text, at=(len(texts) + number) * 10_000_000)
        folds = len(log.notices)
        log.spoken = thread([*texts, *more[: number + 1]])
        after, _ = fit(log, mind, "and then?")
        if len(log.notices) == folds:
            same = len(found.request.messages)
            assert after.request.messages[:same] == found.request.messages
