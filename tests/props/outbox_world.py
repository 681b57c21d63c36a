"""Everything that can happen to an outbox, as rules: what a user does, what happens elsewhere, what time and the
machine do. The laws that hold all the while are in test_outbox_laws.py.

Time passes in `passed`; the clock on the wall is set at will. An older copy may come back at any time.
"""

import copy
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule

from sync import restored
from sync.connectivity import Connectivity
from sync.delivery import Round
from sync.errors import ItemNotFoundError, NotAllowedError
from sync.intent import Need, fingerprint
from sync.item import Item
from sync.leases import LEASE_MS, Leases
from sync.loopback import Fault, Script
from sync.mending import Mending
from sync.outbox import Edit, Outbox
from sync.placeholders import new_token
from sync.schema import STEPS
from sync.states import State
from sync.transports.outcomes import UncertainError
from sync.transports.port import Receipt
from tests.props.outbox_model import DESTINATIONS, Known, Place, Wait
from tests.sim.profiles import HandClock, intent

FAULTS: tuple[Fault, ...] = ("none", "drop", "put_off", "reject", "lose_request", "lose_answer", "duplicate")
HOUR, YEAR = 3_600, 365 * 86_400
PARTS = ("url", "reference", "text")

places = st.sampled_from(sorted(DESTINATIONS))
texts = st.text(max_size=5)


