"""All or nothing, nested, also when SQLite gives the whole change up by itself."""

import sqlite3

import pytest

from agent.store import Store, transaction
from agent.store.errors import DatabaseBusyError, DiskFullError, RolledBackError
from agent.store.opening import open_store


def drafts(store: Store) -> list[str]:
    return [row[0] for row in store.execute("SELECT place FROM draft ORDER BY place").fetchall()]


def add(store: Store, place: str, text: str = "") -> None:
    store.execute("INSERT INTO draft (place, text, saved_at) VALUES (?, ?, 0)", (place, text))


def refuse(store: Store) -> None:
    """A change that the database answers by giving up the whole transaction."""
    store.execute("INSERT OR ROLLBACK INTO draft (place, text, saved_at) VALUES ('there', '', 0)")


def test_an_inner_block_that_fails_leaves_the_outer_one_whole(store: Store) -> None:
    def inner() -> None:
        with transaction(store):
            add(store, "b")
            raise ZeroDivisionError

    with transaction(store):
        add(store, "a")
        with pytest.raises(ZeroDivisionError):
            inner()
        add(store, "c")
    assert drafts(store) == ["a", "c"]


def test_an_outer_block_that_fails_takes_the_inner_ones_with_it(store: Store) -> None:
    def outer() -> None:
        with transaction(store):
            with transaction(store), transaction(store):
                add(store, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert drafts(store) == []
    assert not store.in_transaction


def test_after_the_database_gave_up_nothing_is_stored_on_its_own(store: Store) -> None:
    def outer() -> None:
        with transaction(store):
            add(store, "a")
            with pytest.raises(sqlite3.IntegrityError), transaction(store):
                refuse(store)
            with transaction(store):
                add(store, "b")

    add(store, "there")
    with pytest.raises(RolledBackError):
        outer()
    assert drafts(store) == ["there"]
    assert not store.in_transaction


def test_swallowing_the_error_does_not_make_half_a_change(store: Store) -> None:
    def outer() -> None:
        with transaction(store):
            add(store, "a")
            with pytest.raises(sqlite3.IntegrityError):
                refuse(store)

    add(store, "there")
    with pytest.raises(RolledBackError):
        outer()
    assert drafts(store) == ["there"]


def test_a_full_file_is_said_in_words_and_loses_nothing(store: Store) -> None:
    def fill() -> None:
        with transaction(store):
            for number in range(100):
                with transaction(store):
                    add(store, f"n{number}", "x" * 3_000)

    add(store, "before")
    pages = store.execute("PRAGMA page_count").fetchone()[0]
    store.execute(f"PRAGMA max_page_count = {pages + 8}")
    with pytest.raises(DiskFullError, match="Free some space") as said:
        fill()
    assert said.value.where == str(store.path)
    assert drafts(store) == ["before"]
    add(store, "after")  # there is room for a little still
    assert drafts(store) == ["after", "before"]
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_lock_that_another_holds_is_said_in_words(store: Store) -> None:
    other = open_store(store.path)
    other.execute("PRAGMA busy_timeout = 10")
    with transaction(store), pytest.raises(DatabaseBusyError, match="Try again"), transaction(other):
        pass
    other.close()


def test_only_a_connection_of_ours_is_taken() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(TypeError), transaction(connection):
        pass
    connection.close()
