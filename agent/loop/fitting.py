"""A request to the chat model that it can hold: the system text, tools, what stands for the oldest messages, the turns,
and the turn at hand. What no longer fits is folded before anything is sent, and the thread says so.

Given up in this order: the oldest turns, long results within the turn at hand, tools. What the user has just written is
never cut: where it alone is too long, the turn ends and says so.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from agent.conversation.rounds import Spoken
from agent.loop.folding import cut, next_cut
from agent.loop.gauge import weight, weight_of_tools
from agent.loop.leave import LeaveTurnError
from agent.loop.offering import Offered
from agent.loop.ports import Ports
from agent.loop.prompt import Past, assembled, older, pasts
from agent.loop.summing import beginning, room_for_summary, sum_up, words
from agent.loop.tool_names import reference
from agent.protocol.events import ContextMeasured, Event, NoticeAdded
from agent.protocol.records import Call, Message, Role, Summary
from models.contracts import MESSAGES_MAX, ChatRequest
from models.contracts import Message as ChatMessage

ANSWER_TOKENS_MAX = 2_048
TOOLS_CHARACTERS = (1.4, 0.6, 0.0)  # for a token of the window: at most some 40 % of it, then less, then none
RESULT_CHARACTERS = (600, 8_000)  # of a result in the turn at hand: one for a token of the window, within these
PAST_RESULT_SHARE = 4  # a quarter of that in turns that have ended
DAY_CHARACTERS = 40  # that tell the day, at the first message of it
OPEN_MAX, OPEN_CHARACTERS_MAX = 10, 300  # calls of folded turns that are still named
TURNS_MAX = MESSAGES_MAX // 8  # a turn may be several messages
TOO_LONG = (
    "What you wrote is longer than this model can hold with its answer: about {tokens:,} tokens (pieces of words) of "
    "{window:,}. Send a shorter part of it, or choose a model with a longer memory. It is kept here as you wrote it."
)

TOO_SMALL = "This model holds {window:,} tokens (pieces of words): too few for a conversation. Choose another model."


@dataclass(frozen=True, slots=True)
class Fitted:
    """`known`: calls by the id that the model reads; `said`: the user's own messages, none with words of
    others in it, for what it may tell the network."""

    request: ChatRequest
    known: Mapping[str, Call]
    said: tuple[str, ...]
    sheet: "Sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a request is made of. `folded`: what the summary stands for; `still_open`: calls of it that wait;
    `holds`: tokens, without room for an answer."""

    window: int
    system: str
    offered: Offered
    summary: Summary | None
    folded: tuple[Spoken, ...]
    still_open: tuple[Call, ...]
    turns: tuple[Past, ...]
    before: str

    @property
    def answer(self) -> int:
        return min(ANSWER_TOKENS_MAX, self.window // 4)

    @property
    def holds(self) -> int:
        return self.window - self.answer

    def fixed(self, ports: Ports, now: Sequence[ChatMessage]) -> int:
        around = (ChatMessage("system", self.system), ChatMessage("user", self.before), *now)
        return ports.mind.tokens(weight(around) + DAY_CHARACTERS + weight_of_tools(self.offered.tools))

    def sizes(self, ports: Ports) -> list[int]:
        asked = [ChatMessage("user", turn.asked.text) for turn in self.turns]
        return [
            ports.mind.tokens(DAY_CHARACTERS + weight((one, *turn.said)))
            for one, turn in zip(asked, self.turns, strict=True)
        ]


def result_room(window: int) -> int:
    """Characters."""
    least, most = RESULT_CHARACTERS
    return max(least, min(window, most))


def fitted(
    asked: Message, said: Sequence[ChatMessage], ports: Ports, *, may_call: bool
) -> Generator[Event, None, Fitted]:
    """`said`: of the turn at hand, behind the user's message; `may_call`: whether the model may still call tools."""
    window = ports.mind.window()
    yield from _announced(asked, ports)
    for now in (tuple(said), _slim(said, window)):
        for share in TOOLS_CHARACTERS:
            sheet = _sheet(asked, ports, window, share)
            gone = _gone(sheet, (ChatMessage("user", asked.text), *now), ports)
            if gone is None:
                continue
            if gone.turns:
                yield from sum_up(asked, sheet.turns[: gone.turns], sheet.summary, ports, window, gone.why)
                sheet = _sheet(asked, ports, window, share)
            return _written(sheet, asked, now, may_call=may_call, ports=ports)
    tokens = ports.mind.tokens(len(asked.text))
    why = TOO_LONG if tokens > window // 4 else TOO_SMALL
    raise LeaveTurnError(why.format(tokens=tokens, window=window))


@dataclass(frozen=True, slots=True)
class _Gone:
    """How many of the oldest turns go; `why` there can be no summary of them."""

    turns: int
    why: str = ""


def _gone(sheet: Sheet, now: Sequence[ChatMessage], ports: Ports) -> _Gone | None:
    sizes, fixed = sheet.sizes(ports), sheet.fixed(ports, now)
    gone = cut(sizes, fixed, sheet.holds)
    if gone == 0:
        return _Gone(max(0, len(sheet.turns) - TURNS_MAX))
    if gone is None:
        return None
    waits = [call for turn in sheet.turns for call in turn.calls if ports.brief.is_open(call)]
    frame = ports.mind.tokens(len(older("", _lines(waits[-OPEN_MAX:], ports))) + DAY_CHARACTERS)
    with_summary = cut(sizes, fixed + frame + room_for_summary(sheet.window), sheet.holds)
    return _Gone(gone, "There is no room for a summary either.") if with_summary is None else _Gone(with_summary)


def _announced(asked: Message, ports: Ports) -> Generator[Event, None, None]:
    """A summary in force is never without its notice."""
    found = ports.log.summary(asked.conversation_id)
    if found and (notice := ports.log.announced(found[0], words(found[0]))):
        yield NoticeAdded(message=notice)


def _sheet(asked: Message, ports: Ports, window: int, share: float) -> Sheet:
    offered = ports.brief.offered(round(window * share))
    thread = [one for one in ports.log.thread(asked.conversation_id) if one.message.turn_id != asked.turn_id]
    summary, until = ports.log.summary(asked.conversation_id) or (None, 0)
    ends = {one.message.turn_id: one.seq for one in thread}  # of the last message of each turn
    folded = tuple(one for one in thread if ends[one.message.turn_id] <= until)
    shown = [one for one in thread if ends[one.message.turn_id] > until]
    waits = [call for one in folded for call in one.message.calls if ports.brief.is_open(call)]
    return Sheet(
        window, ports.brief.system(acts=bool(offered.tools)), offered, summary, folded, tuple(waits[-OPEN_MAX:]),
        pasts(shown, ports.brief.retelling(result_room(window) // PAST_RESULT_SHARE)),
        _before(summary, waits[-OPEN_MAX:], window, ports),
    )  # fmt: skip


def _before(summary: Summary | None, waits: Sequence[Call], window: int, ports: Ports) -> str:
    if summary is None:
        return ""
    return older(summary.text[:window] if summary.is_on else "", _lines(waits, ports))


def _lines(waits: Sequence[Call], ports: Ports) -> list[str]:
    """Calls that still wait, as the model may name them."""
    written = [(call, f"- {call.tool} {dict(call.args)}"[:OPEN_CHARACTERS_MAX]) for call in waits]
    return [f"{line} {ports.brief.told(call, 0)}" for call, line in written]


def _slim(said: Sequence[ChatMessage], window: int) -> tuple[ChatMessage, ...]:
    """With the results cut but for the newest: the model may call again for what it misses."""
    most = result_room(window) // PAST_RESULT_SHARE
    return tuple(
        ChatMessage("tool", one.text[:most] + "\n(cut to make room)", answers=one.answers)
        if one.role == "tool" and len(one.text) > most and one is not said[-1]
        else one
        for one in said
    )


def _written(sheet: Sheet, asked: Message, now: Sequence[ChatMessage], *, may_call: bool, ports: Ports) -> Fitted:
    messages = assembled(sheet.system, sheet.turns, asked, now, sheet.before, ports.brief.zone)
    request = ChatRequest(
        messages, max_tokens=sheet.answer, tools=sheet.offered.tools, tool_choice="auto" if may_call else "none",
        keep=asked.conversation_id if asked.id else "",  # a dry run stores nothing
    )  # fmt: skip
    calls = (*sheet.still_open, *(call for turn in sheet.turns for call in turn.calls))
    said = [*(one.message for one in sheet.folded), *(turn.asked for turn in sheet.turns), asked]
    own = tuple(one.text for one in said if one.role is Role.USER and not one.sources)
    return Fitted(request, {reference(call): call for call in calls}, own, sheet)


def measured(conversation_id: str, sheet: Sheet, used: int, ports: Ports, *, estimated: bool) -> ContextMeasured:
    """How full it is now, and which messages would go with the next one that is too long."""
    sizes = sheet.sizes(ports)
    oldest = sheet.turns[: next_cut(sizes, max(used - sum(sizes), 0), sheet.holds)]
    return ContextMeasured(
        conversation_id=conversation_id, used=used, limit=sheet.window, holds=sheet.holds,
        tokens_per_character=ports.mind.tokens(1_000) / 1_000,
        goes=sum(turn.messages for turn in oldest),
        goes_from=beginning(oldest[0].asked.text) if oldest else "",
        goes_to=beginning(oldest[-1].asked.text) if oldest else "",
        estimated=estimated, tools_left_out=sheet.offered.left_out, limit_why=ports.mind.window_why(),
    )  # fmt: skip


def standing(conversation_id: str, ports: Ports) -> ContextMeasured | None:
    """The same for a conversation that is only looked at; None where no chat model is loaded."""
    window = ports.mind.window(wait=False) if ports.mind.talks() else 0
    if not window:
        return None
    nothing = Message("", conversation_id, "", Role.USER, "", 0)
    sheet = _sheet(nothing, ports, window, TOOLS_CHARACTERS[0])
    used = sheet.fixed(ports, ()) + sum(sheet.sizes(ports))
    return measured(conversation_id, sheet, used, ports, estimated=True)
