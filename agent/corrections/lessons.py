"""What the user does that tells of a wrong reading, as pairs: the words, what was made of them, what was meant.

Nothing here may get in the way of the deed itself: where a thread was reset meanwhile, there is nothing to learn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agent.agentrc.settings import Settings
from agent.conversation import Conversations
from agent.conversation.errors import NoConversationError
from agent.corrections.records import Correction, How
from agent.corrections.store import TEXT_CHARACTERS_MAX, Corrections
from agent.protocol.records import AnswerLabel, Call, Message, Planned, Role
from models.contracts import PointedCall
from models.starter.situation import Situation
from sync.errors import SyncError
from sync.item import Item
from sync.outbox import Outbox

STARTER = "starter"  # as the label of an answer names it
ALIKE = 0.5  # of the letters of two messages; below that the second is another request, not the first said better


@dataclass(frozen=True, slots=True)
class Reading:
    """A request as it was read: the user's message, the calls that came of it, what was told before, the label."""

    asked: Message
    calls: tuple[Call, ...]
    situation: Situation
    label: AnswerLabel | None

    @property
    def decided(self) -> tuple[PointedCall, ...]:
        return tuple(map(pointed, self.calls))


class Lessons:
    def __init__(
        self, corrections: Corrections, conversations: Conversations, outbox: Outbox, settings: Callable[[], Settings]
    ) -> None:
        self._corrections = corrections
        self._conversations = conversations
        self._outbox = outbox
        self._settings = settings

    def item_edited(self, item: Item) -> Correction | None:
        """`item` as it now stands. Other items of the same turn that were changed before are part of the answer."""
        if item.call_id is None or (reading := self._reading_of_call(item.call_id)) is None:
            return None
        corrected = tuple(
            pointed(call, item if call.id == item.call_id else self._item_of(call)) for call in reading.calls
        )
        return self._keep(reading, corrected, How.EDITED)

    def asked_again(self, before: Reading, text: str, calls: Sequence[Call]) -> Correction | None:
        """`before`: how the replaced message had been read; `calls`: what came of `text`. Nothing is learnt where no
        deed came of it, or where it is plainly another request."""
        if not calls or not alike(before.asked.text, text):
            return None
        return self._keep(before, tuple(map(pointed, calls)), How.ASKED_AGAIN)

    def followed(self, call_id: str, how: How, meant: Mapping[str, str] | None = None) -> Correction | None:
        """A call that the next message changed (`meant`: its arguments now), took back, or called the wrong one."""
        if (reading := self._reading_of_call(call_id)) is None:
            return None
        if meant is None:
            return self._keep(reading, None, how)
        corrected = tuple(
            PointedCall(call.tool, dict(meant)) if call.id == call_id else pointed(call, self._item_of(call))
            for call in reading.calls
        )
        return self._keep(reading, corrected, how)

    def none_meant(self, answer: Message, offered: Sequence[Planned]) -> Correction | None:
        """`answer`: the message that turned down every reading of the message before it."""
        thread = self._conversations.messages(answer.conversation_id)
        before = [said for said in thread if said.role is Role.USER and said.turn_id != answer.turn_id]
        reading = self.reading(before[-1]) if before else None
        if reading is None or not offered:
            return None
        decided = tuple(PointedCall(call.tool, dict(call.args)) for call in offered)
        return self._keep(reading, None, How.SAID_WRONG, decided)

    def said_wrong(self, message_id: str) -> Correction | None:
        """The user points at an answer: that was not what I meant."""
        reading = self.reading(self._conversations.question_of(message_id))
        return self._keep(reading, None, How.SAID_WRONG) if reading else None

    def reading(self, asked: Message) -> Reading | None:
        """How the starter read this message of the user's; None when its answer is gone, when another one made it (a
        chat model, a rule), or when nobody listens."""
        if not self._corrections.listens():
            return None
        thread = self._conversations.messages(asked.conversation_id)
        answer = next((said for said in thread if said.turn_id == asked.turn_id and said.id != asked.id), None)
        if answer is None or not by_starter(answer):
            return None
        place = next(number for number, said in enumerate(thread) if said.id == asked.id)
        before = next((said.calls for said in reversed(thread[:place]) if said.role is Role.AGENT), ())
        situation = Situation(tuple(call.tool for call in before), None, self._names())
        return Reading(asked, answer.calls, situation, answer.label)

    def _reading_of_call(self, call_id: str) -> Reading | None:
        try:
            call = self._conversations.call(call_id)
            return self.reading(self._conversations.asked(call.turn_id))
        except NoConversationError:
            return None

    def _item_of(self, call: Call) -> Item | None:
        try:
            return self._outbox.newest(call.outbox_id) if call.outbox_id else None
        except SyncError:
            return None

    def _keep(
        self, reading: Reading, corrected: tuple[PointedCall, ...] | None, how: How,
        decided: tuple[PointedCall, ...] = (),
    ) -> Correction | None:  # fmt: skip
        label = reading.label
        return self._corrections.record(
            reading.asked.text, decided or reading.decided, corrected, how=how, situation=reading.situation,
            model_sha256=label.model_sha256 if label else "", config_hash=label.config_hash if label else "",
            conversation_id=reading.asked.conversation_id, turn_id=reading.asked.turn_id, source=reading.asked.turn_id,
        )  # fmt: skip

    def _names(self) -> tuple[tuple[str, str], ...]:
        settings = self._settings()
        return (
            *(("contact", name) for name in settings.contacts),
            *(("channel", name) for name in settings.channels),
            *(("project", name) for name in settings.trackers),
        )


def by_starter(answer: Message) -> bool:
    """Only its decisions teach it: what it never read wrongly, it need not unlearn."""
    return answer.label is not None and answer.label.model == STARTER


def pointed(call: Call, item: Item | None = None) -> PointedCall:
    """A call as the model would have to answer it; of its outbox item the arguments as they now stand."""
    args = call.args if item is None else item.args
    return PointedCall(call.tool, {name: str(value) for name, value in args.items() if value not in (None, "")})


def alike(one: str, other: str) -> bool:
    first, second = (text.casefold()[:TEXT_CHARACTERS_MAX] for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE
