"""Laws of the journal: undo is the inverse, redo is the inverse of undo; a process that dies at any statement of a
change leaves the state before it or the state after it."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.conversation import Conversations, Purge
from agent.library import Library
from agent.protocol.records import AnswerLabel, Call, CallStatus, Outcome
from agent.store import Store, open_store, transaction
from sync.intent import Intent
from sync.outbox import Outbox

LABEL = AnswerLabel("local", "starter", "", "", "", "", 0.1, None, None)
THREAD_TABLES = ("conversation", "turn", "message", "tool_call", "draft")
WORK_TABLES = ("artifact", "artifact_version", "blob", "outbox_item")
NOW = 1_800_000_000.0
State = list[list[tuple[object, ...]]]


def state(store: Store, tables: tuple[str, ...] = THREAD_TABLES + WORK_TABLES) -> State:
    return [
        [tuple(row) for row in store.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()] for table in tables
    ]


def talk(conversations: Conversations, place: str | None, text: str) -> str:
    asked = conversations.begin_turn(place, text)
    call = Call(asked.id, asked.turn_id, "x", {"said": text}, CallStatus.DONE, text, facts={"ä": [1.5, None]})
    conversations.add_call(call)
    conversations.end_turn(asked.turn_id, f"re: {text}", Outcome.CALLED, LABEL)
    return asked.conversation_id


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 1
        return self.now


Change = Callable[[Conversations, str, int], object]


def _rewind(conversations: Conversations, place: str, which: int) -> object:
    said = conversations.messages(place)
    return conversations.rewind(said[which % len(said)].id) if said else conversations.reset(place)


CHANGES: dict[str, Change] = {
    "reset": lambda conversations, place, _: conversations.reset(place),
    "rewind": _rewind,
    "trash": lambda conversations, place, _: conversations.trash(place),
}


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5),
    changes=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 9)), min_size=1, max_size=6),
    own_title=st.booleans(),
)
def test_undoing_every_change_is_the_identity_and_redo_is_its_inverse(
    texts: list[str], changes: list[tuple[str, int]], own_title: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "carryon.db")
        store.execute("PRAGMA synchronous = OFF")
        conversations = Conversations(store, Clock())
        place = conversations.create("mine" if own_title else "").id
        for text in texts:
            talk(conversations, place, text)
        conversations.save_draft(place, "a draft")
        states = [state(store)]
        for name, which in changes:
            CHANGES[name](conversations, place, which)
            if state(store) != states[-1]:
                states.append(state(store))
        for expected in reversed(states[:-1]):
            conversations.undo(place)
            assert state(store) == expected
            conversations.redo(place)
            conversations.undo(place)
            assert state(store) == expected
        for expected in states[1:]:
            conversations.redo(place)
            assert state(store) == expected
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        store.close()


# Deaths


def die_at(store: Store, statement: int) -> None:
    """Kill this process when it begins its n-th statement from now; triggers' own statements count."""
    begun = 0

    def count(_: str) -> None:
        nonlocal begun
        begun += 1
        if begun == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    store.set_trace_callback(count)


def in_child(database: Path, act: Callable[[Store], object], statement: int) -> bool:
    """Whether the child came to the end alive."""
    child = os.fork()
    if child == 0:
        try:
            store = open_store(database)
            die_at(store, statement)
            act(store)
        finally:
            os._exit(0)
    _, ended = os.waitpid(child, 0)
    return os.WIFEXITED(ended)


def sweep(profile: Path, tmp_path: Path, act: Callable[[Store], object], check: Callable[[Store], None]) -> int:
    """Die at every statement of `act` on a copy of the profile; how many deaths there were."""
    for statement in range(1, 10_000):
        place = tmp_path / f"death-{statement}"
        place.mkdir()
        database = Path(shutil.copy(profile, place / "carryon.db"))
        alive = in_child(database, act, statement)
        store = open_store(database)
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.execute("SELECT count(*) FROM journal_pen").fetchone()[0] == 0
        check(store)
        store.close()
        shutil.rmtree(place)
        if alive:
            return statement - 1
    raise AssertionError("the change never ends")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A closed profile with a thread of three turns, its work, and a mail that waits."""
    path = tmp_path / "profile" / "carryon.db"
    path.parent.mkdir()
    store = open_store(path)
    conversations = Conversations(store, lambda: NOW)
    place = talk(conversations, None, "one")
    talk(conversations, place, "two")
    Library(store, lambda: NOW).create("note", "Note", "text", conversation_id=place)
    _mail(store)
    store.close()
    return path


def _mail(store: Store) -> str:
    intent = Intent(
        "email.send", {"to": "Dana"}, "smtp:work", {"to": "dana@example.org", "body": "x"}, "E-mail to Dana"
    )
    return Outbox(store, lambda: NOW).enqueue(intent, approval=False).id


forks = pytest.mark.skipif(sys.platform == "win32", reason="deaths need fork and SIGKILL")


@forks
@pytest.mark.parametrize("name", ["reset", "undo", "rewind", "trash", "redo", "branch"])
def test_a_death_within_a_change_leaves_before_or_after(profile: Path, tmp_path: Path, name: str) -> None:
    def conversations_of(store: Store) -> Conversations:
        return Conversations(store, lambda: NOW + 60, [Purge("nothing", lambda connection, place: None)])

    store = open_store(profile)
    place = conversations_of(store).list()[0].id
    first = conversations_of(store).messages(place)[0].id
    if name in ("undo", "redo"):
        conversations_of(store).reset(place)
    if name == "redo":
        conversations_of(store).undo(place)
    before = state(store)
    store.close()
    acts: dict[str, Callable[[Conversations], object]] = {
        "reset": lambda conversations: conversations.reset(place),
        "undo": lambda conversations: conversations.undo(place),
        "redo": lambda conversations: conversations.redo(place),
        "rewind": lambda conversations: conversations.rewind(first),
        "trash": lambda conversations: conversations.trash(place),
        "branch": lambda conversations: conversations.branch(first),
    }
    seen = {"before": 0, "after": 0}

    def check(survivor: Store) -> None:
        now = state(survivor)
        if now == before:
            seen["before"] += 1
            return
        seen["after"] += 1
        assert now[5:] == before[5:]  # the work
        if name == "branch":
            assert [len(rows) for rows in now[:4]] == [2, 3, 5, 3]
        elif name in ("reset", "rewind", "redo"):
            assert now[1:4] == [[], [], []]
            conversations_of(survivor).undo(place)
            assert state(survivor)[:5] == before[:5] or name == "redo"

    deaths = sweep(profile, tmp_path, lambda store: acts[name](conversations_of(store)), check)
    assert deaths > 8
    assert seen["before"] >= deaths  # what was not committed never shows
    assert seen["after"] == 1


@forks
def test_a_death_within_a_turn_loses_nothing_that_was_said(profile: Path, tmp_path: Path) -> None:
    """The user's message, then call with artifact and outbox row together, then the answer: each is there or not."""

    def act(store: Store) -> None:
        conversations, library = Conversations(store, lambda: NOW + 60), Library(store, lambda: NOW + 60)
        asked = conversations.begin_turn(None, "the request")
        with transaction(store):
            note = library.create("note", "Made", "in this turn", conversation_id=asked.conversation_id)
            conversations.add_call(
                Call(
                    "call",
                    asked.turn_id,
                    "email.send",
                    {},
                    CallStatus.QUEUED,
                    outbox_id=_mail(store),
                    artifact_id=note.id,
                )
            )
        conversations.end_turn(asked.turn_id, "the answer", Outcome.CALLED, LABEL)

    stages: list[tuple[int, ...]] = []

    def check(store: Store) -> None:
        conversations = Conversations(store, lambda: NOW + 120)
        new = [said.text for found in conversations.list() for said in conversations.messages(found.id)
               if said.text.startswith("the ")]  # fmt: skip
        counts = [store.execute(sql).fetchone()[0] for sql in (
            "SELECT count(*) FROM tool_call WHERE id = 'call'", "SELECT count(*) - 1 FROM artifact",
            "SELECT count(*) - 1 FROM artifact_version", "SELECT count(*) - 1 FROM outbox_item",
        )]  # fmt: skip
        stages.append((len(new), *counts))
        ended = conversations.recover()
        assert len(ended) == (len(new) == 1)
        for found in conversations.list():
            assert conversations.messages(found.id)[-1].text != "the request"
            conversations.begin_turn(found.id, "it goes on")

    deaths = sweep(profile, tmp_path, act, check)
    assert deaths > 30
    assert sorted(set(stages)) == [(0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 1, 1, 1, 1), (2, 1, 1, 1, 1)]
    assert stages == sorted(stages)
