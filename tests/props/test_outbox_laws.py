"""Laws of the outbox, under any order of decisions, plans, deliveries, faults, crashes, wrong clocks and old copies.

1. A key is the row's id and never changes; no row and no word of it is ever lost.
2. Every step in the timeline is an allowed move.
3. A destination that deduplicates or can be asked gets each item at most once, whatever happens, as long as the key is
   remembered there, also when the user says "send it again"; else at most once for each time that the user, asked
   because nobody else could tell, said so.
4. What is delivered did arrive (or the user said so); what was never offered did not.
5. Of one destination, first tries happen in order.
6. The tallies and the heads equal a count.
7. Nothing goes before what it needs, no placeholder ever leaves, and what was put in is what the other one brought.
8. Nothing is done on a world other than the one it was decided on.
"""

from collections import Counter
from itertools import pairwise

from hypothesis import settings
from hypothesis.stateful import invariant

from sync.states import MOVES, State
from tests.props.outbox_model import DESTINATIONS
from tests.props.outbox_world import OutboxWorld


class OutboxLaws(OutboxWorld):
    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "known"):
            return
        self.known.follow(self.outbox.list())
        items = {item.id: item for item in self.outbox.list()}
        assert set(items) == set(self.known.born)
        for item_id, item in items.items():
            assert item.idempotency_key == item_id
            assert dict(item.payload) == self.known.born[item_id]

    @invariant()
    def nothing_goes_before_what_it_needs(self) -> None:
        if not hasattr(self, "known"):
            return
        self.known.follow(self.outbox.list())
        for item in self.outbox.list():
            waits = self.known.waits.get(item.id, [])
            if item.state is not State.DELIVERED:
                assert item.waits_for == len({wait.needs for wait in waits})
            if waits and item.state is not State.DELIVERED:
                assert item.offers == 0
                assert item.state is not State.SENDING

    @invariant()
    def every_step_is_a_move(self) -> None:
        if not hasattr(self, "known"):
            return
        for item_id in self.known.born:
            steps = [State(step["state"]) for step in self.outbox.timeline(item_id)]
            assert steps[0] in (State.QUEUED, State.WAITING_APPROVAL)
            assert steps[-1] is self.outbox.get(item_id).state
            for before, after in pairwise(steps):
                assert before is after or after in MOVES[before]

    @invariant()
    def effects_are_counted_there(self) -> None:
        if not hasattr(self, "known"):
            return
        for item_id in self.known.born:
            item = self.outbox.get(item_id)
            times = self.places[item.destination].times(item_id)
            assert times <= self.allowed[item_id]
            assert times <= 1 or DESTINATIONS[item.destination] != "query"
            if item.offers == 0 and item_id not in self.came_back:
                assert times == 0
            if item.state is State.DELIVERED and item_id not in self.said:
                assert times >= 1

    @invariant()
    def order_is_kept(self) -> None:
        if not hasattr(self, "known"):
            return
        for place, seqs in self.known.first_tries.items():
            jumped = [seq for n, seq in enumerate(seqs) if any(earlier > seq for earlier in seqs[:n])]
            for seq in jumped:  # only what the user held back or took back, or what waited for another, may come later
                row = self.connection.execute("SELECT id FROM outbox_item WHERE seq = ?", (seq,)).fetchone()
                story = self.outbox.timeline(row["id"])
                waited = self.outbox.needs(row["id"])
                assert waited or any("You" in step["what"] or "approval" in step["what"] for step in story), place

    @invariant()
    def the_tallies_are_right(self) -> None:
        if not hasattr(self, "known"):
            return
        items = self.outbox.list()
        assert self.outbox.counts() == dict(Counter(item.state.value for item in items))
        there = Counter((item.destination, item.state.value) for item in items)
        assert {(place, state): n for place, by in self.outbox.places().items() for state, n in by.items()} == there
        assert len(self.outbox.list(text="edite")) == sum(item.sentence == "edited" for item in items)

    @invariant()
    def the_heads_are_right(self) -> None:
        if not hasattr(self, "known"):
            return
        heads: dict[str, tuple[int, int]] = {}
        for item in self.outbox.list():  # oldest first
            if item.state in (State.QUEUED, State.FAILED, State.SENDING) and not item.waits_for:
                due = item.lease_until if item.state is State.SENDING else item.next_attempt_at
                heads.setdefault(item.destination, (item.seq, due or 0))
        rows = self.connection.execute("SELECT * FROM outbox_head").fetchall()
        assert {row["destination"]: (row["seq"], row["due_at"]) for row in rows} == heads


OutboxLaws.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestOutboxLaws = OutboxLaws.TestCase
