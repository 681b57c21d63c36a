"""The chat model's part of a turn: it answers, calls tools, reads what came of them and goes on, within bounds.

What it writes is streamed. Text and calls are on the disk as they come: whatever ends the turn early leaves them there.
"""

from collections.abc import Generator
from dataclasses import replace

from agent.loop.carrying_out import CALLS_MAX, broken_off, carry_out
from agent.loop.fitting import fitted, measured
from agent.loop.gauge import weight_of
from agent.loop.leave import LeaveTurnError, TooLongError
from agent.loop.ports import Ports, Request, Situation
from agent.loop.prompt import GAP
from agent.loop.talk import Talk
from agent.protocol.events import ContextMeasured, Event, NoticeAdded, ThinkingArrived, TokenArrived
from agent.protocol.records import AnswerLabel, Message, Outcome, Question
from models.contracts import Called, Delta, Finished

ROUNDS_MAX = 6  # answers in one turn; the last one may not call any more
KEPT_EVERY_PIECES = 32  # of a streamed answer: what a crash of the whole program may cost of it
REPLY_CHARACTERS_MAX = 200_000  # past that an answer is cut and says so
THINKING_CHARACTERS_MAX = 200_000  # that are shown
COUNTED_WITHIN = 2.0  # a count that is further than this from the estimate was not one of this request

ENDS = {
    "length": "The answer reached the longest length that is asked of a model at once. Say “go on” for more.",
    "context": "The model's memory is full, so the answer ends here. Say “go on”: older messages then make room.",
}
SPEECHLESS = "The model ended without a word."

Said = tuple[str, Outcome, AnswerLabel, Question | None]  # an answer, how the turn ended, what made it, what it asks


def converse(asked: Message, request: Request, situation: Situation, ports: Ports) -> Generator[Event, None, Said]:
    """Raises LeaveTurnError with what there is by then."""
    return (yield from go_on(Talk(asked, request, situation, ports)))


def go_on(talk: Talk) -> Generator[Event, None, Said]:
    """From whatever the talk holds already."""
    try:
        for number in range(1, ROUNDS_MAX + 1):
            may_call = number < ROUNDS_MAX and len(talk.deeds) < CALLS_MAX
            yield from _answered(talk, may_call=may_call)
            if not (talk.pending and may_call):
                break
            yield from carry_out(talk, last=number == ROUNDS_MAX - 1)
    except LeaveTurnError as leave:
        yield from broken_off(talk)
        leave.said, leave.label = talk.text, talk.label()
        raise
    yield _measured(talk)
    yield from _noted(talk)
    return _ended(talk)


def _answered(talk: Talk, *, may_call: bool) -> Generator[Event, None, None]:
    """One answer. Where the model could not hold what it was given, its true measure is known now: once more."""
    talk.begin_answer()
    yield from _fit(talk, may_call=may_call)
    try:
        yield from _streamed(talk)
    except TooLongError:
        if talk.answer or talk.pending:
            raise
        yield from _fit(talk, may_call=may_call)
        yield from _streamed(talk)


def _fit(talk: Talk, *, may_call: bool) -> Generator[Event, None, None]:
    fitting = fitted(talk.asked, talk.exchange, talk.ports, may_call=may_call)
    while True:
        try:
            event = next(fitting)
        except StopIteration as ended:
            talk.fit = ended.value
            return
        yield replace(event, cause=talk.request.cause)


def _streamed(talk: Talk) -> Generator[Event, None, None]:
    for piece in talk.ports.mind.chat(talk.fitted.request):
        match piece:
            case Delta(thinking=True):
                yield from _thought(talk, piece.text)
            case Delta():
                yield from _spoken(talk, talk.ports.voice.enforce(piece.text))
            case Called(call):
                talk.pending.append(call)
            case Finished():
                talk.answers.append(piece)


def _thought(talk: Talk, text: str) -> Generator[Event, None, None]:
    talk.thought += len(text)
    if talk.thought <= THINKING_CHARACTERS_MAX:
        yield ThinkingArrived(cause=talk.request.cause, turn_id=talk.asked.turn_id, text=text)


def _spoken(talk: Talk, text: str) -> Generator[Event, None, None]:
    if talk.said and not talk.answer:  # a later answer of the turn is a paragraph of its own
        if not text.strip():
            return
        text = text.lstrip()
        yield _token(talk, GAP)
    talk.answer.append(text)
    yield _token(talk, text)
    if len(talk.said) % KEPT_EVERY_PIECES == 0:
        talk.keep()
    if talk.length > REPLY_CHARACTERS_MAX:
        raise LeaveTurnError("The answer grew longer than Carryon keeps in one message.")


def _token(talk: Talk, text: str) -> TokenArrived:
    talk.said.append(text)
    talk.length += len(text)
    return TokenArrived(cause=talk.request.cause, turn_id=talk.asked.turn_id, index=len(talk.said) - 1, text=text)


def _measured(talk: Talk) -> ContextMeasured:
    last, request = talk.answers[-1], talk.fitted.request
    guess = talk.ports.mind.tokens(weight_of(request))
    counted = guess / COUNTED_WITHIN <= last.prompt_tokens <= guess * COUNTED_WITHIN
    used = (last.prompt_tokens if counted else guess) + last.tokens
    event = measured(talk.asked.conversation_id, talk.fitted.sheet, used, talk.ports, estimated=not counted)
    return replace(event, cause=talk.request.cause)


def _noted(talk: Talk) -> Generator[Event, None, None]:
    """What there is to know of how the answers were made, such as a saved state that did not help: in the thread."""
    for note in dict.fromkeys(answer.note for answer in talk.answers if answer.note):
        yield NoticeAdded(cause=talk.request.cause, message=talk.ports.log.notice(talk.asked.conversation_id, note))


def _ended(talk: Talk) -> Said:
    voice = talk.ports.voice
    text = talk.text or (voice.acted(talk.deeds) if talk.deeds else "")
    end = ENDS.get(talk.answers[-1].reason) or ("" if text else SPEECHLESS)
    if end:
        text = GAP.join(part for part in (text, voice.stopped(end)) if part)
    question, asks = _question(talk)
    outcome = Outcome.CLARIFY if asks else Outcome.CALLED if talk.deeds else Outcome.ANSWERED
    return text, outcome, talk.label(), question


def _question(talk: Talk) -> tuple[Question | None, bool]:
    """Of the last call of a tool, if it had one: an earlier one was answered by the model itself."""
    last = {deed.call.tool: deed for deed in talk.deeds}
    asking = [deed for deed in last.values() if deed.asks]
    return (asking[-1].question if asking else None), bool(asking)
