"""Copies: whole, checked, bounded, made while the database is in use; restoring loses nothing either."""

import os
import time
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.errors import BadRequestError
from agent.library import Library
from agent.store import Store, open_store, transaction
from agent.store.backup import DAILY_MAX, DAY_SECONDS, backup, daily
from agent.store.copies import backups_of, copies
from agent.store.erase import erase_everything
from agent.store.errors import DatabaseBusyError
from agent.store.restoring import is_good, restore

NOW = 1_800_000_000.0


def write(store: Store, text: str) -> None:
    store.execute(
        "INSERT INTO draft (place, text, saved_at) VALUES ('', ?, 0)"
        " ON CONFLICT (place) DO UPDATE SET text = excluded.text",
        (text,),
    )


def text_in(path: Path) -> str:
    store = open_store(path)
    text: str = store.execute("SELECT text FROM draft").fetchone()[0]
    store.close()
    return text


def test_a_backup_holds_what_is_committed_while_a_change_is_under_way(store: Store, tmp_path: Path) -> None:
    write(store, "committed")
    other = open_store(store.path)
    with transaction(other):
        write(other, "under way")
        copy = backup(store, tmp_path / "copies" / "mine.db")
    other.close()
    assert is_good(copy)
    assert text_in(copy) == "committed"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_one_copy_a_day_and_a_week_of_them(store: Store) -> None:
    made = [daily(store, NOW + hour * 3_600) for hour in range(0, 24 * (DAILY_MAX + 3), 6)]
    assert sum(path is not None for path in made) == DAILY_MAX + 3
    kept = copies(backups_of(store.path))
    assert len(kept) == DAILY_MAX
    assert daily(store, NOW + 24 * (DAILY_MAX + 3) * 3_600 - DAY_SECONDS / 2) is None


def test_the_newest_good_copy_comes_back_and_the_present_file_is_kept(store: Store) -> None:
    write(store, "old")
    first = daily(store, NOW)
    write(store, "newer")
    second = daily(store, NOW + 2 * DAY_SECONDS)
    write(store, "newest")
    store.close()
    assert first
    assert second
    os.utime(second, (time.time() + 5, time.time() + 5))
    second.write_bytes(second.read_bytes()[:5_000])  # damaged since
    done = restore(store.path)
    assert done.source == first
    assert done.kept is not None
    assert text_in(store.path) == "old"
    assert text_in(done.kept) == "newest"


def test_restoring_twice_within_a_second_keeps_both(store: Store) -> None:
    write(store, "one")
    copy = backup(store, store.path.with_name("copy.db"))
    store.close()
    kept = {restore(store.path, copy).kept, restore(store.path, copy).kept}
    assert len(kept) == 2


def test_a_database_in_use_is_not_replaced(store: Store) -> None:
    write(store, "mine")
    copy = backup(store, store.path.with_name("copy.db"))
    with pytest.raises(DatabaseBusyError):
        restore(store.path, copy)
    write(store, "still mine")
    assert store.execute("SELECT text FROM draft").fetchone()[0] == "still mine"


def test_what_is_no_database_is_not_restored(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "letter.db"
    other.write_text("Dear Dana")
    with pytest.raises(BadRequestError, match="not a whole database"):
        restore(store.path, other)
    store.execute("DELETE FROM draft")  # now its log holds something that the file lacks
    with pytest.raises(BadRequestError, match="in use"):
        restore(tmp_path / "elsewhere.db", store.path)
    with pytest.raises(BadRequestError, match="no good backup"):
        restore(store.path)


def test_erasing_everything_leaves_no_trace_and_an_open_profile(store: Store) -> None:
    canary = "zanzibarcanary"
    write(store, canary)
    asked = Conversations(store, time.time).begin_turn(None, f"about the {canary}")
    library = Library(store, time.time)
    library.save(library.create("note", canary, canary, conversation_id=asked.conversation_id).id, f"{canary} again")
    library.add_task(canary, due_at=1)
    assert daily(store, NOW)
    aside = store.path.with_name(f"{store.path.name}.kept-2027-01-15")
    for end in ("", "-wal", "-shm", "-2"):  # as a restore leaves the database that was in use before
        aside.with_name(aside.name + end).write_text(canary)
    erased = erase_everything(store)
    assert erased > 0
    write(store, "a new beginning")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in store.path.parent.rglob("*"):
        if file.is_file():
            assert canary.encode() not in file.read_bytes(), file
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.execute("INSERT INTO artifact_fts(artifact_fts, rank) VALUES ('integrity-check', 1)")
    assert not library.search(canary)
    assert not library.list()
    store.close()
    again = open_store(store.path)
    assert again.execute("SELECT text FROM draft").fetchone()[0] == "a new beginning"
    again.close()
