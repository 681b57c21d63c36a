"""Laws of the outbox, under any order of decisions, deliveries, faults, crashes and clock turns.

1. A key is the row's id and never changes; no row and no word of it is ever lost.
2. Every step in the timeline is an allowed move.
3. A destination that deduplicates or can be asked gets each item at most once, whatever happens; one that does neither
   gets it at most once for each time that the user said so.
4. What is delivered did arrive (or the user said so); what was never offered did not.
5. Of one destination, first tries happen in order.
6. The tally equals a count.
"""

import sqlite3
from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from sync.connectivity import Connectivity
from sync.delivery import Round
from sync.errors import NotAllowedError
from sync.intent import fingerprint
from sync.item import Item
from sync.leases import LEASE_MS, Leases
from sync.loopback import Fault, Loopback, Script
from sync.outbox import Outbox
from sync.schema import STEPS
from sync.states import MOVES, State
from sync.transports.outcomes import UncertainError
from sync.transports.port import Receipt
from tests.sim.profiles import HandClock, intent

MODES = ("key", "query", "none")
DESTINATIONS = {f"webhook:{mode}": mode for mode in MODES}
FAULTS: tuple[Fault, ...] = ("none", "drop", "put_off", "reject", "lose_request", "lose_answer", "duplicate")


class OutboxLaws(RuleBasedStateMachine):
    ids = Bundle("ids")
    leased = Bundle("leased")

    @initialize(target=ids, draw=st.sampled_from([0.0, 0.5, 0.99]))
    def begin(self, draw: float) -> Any:
        self.clock = HandClock()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        for _, script in STEPS:
            self.connection.executescript(script)
        self.outbox = Outbox(self.connection, self.clock)
        self.leases = Leases(self.connection, self.clock, random=lambda: draw)
        self.places = {name: Loopback(name, mode) for name, mode in DESTINATIONS.items()}  # type: ignore[arg-type]
        self.born: dict[str, dict[str, Any]] = {}
        self.allowed: Counter[str] = Counter()  # how often the user let a key go
        self.said: set[str] = set()
        self.first_tries: dict[str, list[int]] = {name: [] for name in DESTINATIONS}
        return multiple(*(self.enqueue_at("x", place, False) for place in sorted(DESTINATIONS) * 2))

    @rule(target=ids, text=st.text(max_size=5), place=st.sampled_from(sorted(DESTINATIONS)), approval=st.booleans())
    def enqueue(self, text: str, place: str, approval: bool) -> str:
        return self.enqueue_at(text, place, approval)

    def enqueue_at(self, text: str, place: str, approval: bool) -> str:
        return self._know(self.outbox.enqueue(intent(f"t{text}", place), approval=approval))

    def _know(self, item: Item) -> str:
        self.born[item.id] = dict(item.payload)
        self.allowed[item.id] = 1
        return item.id

    @rule(item_id=ids, name=st.sampled_from(["approve", "cancel", "retry"]))
    def decide(self, item_id: str, name: str) -> None:
        before = self.outbox.get(item_id)
        try:
            after = getattr(self.outbox, name)(item_id)
        except NotAllowedError:
            assert self.outbox.get(item_id) == before
            return
        assert after.id == before.id
        if name == "retry" and before.uncertain_since is not None:
            self.allowed[item_id] += 1

    @rule(item_id=ids, verdict=st.sampled_from(["delivered", "retry", "cancel"]))
    def resolve(self, item_id: str, verdict: str) -> None:
        before = self.outbox.get(item_id)
        try:
            self.outbox.resolve(item_id, verdict)
        except NotAllowedError:
            return
        if verdict == "delivered":
            self.said.add(item_id)
        if verdict == "retry" and before.state is State.UNKNOWN:
            self.allowed[item_id] += 1

    @rule(target=ids, item_id=ids, text=st.text(max_size=5), asks=st.booleans())
    def edit(self, item_id: str, text: str, asks: bool) -> Any:
        before = self.outbox.get(item_id)
        try:
            after = self.outbox.edit(item_id, payload={"text": text}, asks=asks)
        except NotAllowedError:
            assert self.outbox.get(item_id) == before
            return multiple()
        assert after.state is State.WAITING_APPROVAL or not asks
        assert after.fingerprint == fingerprint(after.tool, after.destination, after.args, after.payload)
        if after.id != item_id:
            assert before.state is State.REJECTED
            return self._know(after)
        assert before.offers == 0, "the destination may know another text under this key"
        self.born[item_id] = dict(after.payload)
        return multiple()

    @rule(
        place=st.sampled_from(sorted(DESTINATIONS)),
        faults=st.lists(st.sampled_from(FAULTS), max_size=3),
        later_s=st.sampled_from([0, 40, 1_000]),
    )
    def deliver(self, place: str, faults: list[Fault], later_s: int) -> None:
        self.clock.turn(later_s)
        twin = self.places[place]
        if twin.mode != "key":
            faults = [fault for fault in faults if fault != "duplicate"]  # nobody could recognise it there
        twin.faults, twin._calls = Script.of(*faults, after_s=5), 0
        tried: list[Item] = []
        Round(
            self.leases, "me", Connectivity(self.clock), self.clock,
            lambda event: tried.append(event.item), lambda: False, [],  # type: ignore[union-attr]
        ).run(place, twin)  # fmt: skip
        self.first_tries[place] += [item.seq for item in tried if item.state is State.SENDING and item.attempts == 1]

    @rule(place=st.sampled_from(sorted(DESTINATIONS)), offered=st.booleans(), acted=st.booleans())
    def die(self, place: str, offered: bool, acted: bool) -> None:
        if self.begin_and_fall_silent_at(place, offered, acted):
            self.clock.turn(LEASE_MS / 1_000)
            self.leases.recover()

    @rule(target=leased, place=st.sampled_from(sorted(DESTINATIONS)), offered=st.booleans(), acted=st.booleans())
    def begin_and_fall_silent(self, place: str, offered: bool, acted: bool) -> Any:
        """A process that sleeps: before the offer, before the effect, or after it."""
        return self.begin_and_fall_silent_at(place, offered, acted) or multiple()

    def begin_and_fall_silent_at(self, place: str, offered: bool, acted: bool) -> tuple[Item, bool] | None:
        item = self.leases.lease("sleeper", place, self.places[place].mode)
        if item is None:
            return None
        if item.attempts == 1:
            self.first_tries[place].append(item.seq)
        if offered:
            self.leases.offer(item, "sleeper")
            if acted and item.uncertain_since is None:
                self.places[place]._act(item)
        return item, offered and acted and item.uncertain_since is None

    @rule(held=consumes(leased))
    def wake_up(self, held: tuple[Item, bool]) -> None:
        """The sleeper comes back with its receipt, if it got one, perhaps long after others took over."""
        item, arrived = held
        outcome = Receipt("It arrived.") if arrived else UncertainError("The line went dead.")
        self.leases.settle(item, "sleeper", outcome)

    @rule(seconds=st.sampled_from([1, 40, LEASE_MS // 1_000, 1_000, 90_000, 8 * 86_400]))
    def turn(self, seconds: int) -> None:
        self.clock.turn(seconds)

    @rule()
    def recover(self) -> None:
        self.leases.recover()

    @rule()
    def expire(self) -> None:
        self.leases.expire()

    @rule(everything=st.booleans())
    def wake(self, everything: bool) -> None:
        self.leases.wake(everything=everything)

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "born"):
            return
        items = {item.id: item for item in self.outbox.list()}
        assert set(items) == set(self.born)
        for item_id, item in items.items():
            assert item.idempotency_key == item_id
            assert dict(item.payload) == self.born[item_id]

    @invariant()
    def every_step_is_a_move(self) -> None:
        for item_id in getattr(self, "born", ()):
            steps = [State(step["state"]) for step in self.outbox.timeline(item_id)]
            assert steps[0] in (State.QUEUED, State.WAITING_APPROVAL)
            assert steps[-1] is self.outbox.get(item_id).state
            for before, after in pairwise(steps):
                assert before is after or after in MOVES[before]

    @invariant()
    def effects_are_counted_there(self) -> None:
        for item_id in getattr(self, "born", ()):
            item = self.outbox.get(item_id)
            twin = self.places[item.destination]
            times = twin.times(item_id)
            assert times <= (1 if twin.mode == "key" else self.allowed[item_id])
            if item.offers == 0:
                assert times == 0
            if item.state is State.DELIVERED and item_id not in self.said:
                assert times >= 1

    @invariant()
    def order_is_kept(self) -> None:
        for place, seqs in getattr(self, "first_tries", {}).items():
            jumped = [seq for n, seq in enumerate(seqs) if any(earlier > seq for earlier in seqs[:n])]
            for seq in jumped:  # only what the user held back, or took back, may come later
                story = self.outbox.timeline(self._id(seq))
                assert any("You" in step["what"] or "approval" in step["what"] for step in story), place

    def _id(self, seq: int) -> str:
        return str(self.connection.execute("SELECT id FROM outbox_item WHERE seq = ?", (seq,)).fetchone()[0])

    @invariant()
    def the_tally_is_right(self) -> None:
        if hasattr(self, "outbox"):
            assert self.outbox.counts() == dict(Counter(item.state.value for item in self.outbox.list()))

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()


OutboxLaws.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestOutboxLaws = OutboxLaws.TestCase
