"""Carries out what a chat model wrote: by the same hands and under the same rules as what the starter decides. What it
reads of it says no more than what happened.
"""

from collections.abc import Generator
from dataclasses import replace

from agent.conversation.rounds import Written
from agent.loop.fitting import result_room
from agent.loop.offering import ABOUT_EARLIER
from agent.loop.ports import Acted, Intended, Way
from agent.loop.reading import answering
from agent.loop.talk import Talk
from agent.protocol.events import CallSettled, Event
from agent.protocol.records import Call, CallStatus
from models.contracts import Message as ChatMessage
from models.contracts import ToolCall

CALLS_MAX = 12  # in one turn

TOO_MANY = f"Carryon makes at most {CALLS_MAX} calls for one message."
TWICE = "This was called before for the same message; what came of it stands above."
BROKEN_OFF = "The answer broke off before this was done."
ENOUGH = "\nThat was the last call for this message: answer the user now with what you have."
_ABOUT_EARLIER = frozenset(tool.name for tool in ABOUT_EARLIER)


def carry_out(talk: Talk, *, last: bool) -> Generator[Event, None, None]:
    """All calls of the answer at hand, in order; `last`: the model may call no more after these."""
    talk.open_round()
    written: list[ToolCall] = []
    results: list[ChatMessage] = []
    while talk.pending:
        talk.keep()  # what was said before a call is on the disk before it is made
        talk.ports.mind.heed()
        call = talk.pending.pop(0)
        deed = yield from _act(talk, call, _intended(talk, call))
        written.append(call if call.name in _ABOUT_EARLIER else replace(call, arguments=dict(deed.call.args)))
        told = talk.ports.brief.told(deed.call, result_room(talk.fitted.sheet.window))
        results.append(ChatMessage("tool", told, answers=call.id))
    if last or len(talk.deeds) >= CALLS_MAX:
        results[-1] = replace(results[-1], text=results[-1].text + ENOUGH)
    talk.exchange += [ChatMessage("assistant", "".join(talk.answer), tuple(written)), *results]


def broken_off(talk: Talk) -> Generator[Event, None, None]:
    """Calls that were written and never will be made: shown as such, not swallowed."""
    if talk.pending and not talk.is_open:
        talk.open_round()
    while talk.pending:
        call = talk.pending.pop(0)
        yield from _act(talk, call, _refused(_meant(talk, call), BROKEN_OFF))


def _act(talk: Talk, call: ToolCall, intended: Intended) -> Generator[Event, None, Acted]:
    asked, cause = talk.asked, talk.request.cause
    deed = talk.ports.hands.act(asked.turn_id, asked.conversation_id, intended, talk.request)
    talk.deeds.append(deed)
    talk.rounds[-1] = replace(talk.rounds[-1], calls=(*talk.rounds[-1].calls, _written(call, deed.call)))
    talk.keep()
    yield CallSettled(cause=cause, turn_id=asked.turn_id, call=deed.call, item=deed.item)
    for other in deed.also:
        yield CallSettled(cause=cause, turn_id=other.turn_id, call=other)
    return deed


def _written(call: ToolCall, made: Call) -> Written:
    """What is about an earlier call is kept as the model wrote it: the stored call is the earlier one, changed."""
    if call.name in _ABOUT_EARLIER:
        return Written(call.id, made.id, call.name, dict(call.arguments))
    return Written(call.id, made.id)


def _meant(talk: Talk, call: ToolCall) -> Intended:
    return talk.ports.brief.intended(call, talk.known, talk.fitted.said)


def _refused(intended: Intended, why: str) -> Intended:
    return replace(intended, wrong=why, earlier=None, way=Way.NEW)


def _intended(talk: Talk, call: ToolCall) -> Intended:
    """With what the model has read by now: whoever obeys a page carries the page's name."""
    read = tuple(talk.ports.log.read(talk.asked.conversation_id))
    return replace(_judged(talk, call), read_before=read)


def _judged(talk: Talk, call: ToolCall) -> Intended:
    intended = _meant(talk, call)
    if len(talk.deeds) >= CALLS_MAX:
        return _refused(intended, TOO_MANY)
    if intended.wrong or intended.way is not Way.NEW:
        return intended
    if any(_same(deed.call, intended) for deed in talk.deeds):
        return _refused(intended, TWICE)
    return _as_answer(talk, intended)


def _same(call: Call, intended: Intended) -> bool:
    """A call that failed may be tried again."""
    return (call.tool, dict(call.args)) == (intended.tool, intended.args) and call.status is not CallStatus.FAILED


def _as_answer(talk: Talk, intended: Intended) -> Intended:
    """It completes the call about which there was a question: one of this turn, or of the turn before."""
    before = [deed for deed in talk.deeds if deed.call.tool == intended.tool]
    if before:
        return replace(intended, answers=before[-1].call.id) if before[-1].asks else intended
    question = talk.situation.question
    if question and question.tool == intended.tool:
        return answering(intended, talk.situation)
    return intended
