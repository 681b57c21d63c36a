"""Several items marked, what may be done with all of them at once, and what came of it in one line with a way back."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.protocol.outbox_commands import DecideItems
from agent.protocol.outbox_events import ItemsDecided
from agent.protocol.outbox_records import ItemFilter
from app.presenters.states import Action
from app.presenters.wording import count
from sync.item import Item

MARKED_MAX = 10_000  # what is decided at once
REASONS_SHOWN_MAX = 3

_DECISIONS: tuple[tuple[Action, tuple[str, ...], str], ...] = (  # a button, the states it is for, what was done
    (Action("approve", "Approve", "primary"), ("waiting_approval",), "approved"),
    (Action("retry", "Try again"), ("failed", "rejected", "expired", "cancelled"), "to be tried again"),
    (Action("send_all_the_same", "Send all the same"), ("conflict",), "to be sent all the same"),
    (Action("delivered", "They arrived"), ("unknown",), "settled as arrived"),
    (Action("send_again", "Send again"), ("unknown",), "to be sent again"),
    (Action("cancel", "Cancel", "danger"),
     ("waiting_approval", "queued", "failed", "rejected", "conflict", "expired", "unknown"), "cancelled"),
)  # fmt: skip
# Sent again only where nothing else is marked, so that nobody sends what was taken back along with the rest.
_PUT_ASIDE = frozenset({"expired", "cancelled"})
_DONE = {action.name: done for action, _, done in _DECISIONS}
_BACK: Mapping[str, tuple[str, str]] = {  # what takes a decision back, and its words
    "approve": ("cancel", "Take them back"),
    "retry": ("cancel", "Take them back"),
    "cancel": ("retry", "Put them back"),
}
AFTER_ALL = "Send them after all"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line: "17 approved. 2 could not be: …". `back`: words of the way back; `to_look_at`: ids."""

    words: str
    tone: str
    back: str = ""
    to_look_at: tuple[str, ...] = ()


class Marks:
    """`all_listed`: everything that the filter leaves in, also what is not held here."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}
        self.all_listed = False
        self.on = False
        self.outcome: Outcome | None = None
        self.going: tuple[int, int] | None = None  # so many of so many are decided
        self._undo: tuple[str, tuple[str, ...]] = ("", ())
        self._took_back = ""  # id of the command that took a yes back

    def __contains__(self, item_id: str) -> bool:
        return self.all_listed or item_id in self._states

    @property
    def many(self) -> int:
        return len(self._states)

    def toggle(self, item: Item) -> None:
        if self.all_listed:
            self.clear()
        if item.id in self._states:
            del self._states[item.id]
        elif self.many < MARKED_MAX:
            self._states[item.id] = str(item.state)
        self.on = self.on or bool(self._states)

    def mark(self, items: Iterable[Item]) -> None:
        for item in items:
            if self.many < MARKED_MAX:
                self._states[item.id] = str(item.state)
        self.on = True

    def clear(self) -> None:
        self._states.clear()
        self.all_listed = self.on = False

    def changed(self, item: Item) -> None:
        if item.id in self._states:
            self._states[item.id] = str(item.state)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Those that are possible for at least one of the marked."""
        found = set(self._states.values())
        return tuple(
            action for action, _, _ in _DECISIONS if self.all_listed or found.intersection(self._able(action.name))
        )

    def command(self, verb: str, wanted: ItemFilter) -> DecideItems:
        """About those for which it is possible; the others of the marked are left as they are."""
        if self.all_listed:
            return DecideItems(verb=verb, wanted=wanted)
        able = self._able(verb)
        return DecideItems(verb=verb, ids=tuple(key for key, state in self._states.items() if state in able))

    def _able(self, verb: str) -> frozenset[str]:
        """States of the marked for which it is meant."""
        able = frozenset(next(states for action, states, _ in _DECISIONS if action.name == verb))
        alone = _PUT_ASIDE.issuperset(self._states.values())
        return able - _PUT_ASIDE if verb == "retry" and not alone else able

    def decided(self, event: ItemsDecided) -> None:
        self.going = None
        verb, back = _BACK.get(event.verb, ("", ""))
        self._undo = (verb, event.done) if verb and event.done else ("", ())
        if event.cause and event.cause == self._took_back:
            back = AFTER_ALL  # a yes was said to them before, so they would not ask again
        words = outcome_words(event)
        tone = "wait" if event.refused or event.to_look_at else "good"
        self.outcome = Outcome(words, tone, back if self._undo[0] else "", event.to_look_at)
        self.clear()

    def take_back(self) -> DecideItems | None:
        verb, ids = self._undo
        self._undo, self.outcome = ("", ()), None
        command = DecideItems(verb=verb, ids=ids) if verb else None
        self._took_back = command.id if command and verb == "cancel" else ""
        return command


def outcome_words(event: ItemsDecided) -> str:
    parts = [f"{len(event.done):,} {_DONE.get(event.verb, event.verb)}."]
    if event.refused:
        parts.append(f"{len(event.refused):,} could not be: {_reasons(event.refused)}")
    if event.to_look_at:
        one = len(event.to_look_at) == 1
        parts.append(f"{len(event.to_look_at):,} {'was' if one else 'were'} decided after reading what strangers "
                     f"wrote: look at {'it' if one else 'each'} first.")  # fmt: skip
    if event.left:
        parts.append("There are more: do it again for the rest.")
    return " ".join(parts)


def _reasons(refused: Mapping[str, str]) -> str:
    counted = Counter(why.replace(f" ({item_id})", "") for item_id, why in refused.items())
    shown = [
        why if many == 1 else f"{why} ({count(many, 'item')})" for why, many in counted.most_common(REASONS_SHOWN_MAX)
    ]
    return " ".join(shown) + (" …" if len(counted) > REASONS_SHOWN_MAX else "")
