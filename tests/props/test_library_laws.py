"""Laws of the library: no conversation changes an artifact; what is written stays; joining loses nothing."""

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from agent.conversation import Conversations
from agent.conversation.errors import CannotUndoError, NoConversationError
from agent.library import Library
from agent.library.merging import merge
from agent.protocol.records import AnswerLabel, Call, CallStatus, Outcome
from agent.store import open_store

LABEL = AnswerLabel("local", "starter", "", "", "", "", None, None, None)
ACTIONS = (
    "turn", "reset", "undo", "redo", "trash", "restore", "purge", "branch", "edit", "regenerate", "rename", "draft"
)  # fmt: skip
TEXTS = st.text(st.sampled_from("ab \nä🎉\x00"), max_size=12)
KEPT = {
    "artifact": "id, kind, title, tags, data, created_at, updated_at, head, trashed_at",
    "artifact_version": "artifact_id, n, sha256, size_bytes, author, created_at, note",
    "blob": "sha256, content, is_text",
    "task": "artifact_id, said, due_at, done_at",
    "event": "artifact_id, said, starts_at, ends_at",
    "timer": "id, label, rings_at, rang_at",
}


class Histories(RuleBasedStateMachine):
    """Conversations come and go in every way; between them two of them write into the library."""

    places = Bundle("places")
    works = Bundle("works")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "carryon.db")
        self.store.execute("PRAGMA synchronous = OFF")
        self.now = 1_800_000_000.0
        self.conversations = Conversations(self.store, self.clock)
        self.library = Library(self.store, self.clock)
        self.written: dict[tuple[str, int], bytes] = {}

    def clock(self) -> float:
        self.now += 1
        return self.now

    def work(self) -> list[list[tuple[object, ...]]]:
        return [
            [tuple(row) for row in self.store.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()]
            for table, columns in KEPT.items()
        ]

    def alive(self, place: str) -> str | None:
        try:
            return self.conversations.get(place).id
        except NoConversationError:
            return None

    # The library

    @rule(target=works, place=places, text=TEXTS)
    def create(self, place: str, text: str) -> str:
        made = self.library.create("note", "title", text, conversation_id=self.alive(place))
        self.written[made.id, 1] = text.encode()
        return made.id

    @rule(work=works, place=places, text=TEXTS, back=st.integers(0, 3))
    def save(self, work: str, place: str, text: str, back: int) -> None:
        head = self.library.get(work).head
        based_on = max(1, head - back)
        saved = self.library.save(work, text, based_on=based_on, conversation_id=self.alive(place))
        self.written.setdefault((work, saved.head), self.library.content(work))
        assert saved.head in (head, head + 1)

    @rule(work=works, n=st.integers(1, 4))
    def restore_version(self, work: str, n: int) -> None:
        n = min(n, self.library.get(work).head)
        restored = self.library.restore(work, n)
        assert self.library.content(work) == self.written[work, n]
        self.written.setdefault((work, restored.head), self.written[work, n])

    @rule(work=works)
    def trash_and_back(self, work: str) -> None:
        self.library.untrash(self.library.trash(work).id)

    @rule(place=places)
    def agenda(self, place: str) -> None:
        self.library.add_task("task", due_at=5, conversation_id=self.alive(place))
        self.library.add_timer("tea", 5, conversation_id=self.alive(place))

    # Conversations: none of these may touch the work

    @rule(target=places)
    def begin(self) -> str:
        before = self.work()
        place = self.conversations.begin_turn(None, "begin").conversation_id
        assert self.work() == before
        return place

    @rule(target=places, place=places, action=st.sampled_from(ACTIONS))
    def converse(self, place: str, action: str) -> object:
        before = self.work()
        made: object = multiple()
        if self.alive(place):
            with contextlib.suppress(CannotUndoError):
                made = getattr(self, f"_{action}")(place) or multiple()
        assert self.work() == before
        return made

    def _turn(self, place: str) -> None:
        asked = self.conversations.begin_turn(place, "text")
        self.conversations.add_call(Call(asked.id, asked.turn_id, "x", {}, CallStatus.DONE, artifact_id="gone"))
        self.conversations.end_turn(asked.turn_id, "answer", Outcome.CALLED, LABEL)

    def _reset(self, place: str) -> None:
        preview = self.conversations.preview_reset(place)
        assert self.conversations.reset(place) == preview
        assert self.conversations.messages(place) == ()

    def _undo(self, place: str) -> None:
        self.conversations.undo(place)

    def _redo(self, place: str) -> None:
        self.conversations.redo(place)

    def _trash(self, place: str) -> None:
        self.conversations.trash(place)

    def _restore(self, place: str) -> None:
        self.conversations.restore(place)

    def _purge(self, place: str) -> None:
        self.conversations.purge(place)

    def _branch(self, place: str) -> str | None:
        said = self.conversations.messages(place)
        return self.conversations.branch(said[-1].id).id if said else None

    def _edit(self, place: str) -> None:
        if said := self.conversations.messages(place):
            self.conversations.edit_message(said[0].id, "differently")

    def _regenerate(self, place: str) -> None:
        if said := self.conversations.messages(place):
            self.conversations.regenerate(said[-1].id)

    def _rename(self, place: str) -> None:
        self.conversations.rename(place, "named")

    def _draft(self, place: str) -> None:
        self.conversations.save_draft(place, "draft")

    @invariant()
    def every_version_is_what_was_written(self) -> None:
        for (work, n), content in getattr(self, "written", {}).items():
            assert self.library.content(work, n) == content

    def teardown(self) -> None:
        if hasattr(self, "store"):
            for index in ("artifact_fts", "message_fts"):
                self.store.execute(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")
            assert self.store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert self.store.execute("PRAGMA foreign_key_check").fetchall() == []
            self.store.close()
            self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)

Edits = dict[int, tuple[bool, bool]]  # place: (leave the line out, write one before it)
EDITS = st.dictionaries(st.integers(0, 9), st.tuples(st.booleans(), st.booleans()), max_size=6)
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n"]), max_size=8).map("".join)


@given(LINES, LINES)
def test_only_one_side_changed(base: str, changed: str) -> None:
    assert merge(base, changed, base).text == changed
    assert merge(base, base, changed).text == changed
    assert merge(base, changed, changed).text == changed


@given(st.integers(0, 9), EDITS, EDITS)
def test_joining_keeps_every_line_that_a_side_wrote_in_order(length: int, theirs: Edits, mine: Edits) -> None:
    """Lines are all different here, so each can be followed."""
    base = [f"base {number}\n" for number in range(length)]
    their_text, my_text = _edited(base, theirs, "theirs"), _edited(base, mine, "mine")
    merged = merge("".join(base), "".join(their_text), "".join(my_text)).text.splitlines(keepends=True)
    for side in (their_text, my_text):
        written = [line for line in side if line not in base]
        assert [line for line in merged if line in written] == written
    for line in base:
        assert merged.count(line) <= 1
        if line in their_text and line in my_text:
            assert line in merged
        if line not in their_text and line not in my_text:
            assert line not in merged


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_joining_takes_any_text(base: str, theirs: str, mine: str) -> None:
    merged = merge(base, theirs, mine)
    assert merged.both >= 0
    if not merged.both:
        assert merge(base, mine, theirs).text == merged.text


def _edited(base: list[str], edits: Edits, name: str) -> list[str]:
    """At each place leave out the line, write one before it, or both."""
    edited: list[str] = []
    for number, line in enumerate([*base, ""]):
        drop, write = edits.get(number, (False, False))
        edited += [f"{name} {number}\n"] if write else []
        edited += [] if drop or not line else [line]
    return edited
