"""Laws of two and three laptops: whatever they do, in whatever order files travel, they come to the same library, no
version is lost, and what one laptop calls version n never becomes another one."""

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.sim.laptops import Laptop, carry, contents, hand_clock, settle, visible

WHO = st.integers(0, 2)
WHICH = st.integers(0, 5)
SEED = st.integers(0, 2**32 - 1)
TEXT = st.text(st.sampled_from("ab\nä"), max_size=8)
TAGS = st.lists(st.sampled_from(["home", "work", "ä"]), max_size=3)
SKEWS_S = st.sampled_from([0, 3_600, -3_600, 60, 400 * 86_400, -400 * 86_400])


class Laptops(RuleBasedStateMachine):
    """Three people's hands on one library, and files that travel as they like."""

    count = 3

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        root, now = Path(self.folder.name), hand_clock()
        self.laptops = [Laptop(root / f"l{i}" / "home", root / f"l{i}" / "shared", now) for i in range(self.count)]
        self.wrote: dict[str, set[bytes]] = {}
        self.numbered: dict[tuple[int, str, int], bytes] = {}
        self.purged: set[str] = set()

    def at(self, who: int) -> Laptop:
        return self.laptops[who % self.count]

    def pick(self, who: int, which: int, kind: str = "") -> str | None:
        sql = "SELECT id FROM artifact WHERE kind = ? OR ? = '' ORDER BY created_at, id"
        ids = [row[0] for row in self.at(who).store.execute(sql, (kind, kind)).fetchall()]
        return ids[which % len(ids)] if ids else None

    def note(self, who: int, artifact_id: str) -> None:
        self.wrote.setdefault(artifact_id, set()).add(self.at(who).library.content(artifact_id))

    @rule(who=WHO, text=TEXT, binary=st.booleans())
    def create(self, who: int, text: str, binary: bool) -> None:
        content = (b"\xff" if binary else b"") + text.encode()
        self.note(who, self.at(who).library.create("file" if binary else "note", "one", content=content).id)

    @rule(who=WHO, which=WHICH, text=TEXT, back=st.integers(0, 2))
    def write(self, who: int, which: int, text: str, back: int) -> None:
        if artifact_id := self.pick(who, which, "note"):
            library = self.at(who).library
            library.save(artifact_id, text, based_on=max(1, library.get(artifact_id).head - back))
            self.note(who, artifact_id)

    @rule(who=WHO, which=WHICH, n=st.integers(1, 5))
    def restore(self, who: int, which: int, n: int) -> None:
        if artifact_id := self.pick(who, which):
            library = self.at(who).library
            library.restore(artifact_id, min(n, library.get(artifact_id).head))

    @rule(who=WHO, which=WHICH, title=st.sampled_from(["one", "two", "drei ä"]))
    def rename(self, who: int, which: int, title: str) -> None:
        if artifact_id := self.pick(who, which):
            self.at(who).library.rename(artifact_id, title)

    @rule(who=WHO, which=WHICH, tags=TAGS)
    def tag(self, who: int, which: int, tags: list[str]) -> None:
        if artifact_id := self.pick(who, which):
            self.at(who).library.tag(artifact_id, tags)

    @rule(who=WHO, which=WHICH, out=st.booleans())
    def trash(self, who: int, which: int, out: bool) -> None:
        if artifact_id := self.pick(who, which):
            (self.at(who).library.untrash if out else self.at(who).library.trash)(artifact_id)

    @rule(who=WHO, which=WHICH)
    def purge(self, who: int, which: int) -> None:
        if artifact_id := self.pick(who, which):
            self.purged.add(artifact_id)
            self.at(who).library.purge(artifact_id)

    @rule(who=WHO, due=st.integers(0, 3))
    def add_task(self, who: int, due: int) -> None:
        self.note(who, self.at(who).library.add_task("task", due_at=due or None).id)

    @rule(who=WHO, which=WHICH, due=st.integers(0, 3), done=st.booleans())
    def change_task(self, who: int, which: int, due: int, done: bool) -> None:
        if artifact_id := self.pick(who, which, "task"):
            self.at(who).library.set_due(artifact_id, said=f"day {due}", due_at=due)
            self.at(who).library.mark_task(artifact_id, done=done)

    @rule(who=WHO, which=WHICH, starts=st.integers(0, 9))
    def event(self, who: int, which: int, starts: int) -> None:
        if artifact_id := self.pick(who, which, "event"):
            self.at(who).library.move_event(artifact_id, starts, starts + 1)
        else:
            self.note(who, self.at(who).library.add_event("event", starts, starts + 1).id)

    @rule(who=WHO, ahead_s=SKEWS_S)
    def skew(self, who: int, ahead_s: int) -> None:
        self.at(who).ahead_s = ahead_s

    @rule(who=WHO)
    def exchange(self, who: int) -> None:
        self.at(who).exchange()

    @rule(who=WHO, other=WHO, seed=SEED)
    def carry(self, who: int, other: int, seed: int) -> None:
        if who % self.count != other % self.count:
            carry(self.at(who), self.at(other), random.Random(seed))
            self.at(other).exchange()

    @rule(who=WHO, at=st.integers(-3, 3), steps=st.sampled_from([0, 0, 300, 3_000, 20_000]))
    def crash(self, who: int, at: int, steps: int) -> None:
        self.at(who).crash(at, steps)

    @rule(who=WHO)
    def whole(self, who: int) -> None:
        self.at(who).exchange(whole=True)

    def teardown(self) -> None:
        if not hasattr(self, "laptops"):
            return
        try:
            settle(self.laptops)
            first = visible(self.laptops[0])
            for laptop in self.laptops:
                assert visible(laptop) == first
                assert not laptop.store.execute("SELECT 1 FROM version_open").fetchone()
                laptop.store.execute("INSERT INTO artifact_fts(artifact_fts, rank) VALUES ('integrity-check', 1)")
                for artifact_id in set(self.wrote) - self.purged:
                    assert self.wrote[artifact_id] <= contents(laptop, artifact_id), "a version was lost"
        finally:
            for laptop in self.laptops:
                laptop.close()
            self.folder.cleanup()

    @invariant()
    def versions_stay(self) -> None:
        for who, laptop in enumerate(getattr(self, "laptops", ())):
            for it in laptop.library.list(limit=100):
                for version in laptop.library.versions(it.id):
                    content = laptop.library.content(it.id, version.n)
                    assert self.numbered.setdefault((who, it.id, version.n), content) == content


class TwoLaptops(Laptops):
    count = 2


RUNS = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_three_laptops_come_to_the_same_library() -> None:
    run_state_machine_as_test(Laptops, settings=RUNS)


def test_two_laptops_come_to_the_same_library() -> None:
    run_state_machine_as_test(TwoLaptops, settings=RUNS)
