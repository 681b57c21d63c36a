"""Steps run once, each alone; statements are told apart by SQLite and not by line ends."""

from pathlib import Path

import pytest

from agent.store import open_store
from agent.store.migrations import all_steps, statements

TRIGGER = """CREATE TABLE a (x);
CREATE TRIGGER t AFTER INSERT ON a BEGIN
    DELETE FROM a WHERE x = 1;
    DELETE FROM a WHERE x = 2;
END;
CREATE TABLE b (y);
"""


def test_a_trigger_is_one_statement() -> None:
    first, trigger, last = statements(TRIGGER)
    assert first == "CREATE TABLE a (x);"
    assert trigger.startswith("CREATE TRIGGER")
    assert trigger.endswith("END;")
    assert last == "CREATE TABLE b (y);"


def test_a_step_that_ends_in_the_middle_is_refused() -> None:
    with pytest.raises(ValueError, match="ends within"):
        list(statements("CREATE TABLE a (x);\nCREATE TABLE b (y)"))


def test_a_failing_step_takes_nothing_with_it_and_can_be_run_again(path: Path) -> None:
    good, bad = ("a_001", TRIGGER), ("a_002", "CREATE TABLE c (z);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(Exception, match="nowhere"):
        open_store(path, [good, bad])
    mended = open_store(path, [good, ("a_002", "CREATE TABLE c (z);\n")])
    tables = {row[0] for row in mended.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}
    assert {"a", "b", "c"} <= tables
    assert [row[0] for row in mended.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()] == [
        "a_001",
        "a_002",
    ]
    mended.close()


def test_every_owner_names_its_steps_once() -> None:
    names = [name for name, _ in all_steps()]
    assert len(names) == len(set(names))
    for _, script in all_steps():
        assert list(statements(script))
