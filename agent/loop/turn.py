"""One turn, whole: store the request, decide, act, say. A generator of events; no thread, no Qt, no database.

The starter decides what is to be done. What it cannot do itself goes to the chat model where one is chosen, else the
user is told honestly. Each step is on the disk before its event leaves here.
"""

from collections.abc import Generator, Iterator

from agent.loop.leave import CancelledByUserError, LeaveTurnError
from agent.loop.ports import Acted, Ports, Request, Situation, Thought
from agent.loop.questions import asked_back
from agent.loop.reading import read
from agent.protocol.events import CallSettled, Event, TokenArrived, TurnEnded, TurnStarted
from agent.protocol.records import AnswerLabel, Message, Outcome, Question

CALLS_MAX = 3  # in one message, in order
KEPT_EVERY_PIECES = 32  # of a streamed answer: what a crash of the whole program may cost of it
REPLY_CHARACTERS_MAX = 200_000  # of a chat model's answer; past that it is cut and says so

NO_LABEL = AnswerLabel("local", "", "", "", "", "", None, None, None)

Said = tuple[str, Outcome, AnswerLabel, Question | None]  # an answer, how the turn ended, what made it, what it asks


def run_turn(request: Request, ports: Ports) -> Iterator[Event]:
    """Answer `request`; the last event is TurnEnded, whatever happens on the way."""
    asked = ports.log.begin_turn(request)
    yield TurnStarted(cause=request.cause, turn_id=asked.turn_id, message=asked)
    try:
        situation = ports.recall.situation(request, asked)
        thought = ports.mind.decide(request.text, situation)
        thought = read(thought, situation)
        text, outcome, label, question = yield from _follow(thought, asked, request, ports)
        _learn(thought, situation, asked, request, ports)
        left: LeaveTurnError | None = None
    except LeaveTurnError as leave:
        text, outcome, label, question, left = leave.said, Outcome.ANSWERED, leave.label or NO_LABEL, None, leave
    if left:
        text = "\n\n".join(part for part in (text, ports.voice.stopped(left.why)) if part)
    answer = ports.log.end_turn(asked, text, outcome, label, complete=left is None, question=question)
    cancelled = isinstance(left, CancelledByUserError)
    yield TurnEnded(
        cause=request.cause, turn_id=asked.turn_id, message=answer, outcome=outcome, label=label, cancelled=cancelled
    )


def _follow(thought: Thought, asked: Message, request: Request, ports: Ports) -> Generator[Event, None, Said]:
    voice = ports.voice
    if thought.outcome is Outcome.CALLED:
        deeds = yield from _act(thought, asked, request, ports)
        question = next((deed.question for deed in deeds if deed.asks), None)
        asks = any(deed.asks for deed in deeds)
        return voice.acted(deeds), Outcome.CLARIFY if asks else Outcome.CALLED, thought.label, question
    if thought.outcome is Outcome.CLARIFY:
        words, question = asked_back(thought, voice)
        return words, Outcome.CLARIFY, thought.label, question
    if ports.mind.talks() and not thought.follow:
        text = yield from _talk(asked, request, ports)
        return text, Outcome.ANSWERED, ports.mind.chat_label(), None
    if thought.outcome is Outcome.HANDOFF:
        return voice.handoff(), Outcome.HANDOFF, thought.label, None
    facts = {"model": thought.label.model}
    return voice.reply(thought.topic or "other", facts), Outcome.ANSWERED, thought.label, None


def _act(thought: Thought, asked: Message, request: Request, ports: Ports) -> Generator[Event, None, list[Acted]]:
    deeds: list[Acted] = []
    for intended in thought.calls[:CALLS_MAX]:
        deed = ports.hands.act(asked.turn_id, asked.conversation_id, intended, request)
        deeds.append(deed)
        yield CallSettled(cause=request.cause, turn_id=asked.turn_id, call=deed.call, item=deed.item)
        for call in deed.also:
            yield CallSettled(cause=request.cause, turn_id=call.turn_id, call=call)
    return deeds


def _learn(thought: Thought, situation: Situation, asked: Message, request: Request, ports: Ports) -> None:
    if thought.follow and not request.dry_run:
        ports.lessons.told(thought, situation, asked)


def _talk(asked: Message, request: Request, ports: Ports) -> Generator[Event, None, str]:
    """Stream the chat model; text that has arrived survives a cancel or a crash."""
    said: list[str] = []
    length = 0
    try:
        for index, piece in enumerate(ports.mind.chat(ports.log.thread(asked.conversation_id))):
            kept = ports.voice.enforce(piece)
            said.append(kept)
            length += len(kept)
            yield TokenArrived(cause=request.cause, turn_id=asked.turn_id, index=index, text=kept)
            if index % KEPT_EVERY_PIECES == KEPT_EVERY_PIECES - 1:
                ports.log.keep_partial(asked, "".join(said))
            if length > REPLY_CHARACTERS_MAX:
                raise LeaveTurnError("The answer grew longer than Carryon keeps in one message.")
    except LeaveTurnError as leave:
        leave.said = "".join(said)
        leave.label = ports.mind.chat_label()
        raise
    return "".join(said)
