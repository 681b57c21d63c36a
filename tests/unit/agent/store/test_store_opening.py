"""How a profile's database opens: private, quick when nothing is due, read-only when a newer Carryon wrote it."""

import hashlib
import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.store import Store, open_store, transaction
from agent.store.copies import backups_of
from agent.store.errors import NewerDatabaseError, NotWritableError
from agent.store.migrations import all_steps

ROOT = Path(__file__).parents[4]

OPEN_AND_TELL = """
import json, sys
from pathlib import Path
from agent.store import open_store
open_store(Path(sys.argv[1])).close()
print(json.dumps([name for name in ("sqlite_utils", "numpy", "psutil", "icalendar", "httpx") if name in sys.modules]))
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_opening_what_is_up_to_date_loads_nothing_heavy(store: Store, path: Path) -> None:
    out, err = python(OPEN_AND_TELL, str(path)).communicate(timeout=60)
    assert err == ""
    assert json.loads(out) == []


def test_a_new_file_has_every_step_and_only_its_owner_may_read_it(store: Store, path: Path) -> None:
    names = {row[0] for row in store.execute("SELECT name FROM _sqlite_migrations").fetchall()}
    assert names == {name for name, _ in all_steps()}
    for file in path.parent.glob("carryon.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_connection_is_durable_and_keeps_its_promises(store: Store) -> None:
    asked = {name: store.execute(f"PRAGMA {name}").fetchone()[0] for name in
             ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")}  # fmt: skip
    assert asked == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000
    }  # fmt: skip


def test_processes_that_start_at_once_share_one_new_file(path: Path) -> None:
    started = [python(OPEN_AND_TELL, str(path)) for _ in range(4)]
    ends = [(process.communicate(timeout=120), process.returncode) for process in started]
    assert [code for _, code in ends] == [0, 0, 0, 0], ends
    with_steps = open_store(path)
    rows = with_steps.execute("SELECT name, count(*) FROM _sqlite_migrations GROUP BY name").fetchall()
    assert [row[1] for row in rows] == [1] * len(all_steps())
    with_steps.close()


@pytest.fixture
def newer(path: Path) -> str:
    """A profile with a message in it that a later version has since changed; the digest of the file."""
    opened = open_store(path, [*all_steps(), ("later_001_more", "CREATE TABLE later (x);\n")])
    Conversations(opened, time.time).begin_turn(None, "keep me")
    opened.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_newer_file_opens_for_reading_and_says_so(newer: str, path: Path) -> None:
    opened = open_store(path)
    assert "later_001_more" in str(opened.read_only)
    conversations = Conversations(opened, time.time)
    assert len(conversations.unfinished_turns()) == 1
    assert conversations.recover() == ()
    assert [found.title for found in conversations.list()] == ["keep me"]
    with pytest.raises(NewerDatabaseError) as said:
        conversations.begin_turn(None, "nothing may change")
    assert said.value.where == str(path)
    assert "Update Carryon" in said.value.todo
    opened.close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == newer


def test_a_copy_is_kept_before_the_first_step_of_a_used_file(store: Store, path: Path) -> None:
    store.execute("INSERT INTO draft (place, text, saved_at) VALUES ('', 'before', 1)")
    store.close()
    assert not backups_of(path).exists()  # a new file needs none
    later = open_store(path, [*all_steps(), ("later_001_more", "DELETE FROM draft;\n")])
    later.close()
    (kept,) = backups_of(path).glob("before-later_001_more-*.db")
    before = open_store(kept)
    assert before.execute("SELECT text FROM draft").fetchone()[0] == "before"
    before.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "carryon.db"
    with pytest.raises(Exception, match=r"cannot be opened for writing.*nowhere"):
        open_store(place)


def test_a_file_that_is_read_only_by_connection_refuses_in_words(store: Store) -> None:
    store.execute("PRAGMA query_only = ON")
    with pytest.raises(NotWritableError, match="belong to you"), transaction(store):
        store.execute("DELETE FROM draft")
