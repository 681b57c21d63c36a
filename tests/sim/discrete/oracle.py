"""What must be true at every moment of the simulated world, kept apart from Carryon's own book.

1. Nothing that was promised is lost, and no word of it changes but by the user.
2. A destination has each effect once, and once more only for each time that the user, asked because nobody else could
   tell what became of it, said "send it again".
3. Nothing is sent that the user did not say yes to, took back, or let grow too old; nothing while the switch is off, or
   the connection is metered, or the battery low, and the user wants such things to wait.
4. Within a destination nothing overtakes what is still on its way; nothing goes before what it needs.
5. Nothing is called delivered, to the user or on disk, before the destination said so, or the user; nothing is called
   refused or too old that took effect.
6. Every step in the timeline is an allowed move; the tally equals a count; a call and its item are there together.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sync.intent import Need
from sync.item import Item
from sync.outbox import Outbox
from sync.states import ACTIVE, MOVES, State
from tests.sim.discrete.places import Place


class Broken(BaseException):  # what is tested catches every Exception
    """`law` is the same for the same kind of failure, so that a shrunk run fails for the same reason."""

    def __init__(self, law: str, what: str) -> None:
        self.law = law
        super().__init__(f"{law}: {what}")


@dataclass
class Truth:
    """What the user and the destinations know about one item."""

    label: str
    words: set[str]  # as it may stand on disk: two while a death left it open which
    yes: set[str]  # words that the user wants sent
    needs: tuple[Need, ...] = ()
    taken_back: bool = False
    allowed: int = 1  # effects; one more each time that the user says "send it again" of what may have arrived
    acked: bool = False
    said: bool = False
    put_back: bool = False  # an older copy stands in its place


@dataclass
class Oracle:
    items: dict[str, Truth] = field(default_factory=dict)
    gone: dict[str, Truth] = field(default_factory=dict)  # also what only another copy of the profile holds
    seen: Counter[str] = field(default_factory=Counter)
    copies: list[dict[str, tuple[Need, ...]]] = field(default_factory=list)  # what was needed when each was made

    def label(self, item_id: str) -> str:
        return self.items[item_id].label if item_id in self.items else "a new item"

    # At the moment of sending

    def sends(self, item: Item, outbox: Outbox, now_ms: int, *, switched_off: bool, spared: bool) -> None:
        truth = self._known(item)
        name, text = truth.label, str(item.payload.get("text"))
        if switched_off:
            raise Broken("sent while off", f"{name} although the user switched the network off")
        if spared:
            raise Broken("sent although it was to wait", f"{name} on a metered connection or a low battery")
        if text not in truth.yes and not self._filled(text, truth, truth.yes):
            raise Broken("sent without a yes", f"{name} goes as {text!r}, the user said yes to {sorted(truth.yes)}")
        self._still_wanted(item, truth, now_ms)
        states = [state.value for state in ACTIVE]
        before = [
            other for other in outbox.list(states=states, destination=item.destination)
            if other.seq < item.seq and not other.waits_for
        ]  # fmt: skip
        if before:
            raise Broken("overtook", f"{name} goes before {self.label(before[0].id)}, which is {before[0].state}")
        for need in truth.needs:
            self._need_met(need, text, truth, outbox)

    def offered(self, item: Item, now_ms: int) -> None:
        """After `offer` let it through: nothing may have changed since."""
        self._still_wanted(item, self._known(item), now_ms)

    def _still_wanted(self, item: Item, truth: Truth, now_ms: int) -> None:
        if truth.taken_back:
            raise Broken("sent what was taken back", truth.label)
        if item.expires_at <= now_ms:
            raise Broken("sent what is too old", f"{truth.label}, {(now_ms - item.expires_at) / 1_000:.0f} s after")

    def _need_met(self, need: Need, text: str, truth: Truth, outbox: Outbox) -> None:
        needed = outbox.newest(need.item_id)
        if needed.state is not State.DELIVERED:
            raise Broken("sent before what it needs", f"{truth.label} before {self.label(need.item_id)}")
        if need.token and need.token in text:
            raise Broken("a token was sent", f"{truth.label}: {text!r}")

    def _filled(self, text: str, truth: Truth, meant: set[str]) -> bool:
        """Words with a token in them, once the token was replaced by something."""
        for words in meant:
            for need in truth.needs:
                head, token, tail = words.partition(need.token) if need.token else (words, "", "")
                if token and text.startswith(head) and text.endswith(tail) and need.token not in text:
                    return True
        return False

    # What the user is told

    def told(self, item: Item) -> None:
        if item.state is State.DELIVERED and item.id in self.items:
            self._was_delivered(item)
        if item.state is State.CONFLICT and item.id in self.items:
            self.items[item.id].taken_back = True  # until the user has looked at both sides
        self.seen[item.state] += 1

    def _was_delivered(self, item: Item) -> None:
        truth = self.items[item.id]
        if not (truth.acked or truth.said):
            raise Broken("called delivered", f"{truth.label}, and nobody there had said so")

    def back_up(self) -> None:
        self.copies.append({item_id: truth.needs for item_id, truth in self.items.items()})

    def put_back(self, items: Iterable[Item], copy: int) -> None:
        """The user chose an older copy: what it does not hold is gone, what it says is what the user wants."""
        kept = {item.id: item for item in items}
        self.gone |= self.items
        self.items = {item_id: self.gone[item_id] for item_id in kept}
        for item_id, truth in self.items.items():
            item, text = kept[item_id], str(kept[item_id].payload.get("text"))
            truth.words = {text}
            truth.yes = set() if item.state is State.WAITING_APPROVAL else {text}
            truth.taken_back = item.state in (State.CANCELLED, State.CONFLICT)
            truth.needs, truth.put_back = self.copies[copy].get(item_id, truth.needs), True

    # What is on disk

    def check(self, outbox: Outbox, calls: Iterable[str], places: dict[str, Place]) -> None:
        items = {item.id: item for item in outbox.list()}
        lost = set(self.items) - set(items)
        if lost:
            raise Broken("lost", ", ".join(self.label(item_id) for item_id in sorted(lost)))
        first = {str(item.payload.get("call")) for item in items.values()}
        if set(calls) != first:
            raise Broken("call and item disagree", f"{sorted(set(calls) ^ first)}")
        if outbox.counts() != dict(Counter(item.state.value for item in items.values())):
            raise Broken("tally", f"{outbox.counts()}")
        for item in items.values():
            self._check_words(item)
            self._check_effects(item, places[item.destination])
            if item.state is State.DELIVERED:
                self._was_delivered(item)
            self._check_steps(outbox.timeline(item.id), item)

    def _check_words(self, item: Item) -> None:
        truth, text = self._known(item), str(item.payload.get("text"))
        if item.idempotency_key != item.id:
            raise Broken("key changed", truth.label)
        if text not in truth.words and not self._filled(text, truth, truth.words):
            raise Broken("words changed", f"{truth.label} is {text!r}, was {sorted(truth.words)}")

    def _check_effects(self, item: Item, place: Place) -> None:
        truth, times = self._known(item), place.acted[item.id]
        if times > truth.allowed:
            raise Broken("twice", f"{truth.label} took effect {times} times at {place.name} ({place.mode})")
        if item.offers == 0 and times and not truth.put_back:
            raise Broken("sent without an offer", truth.label)
        surely_not = item.state in (State.REJECTED, State.EXPIRED) and truth.allowed == 1 and not truth.put_back
        if surely_not and times and not place.lies:
            raise Broken("called undone", f"{truth.label} is {item.state} and took effect")
        if item.state is State.DELIVERED and not truth.said and times == 0:
            raise Broken("delivered nowhere", truth.label)

    def _check_steps(self, timeline: list[dict[str, Any]], item: Item) -> None:
        steps = [State(step["state"]) for step in timeline]
        for before, after in pairwise(steps):
            if before is not after and after not in MOVES[before]:
                raise Broken("no such move", f"{self.label(item.id)}: {before} to {after}")
        if steps[-1] is not item.state:
            raise Broken("timeline", f"{self.label(item.id)} ends {steps[-1]}, is {item.state}")

    def _known(self, item: Item) -> Truth:
        if item.id not in self.items:
            raise Broken("from nowhere", f"{item.sentence!r} was never asked for")
        return self.items[item.id]
