"""One turn, whole: store the request, decide, act, say. A generator of events; no thread, no Qt, no database.

The starter decides what is to be done. What it cannot do itself goes to the chat model where one is chosen
(talking.py), else the user is told honestly. Each step is on the disk before its event leaves here.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace

from agent.loop.freshness import dated
from agent.loop.leave import CancelledByUserError, LeaveTurnError
from agent.loop.links import linked
from agent.loop.ports import Acted, Ports, Request, Situation, Thought, Way
from agent.loop.questions import asked_back
from agent.loop.reading import read
from agent.loop.talking import Said, converse
from agent.protocol.events import CallSettled, Event, TurnEnded, TurnStarted
from agent.protocol.records import AnswerLabel, Message, Outcome

CALLS_MAX = 3  # in one message, in order, of those that the starter decides

NO_LABEL = AnswerLabel("local", "", "", "", "", "", None, None, None)


def run_turn(request: Request, ports: Ports) -> Iterator[Event]:
    """Answer `request`; the last event is TurnEnded, whatever happens on the way."""
    asked = ports.log.begin_turn(request)
    yield from play(asked, _decided(asked, request, ports), request, ports)


def play(asked: Message, course: Generator[Event, None, Said], request: Request, ports: Ports) -> Iterator[Event]:
    """A turn whose first message is on the disk, from there to its end. `course`: what is done and said in it."""
    yield TurnStarted(cause=request.cause, turn_id=asked.turn_id, message=asked)
    left: LeaveTurnError | None = None
    try:
        text, outcome, label, question = yield from course
    except LeaveTurnError as leave:
        text, outcome, label, question, left = leave.said, Outcome.ANSWERED, leave.label or NO_LABEL, None, leave
    if left:
        text = "\n\n".join(part for part in (text, ports.voice.stopped(left.why)) if part)
    answer = ports.log.end_turn(asked, text, outcome, label, complete=left is None, question=question)
    cancelled = isinstance(left, CancelledByUserError)
    yield TurnEnded(
        cause=request.cause, turn_id=asked.turn_id, message=answer, outcome=outcome, label=label, cancelled=cancelled
    )


def _decided(asked: Message, request: Request, ports: Ports) -> Generator[Event, None, Said]:
    situation = ports.recall.situation(request, asked)
    thought = read(ports.mind.decide(request.text, situation), situation)
    said = yield from _follow(thought, situation, asked, request, ports)
    _learn(thought, situation, asked, request, ports)
    return said


def _follow(
    thought: Thought, situation: Situation, asked: Message, request: Request, ports: Ports
) -> Generator[Event, None, Said]:
    voice = ports.voice
    if thought.outcome is Outcome.CALLED:
        deeds = yield from _act(thought, asked, request, ports)
        question = next((deed.question for deed in deeds if deed.asks), None)
        asks = any(deed.asks for deed in deeds)
        outcome = Outcome.CLARIFY if asks else Outcome.CALLED
        return voice.acted(deeds), outcome, dated(thought.label, deeds), question
    if thought.outcome is Outcome.CLARIFY:
        words, question = asked_back(thought, voice)
        return words, Outcome.CLARIFY, thought.label, question
    if ports.mind.talks() and not thought.follow:
        return (yield from converse(asked, request, situation, ports))
    if thought.outcome is Outcome.HANDOFF:
        return voice.handoff(), Outcome.HANDOFF, thought.label, None
    facts = {"model": thought.label.model}
    return voice.reply(thought.topic or "other", facts), Outcome.ANSWERED, thought.label, None


def _act(thought: Thought, asked: Message, request: Request, ports: Ports) -> Generator[Event, None, list[Acted]]:
    deeds: list[Acted] = []
    lent = _lent(thought, asked, ports)
    for intended in thought.calls[:CALLS_MAX]:
        meant = linked(intended, deeds)
        if lent:
            meant = replace(meant, read_before=(*meant.read_before, *lent), unsaid=meant.way is not Way.UNDO)
        deed = ports.hands.act(asked.turn_id, asked.conversation_id, meant, request)
        deeds.append(deed)
        yield CallSettled(cause=request.cause, turn_id=asked.turn_id, call=deed.call, item=deed.item)
        for call in deed.also:
            yield CallSettled(cause=request.cause, turn_id=call.turn_id, call=call)
    return deeds


def _lent(thought: Thought, asked: Message, ports: Ports) -> tuple[str, ...]:
    """Who else's words the calls may be made of: those of this message, or of an earlier one that they go on from.
    Taking back is no more than the user's own word."""
    if not thought.follow or thought.follow == "undo":
        return asked.sources
    return tuple(dict.fromkeys((*ports.log.lent(asked.conversation_id), *asked.sources)))


def _learn(thought: Thought, situation: Situation, asked: Message, request: Request, ports: Ports) -> None:
    if thought.follow and not request.dry_run and not _lent(thought, asked, ports):
        ports.lessons.told(thought, situation, asked)