class OutboxWorld(RuleBasedStateMachine):
    ids = Bundle("ids")
    leased = Bundle("leased")

    @initialize(target=ids, draw=st.sampled_from([0.0, 0.5, 0.99]))
    def begin(self, draw: float) -> Any:
        self.clock, self.passed = HandClock(), 0.0
        self.hidden = float(HOUR)  # how far the clock may be set back without anybody noticing
        self.draw = draw
        self._open()
        for _, script in STEPS:
            self.connection.executescript(script)
        self.places = {
            name: Place(name, mode, links=True, world={"v": 0}, now=lambda: self.passed)  # type: ignore[arg-type]
            for name, mode in DESTINATIONS.items()
        }
        self.known = Known()
        self.copy: tuple[bytes, Known] | None = None
        self.allowed: Counter[str] = Counter()  # how often the user let a key go
        self.said: set[str] = set()
        self.came_back: set[str] = set()  # open in a copy that was put back
        return multiple(*(self.enqueue_at("x", place, False) for place in sorted(DESTINATIONS) * 2))

    def _open(self) -> None:
        """As a process that begins: a search index that SQLite holds in memory is not of this file."""
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.outbox = Outbox(self.connection, self.clock)
        self.leases = Leases(self.connection, self.clock, random=lambda: self.draw)
        self.mending = Mending(self.connection, self.clock)

    # What a user does

    @rule(target=ids, text=texts, place=places, approval=st.booleans(), on=st.sampled_from([None, 0, 1]))
    def enqueue(self, text: str, place: str, approval: bool, on: int | None) -> str:
        return self.enqueue_at(text, place, approval, None if on is None else {"v": on})

    def enqueue_at(self, text: str, place: str, approval: bool, basis: dict[str, Any] | None = None) -> str:
        return self._know(self.outbox.enqueue(intent(f"t{text}", place, basis=basis), approval=approval))

    @rule(
        target=ids, needed=ids, other=ids, place=places, approval=st.booleans(),
        takes=st.sampled_from(("", *PARTS)), twice=st.booleans(),
    )  # fmt: skip
    def plan(self, needed: str, other: str, place: str, approval: bool, takes: str, twice: bool) -> Any:
        if needed not in self.known.born or other not in self.known.born:
            return multiple()
        token = new_token() if takes else ""
        needs = (Need(needed, token, takes), *([Need(other)] if twice else []))
        text = f"see {token} and {token}" if token else "after it"
        planned = self.outbox.enqueue(intent(text, place, needs=needs), approval=approval)
        self.known.waits[planned.id] = [Wait(self._newest(need.item_id), need.token, need.takes) for need in needs]
        self.known.before[planned.id] = State.QUEUED
        self.allowed[planned.id] = 1
        self.known.born[planned.id] = {"channel": "ops", "text": text}
        return planned.id

    def _know(self, item: Item) -> str:
        self.known.born[item.id] = dict(item.payload)
        self.known.before[item.id] = item.state
        self.allowed[item.id] = 1
        return item.id

    def _newest(self, item_id: str) -> str:
        return self.outbox.newest(item_id).id

    def _try(self, item_id: str, decide: Callable[[], Any]) -> Any:
        """None when it was refused, and then nothing has changed."""
        if item_id not in self.known.born:
            try:
                decide()
            except ItemNotFoundError:
                return None
            raise AssertionError("an item that went with the newer profile")
        before = self.outbox.get(item_id)
        try:
            return decide()
        except NotAllowedError:
            assert self.outbox.get(item_id) == before
            return None

    @rule(item_id=ids, name=st.sampled_from(["approve", "cancel", "retry"]))
    def decide(self, item_id: str, name: str) -> None:
        after = self._try(item_id, lambda: getattr(self.outbox, name)(item_id))
        assert after is None or after.id == item_id

    @rule(chosen=st.lists(ids, max_size=6), name=st.sampled_from(["approve_many", "cancel_many", "retry_many"]))
    def decide_many(self, chosen: list[str], name: str) -> None:
        done = getattr(self.outbox, name)(chosen)
        assert {*done.done, *done.refused} == set(chosen)
        assert not set(done.done) & set(done.refused)

    @rule(item_id=ids, verdict=st.sampled_from(["delivered", "retry", "cancel", "send"]), link=st.booleans())
    def resolve(self, item_id: str, verdict: str, link: bool) -> None:
        before = self.outbox.get(item_id) if item_id in self.known.born else None
        receipt = {"url": "https://example.org/1"} if link else None
        if self._try(item_id, lambda: self.outbox.resolve(item_id, verdict, receipt)) is None or before is None:
            return
        if verdict == "delivered":
            self.said.add(item_id)
        nobody_else_knows = DESTINATIONS[before.destination] == "none" or before.unanswered > 0
        if verdict == "retry" and before.state is State.UNKNOWN and nobody_else_knows:
            self.allowed[item_id] += 1

    @rule(target=ids, item_id=ids, text=texts, asks=st.booleans(), many=st.booleans())
    def edit(self, item_id: str, text: str, asks: bool, many: bool) -> Any:
        before = self.outbox.get(item_id) if item_id in self.known.born else None
        payload = {"text": text}

        def change() -> Item:
            if many:
                done = self.outbox.edit_many({item_id: Edit(payload=payload, args={}, sentence="edited", asks=asks)})
                if item_id not in done.done:
                    assert item_id in done.refused
                    raise NotAllowedError if before else ItemNotFoundError
                rows = self.connection.execute("SELECT id FROM outbox_item WHERE replaces = ?", (item_id,)).fetchall()
                newest = [row["id"] for row in rows if row["id"] not in self.known.born]
                return self.outbox.get(newest[0] if newest else item_id)
            return self.outbox.edit(item_id, {}, payload, "edited", asks=asks)

        after = self._try(item_id, change)
        if after is None or before is None:
            return multiple()
        assert after.state is State.WAITING_APPROVAL or not asks
        assert after.fingerprint == fingerprint(after.tool, after.destination, after.args, after.payload)
        if after.id != item_id:
            assert before.offers > 0
            assert before.uncertain_since is None, "both may arrive"
            for waits in self.known.waits.values():
                for wait in waits:
                    wait.needs = after.id if wait.needs == item_id else wait.needs
            self.known.waits[after.id] = self.known.waits.get(item_id, [])
            return self._know(after)
        assert before.offers == 0, "the destination may know another text under this key"
        assert before.uncertain_since is None
        self.known.born[item_id] = payload
        return multiple()

    @rule(item_id=ids)
    def let_go(self, item_id: str) -> None:
        if self._try(item_id, lambda: self.outbox.let_go(item_id)) is None:
            return
        assert "result-" not in str(self.outbox.get(item_id).payload)
        self.known.waits.pop(item_id, None)

    # What happens elsewhere

    @rule(place=places, version=st.sampled_from([0, 1]))
    def the_world_changes(self, place: str, version: int) -> None:
        self.places[place].world = {"v": version}

    @rule(
        place=places,
        faults=st.lists(st.sampled_from(FAULTS), max_size=3),
        later_s=st.sampled_from([0, 40, 1_000]),
    )
    def deliver(self, place: str, faults: list[Fault], later_s: int) -> None:
        self.turn(later_s)
        twin = self.places[place]
        if twin.mode != "key":
            faults = [fault for fault in faults if fault != "duplicate"]  # nobody could recognise it there
        twin.faults, twin._calls = Script.of(*faults, after_s=5), 0
        tried: list[Item] = []
        Round(
            self.leases, "me", Connectivity(self.clock), self.clock,
            lambda event: tried.append(event.item), lambda: False, [],  # type: ignore[union-attr]
        ).run(place, twin)  # fmt: skip
        self.known.first_tries[place] += [
            item.seq for item in tried if item.state is State.SENDING and item.attempts == 1
        ]

    @rule(place=places, offered=st.booleans(), acted=st.booleans())
    def die(self, place: str, offered: bool, acted: bool) -> None:
        if self.begin_and_fall_silent_at(place, offered, acted):
            self.turn(LEASE_MS // 1_000)
            self.leases.recover()

    @rule(target=leased, place=places, offered=st.booleans(), acted=st.booleans())
    def begin_and_fall_silent(self, place: str, offered: bool, acted: bool) -> Any:
        """A process that sleeps: before the offer, before the effect, or after it."""
        return self.begin_and_fall_silent_at(place, offered, acted) or multiple()

    def begin_and_fall_silent_at(self, place: str, offered: bool, acted: bool) -> tuple[Item, bool] | None:
        twin = self.places[place]
        item = self.leases.lease("sleeper", place, twin.mode)
        if item is None:
            return None
        if item.attempts == 1:
            self.known.first_tries[place].append(item.seq)
        calm = item.uncertain_since is None and (item.basis is None or item.basis == twin.world)
        if offered and calm:
            self.leases.offer(item, "sleeper")
            if acted:
                twin._act(item)
        return item, offered and acted and calm

    @rule(held=consumes(leased))
    def wake_up(self, held: tuple[Item, bool]) -> None:
        """The sleeper comes back with its receipt, if it got one, perhaps long after others took over."""
        item, arrived = held
        if item.id not in self.known.born:
            return
        outcome = Receipt("It arrived.", item.id) if arrived else UncertainError("The line went dead.")
        self.leases.settle(item, "sleeper", outcome)

    # What time and the machine do

    @rule(seconds=st.sampled_from([1, 40, LEASE_MS // 1_000, 1_000, 90_000, 8 * 86_400]))
    def turn(self, seconds: int) -> None:
        self.passed += seconds
        self.clock.turn(seconds)

    @rule(seconds=st.sampled_from([-YEAR, -HOUR, HOUR, YEAR]), mended=st.booleans())
    def set_the_clock(self, seconds: int, mended: bool) -> None:
        """The dispatcher notices that it was set back; what was written in the future it finds at its next pass."""
        self.clock.turn(seconds)
        if seconds < 0:
            self.copy = None  # how old a copy is nobody could tell any more
            self.mending.set_back(-seconds * 1_000)
        if mended:
            self.mending.rejuvenate()

    @rule(seconds=st.sampled_from([60, HOUR // 2, HOUR]))
    def set_the_clock_back_unseen(self, seconds: int) -> None:
        if seconds <= self.hidden:
            self.hidden -= seconds
            self.clock.turn(-seconds)

    @rule()
    def recover(self) -> None:
        self.leases.recover()

    @rule()
    def expire(self) -> None:
        self.leases.expire()

    @rule(everything=st.booleans())
    def wake(self, everything: bool) -> None:
        self.leases.wake(everything=everything)

    @rule()
    def back_up(self) -> None:
        self.copy = (self.connection.serialize(), copy.deepcopy(self.known))

    @rule()
    def put_the_copy_back(self) -> None:
        if self.copy is None:
            return
        data, known = self.copy
        self.connection.close()
        self._open()
        self.connection.deserialize(data)
        self.known = copy.deepcopy(known)
        restored.mark(self.connection, int(self.clock() * 1_000))
        self.came_back |= {item.id for item in self.outbox.list() if item.state is not State.DELIVERED}

    # Stories that chance alone would seldom tell

    @rule(place=places)
    def what_was_sent_meanwhile(self, place: str) -> None:
        self.back_up()
        self.deliver(place, [], 1_000)
        self.put_the_copy_back()
        self.deliver(place, [], 1_000)

    @rule(place=places, back=st.sampled_from([HOUR, 12 * HOUR, YEAR]))
    def a_lost_answer_under_a_wrong_clock(self, place: str, back: int) -> None:
        self.deliver(place, ["lose_answer"], 1_000)
        self.turn(20 * HOUR)
        self.set_the_clock(-back, mended=True)
        self.turn(5 * HOUR)
        self.deliver(place, [], 0)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()
