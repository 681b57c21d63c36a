"""The turn loop against small ports: what is stored, in which order events come, how a turn is left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

import pytest

from agent.conversation.rounds import Round, Spoken
from agent.loop.leave import CancelledByUserError, LeaveTurnError, ModelGoneError
from agent.loop.offering import Offered
from agent.loop.ports import Acted, Intended, Ports, Request, Situation, Thought
from agent.loop.prompt import Retelling
from agent.loop.talking import REPLY_CHARACTERS_MAX
from agent.loop.tool_names import ToolNames
from agent.loop.turn import CALLS_MAX, run_turn
from agent.protocol.events import CallSettled, Event, TokenArrived, TurnEnded, TurnStarted
from agent.protocol.records import AnswerLabel, Call, CallStatus, Message, Outcome, Question, Role, Summary
from models.contracts import Called, ChatRequest, Delta, Finished, ToolCall

LABEL = AnswerLabel("local", "starter", "ab", "", "1", "cd", 0.9, 1.0, 2.0)


@dataclass
class Log:
    """Keeps what was stored, so that order against events can be seen."""

    stored: list[Message] = field(default_factory=list)
    partial: str = ""

    def begin_turn(self, request: Request) -> Message:
        self.stored.append(Message("m1", "c1", "t1", Role.USER, request.text, 0))
        return self.stored[-1]

    def thread(self, conversation_id: str) -> Sequence[Spoken]:
        return tuple(Spoken(said, number) for number, said in enumerate(self.stored))

    def keep_partial(self, asked: Message, text: str, rounds: Sequence[Round] = ()) -> None:
        self.partial = text

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        return None

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        raise AssertionError("nothing here is too long")

    def read(self, conversation_id: str) -> tuple[str, ...]:
        return ()

    def lent(self, conversation_id: str) -> tuple[str, ...]:
        return ()

    def announced(self, summary: Summary, words: str) -> Message | None:
        return None

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool,
        question: Question | None = None,
    ) -> Message:  # fmt: skip
        self.stored.append(Message("m2", "c1", "t1", Role.AGENT, text, 0, (), label, outcome, complete, question))
        return self.stored[-1]


@dataclass
class Mind:
    thought: Thought
    pieces: tuple[str, ...] = ()
    breaks: LeaveTurnError | None = None
    big: bool = False
    read_with: list[Situation] = field(default_factory=list)

    def decide(self, text: str, situation: Situation) -> Thought:
        self.read_with.append(situation)
        if self.breaks and not self.pieces:
            raise self.breaks
        return self.thought

    def talks(self) -> bool:
        return self.big

    def chat(self, request: ChatRequest) -> Iterator[Delta | Called | Finished]:
        yield from (Delta(number, piece) for number, piece in enumerate(self.pieces))
        if self.breaks:
            raise self.breaks
        yield Finished("stop", len(self.pieces), 100, 0, 1.0, 2.0)

    def chat_label(self, answers: Sequence[Finished] = ()) -> AnswerLabel:
        return replace(LABEL, model="chat")

    def window(self, *, wait: bool = True) -> int:
        return 100_000

    def window_why(self) -> str:
        return ""

    def tokens(self, characters: int) -> int:
        return characters // 4

    def heed(self) -> None:
        """Nobody presses Stop."""


class Brief:
    zone: tzinfo = UTC

    def system(self, *, acts: bool) -> str:
        return "You are Carryon."

    def offered(self, room: int) -> Offered:
        return Offered(())

    def intended(self, call: ToolCall, known: Mapping[str, Call], said: Sequence[str]) -> Intended:
        return Intended(call.name, {name: str(value) for name, value in call.arguments.items()})

    def told(self, call: Call, room: int) -> str:
        return call.result

    def retelling(self, room: int) -> Retelling:
        return Retelling(ToolNames(()), lambda call: call.result)

    def is_open(self, call: Call) -> bool:
        return False


class Hands:
    def __init__(self) -> None:
        self.acted: list[Intended] = []

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted:
        self.acted.append(call)
        asks = "which" if call.tool == "asks" else ""
        return Acted(Call(call.tool, turn_id, call.tool, call.args, CallStatus.DONE, f"did {call.tool}"), asks=asks)


class Voice:
    def acted(self, deeds: Sequence[Acted]) -> str:
        return "; ".join(deed.call.result for deed in deeds)

    def reply(self, topic: str, facts: Mapping[str, Any]) -> str:
        return f"about {topic}"

    def clarify(self, tool: str | None, missing: Sequence[str] = (), given: Mapping[str, Any] | None = None) -> str:
        return f"what for {' and '.join(missing) + ' of ' if missing else ''}{tool}?"

    def offer(self, tool: str, args: Mapping[str, Any]) -> str:
        return f"do {tool} with {' '.join(args.values())}"

    def readings(self, offers: Sequence[str]) -> str:
        return " or ".join(offers)

    def handoff(self) -> str:
        return "beyond me"

    def stopped(self, why: str) -> str:
        return f"[{why}]"

    def enforce(self, piece: str) -> str:
        return piece.replace("🙂", "")


@dataclass
class Recall:
    found: Situation = field(default_factory=Situation)

    def situation(self, request: Request, asked: Message) -> Situation:
        return self.found


@dataclass
class Lessons:
    heard: list[str] = field(default_factory=list)

    def told(self, thought: Thought, situation: Situation, asked: Message) -> None:
        self.heard.append(str(thought.follow))


def run(mind: Mind, situation: Situation | None = None) -> tuple[list[Event], Log, Hands]:
    log, hands = Log(), Hands()
    ports = Ports(mind, hands, log, Voice(), Recall(situation or Situation()), Lessons(), Brief())
    events = list(run_turn(Request("do it", cause="k"), ports))
    return events, log, hands


def ended(events: list[Event]) -> TurnEnded:
    assert isinstance(events[0], TurnStarted)
    assert isinstance(events[-1], TurnEnded)
    assert {event.cause for event in events} == {"k"}
    return events[-1]


def called(*tools: str) -> Thought:
    return Thought(Outcome.CALLED, LABEL, tuple(Intended(tool, {}) for tool in tools))


def test_calls_run_in_order_and_each_is_reported() -> None:
    events, _, _ = run(Mind(called("first", "second")))
    assert [event.call.tool for event in events if isinstance(event, CallSettled)] == ["first", "second"]
    assert ended(events).message.text == "did first; did second"
    assert ended(events).outcome is Outcome.CALLED


def test_a_request_is_read_with_what_was_before_it() -> None:
    mind = Mind(called("first"))
    before = Situation(known=(("contact", "Dana"),))
    run(mind, before)
    assert mind.read_with == [before]


def test_a_question_is_kept_with_the_turn() -> None:
    thought = Thought(Outcome.CLARIFY, LABEL, missing="email.send", lacks=("body",),
                      guess=(Intended("email.send", {"to": "Dana"}),))  # fmt: skip
    ending = ended(run(Mind(thought))[0])
    assert ending.message.text == "what for body of email.send?"
    assert ending.message.question == Question("email.send", {"to": "Dana"}, ("body",))


def test_two_readings_are_choices_and_two_that_are_alike_are_one() -> None:
    task, note = Intended("task.add", {"title": "x"}), Intended("note.create", {"body": "x"})
    both = ended(run(Mind(Thought(Outcome.CLARIFY, LABEL, guess=(task,), second=(note,))))[0]).message
    assert both.text == "do task.add with x or do note.create with x"
    assert [choice.words for choice in both.question.choices] == ["Do task.add with x", "Do note.create with x"]
    one = ended(run(Mind(Thought(Outcome.CLARIFY, LABEL, guess=(task,), second=(task,))))[0]).message
    assert len(one.question.choices) == 1


def test_a_follow_up_without_a_call_is_never_given_to_the_chat_model() -> None:
    thought = Thought(Outcome.CALLED, LABEL, (Intended("task.add", {}),), follow="undo")
    assert ended(run(Mind(thought, ("no",), big=True))[0]).message.text == "about nothing_to_change"


def test_no_more_calls_than_the_bound() -> None:
    _, _, hands = run(Mind(called(*"abcdefgh")))
    assert len(hands.acted) == CALLS_MAX


def test_a_call_that_asks_makes_the_turn_a_question() -> None:
    assert ended(run(Mind(called("asks")))[0]).outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    ("thought", "text"),
    [
        (Thought(Outcome.ANSWERED, LABEL, topic="greeting"), "about greeting"),
        (Thought(Outcome.CLARIFY, LABEL, missing="timer.set"), "what for timer.set?"),
        (Thought(Outcome.HANDOFF, LABEL), "beyond me"),
    ],
)
def test_every_outcome_has_words_and_a_label(thought: Thought, text: str) -> None:
    events, log, _ = run(Mind(thought))
    assert ended(events).message.text == text
    assert ended(events).label is LABEL
    assert log.stored[-1].text == text


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.HANDOFF])
def test_a_chat_model_takes_what_the_starter_leaves(outcome: Outcome) -> None:
    events, _, _ = run(Mind(Thought(outcome, LABEL), ("Hel", "lo 🙂"), big=True))
    assert [event.text for event in events if isinstance(event, TokenArrived)] == ["Hel", "lo "]
    assert ended(events).message.text == "Hello "
    assert ended(events).label.model == "chat"


def test_the_starter_still_acts_when_a_chat_model_is_chosen() -> None:
    assert ended(run(Mind(called("first"), ("no",), big=True))[0]).label.model == "starter"


def test_a_cancel_keeps_what_had_arrived() -> None:
    mind = Mind(Thought(Outcome.HANDOFF, LABEL), ("so far",), CancelledByUserError("You stopped it."), big=True)
    events, log, _ = run(mind)
    assert ended(events).cancelled
    assert log.stored[-1].text == "so far\n\n[You stopped it.]"
    assert not log.stored[-1].complete


def test_a_model_that_dies_before_a_word_still_ends_the_turn() -> None:
    events, log, _ = run(Mind(called(), breaks=ModelGoneError("It died.")))
    assert not ended(events).cancelled
    assert [message.role for message in log.stored] == [Role.USER, Role.AGENT]


def test_an_endless_answer_is_cut_and_says_so() -> None:
    pieces = ("x" * 1_000,) * (REPLY_CHARACTERS_MAX // 1_000 + 50)
    events, _, _ = run(Mind(Thought(Outcome.HANDOFF, LABEL), pieces, big=True))
    assert len(ended(events).message.text) < REPLY_CHARACTERS_MAX + 2_000
    assert not ended(events).message.complete


def test_a_long_answer_is_kept_while_it_streams() -> None:
    mind = Mind(Thought(Outcome.HANDOFF, LABEL), ("word ",) * 70, big=True)
    log = Log()
    stream = run_turn(Request("do it"), Ports(mind, Hands(), log, Voice(), Recall(), Lessons(), Brief()))
    for event in stream:
        if isinstance(event, TokenArrived) and event.index == 65:
            break
    assert log.partial == "word " * 64
