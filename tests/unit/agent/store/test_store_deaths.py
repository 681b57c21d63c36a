"""A process that dies while the file itself is changed: a schema step, a backup, a restore."""

import importlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.store import Store, open_store
from agent.store.backup import backup, daily
from agent.store.copies import backups_of, copies
from agent.store.migrations import Steps, all_steps
from agent.store.restoring import is_good, restore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deaths need fork and SIGKILL")
LATER: Steps = [
    *all_steps(),
    ("later_001_one", "CREATE TABLE later (x);\nINSERT INTO later SELECT text FROM draft;\n"),
    ("later_002_two", "DROP TABLE draft;\nALTER TABLE later RENAME TO draft;\n"),
]
FILE_EVENTS = ("open", "os.rename", "os.link", "os.remove", "os.truncate", "sqlite3.connect")


@pytest.fixture
def profile(path: Path) -> Path:
    store = open_store(path)
    store.execute("INSERT INTO draft (place, text, saved_at) VALUES ('', 'old', 0)")
    backup(store, path.parent / "copy.db")
    store.execute("UPDATE draft SET text = 'present'")
    store.close()
    return path


def in_child(act: Callable[[], object], prepare: Callable[[int], None], step: int) -> bool:
    """Whether the child came to the end alive."""
    child = os.fork()
    if child == 0:
        try:
            prepare(step)
            act()
        finally:
            os._exit(0)
    return os.WIFEXITED(os.waitpid(child, 0)[1])


def die_at_statement(step: int) -> None:
    execute, left = Store.execute, [step]

    def counted(store: Store, sql: str, parameters: object = (), /) -> object:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(store, sql, parameters)

    Store.execute = counted  # type: ignore[method-assign, assignment]


def die_at_file(step: int) -> None:
    left = [step]

    def counted(event: str, _: object) -> None:
        if event in FILE_EVENTS:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(counted)


def sweep(
    profile: Path, tmp_path: Path, prepare: Callable[[int], None], act: Callable[[Path], object],
    check: Callable[[Path], None],
) -> int:  # fmt: skip
    for step in range(1, 1_000):
        place = tmp_path / f"death-{step}"
        shutil.copytree(profile.parent, place, ignore=shutil.ignore_patterns("death-*"))
        alive = in_child(lambda: act(place / profile.name), prepare, step)  # noqa: B023  run at once
        check(place / profile.name)
        shutil.rmtree(place)
        if alive:
            return step - 1
    raise AssertionError("it never ends")


def text_in(path: Path, steps: Steps | None = None) -> str:
    store = open_store(path, steps)
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    text: str = store.execute(f"SELECT {'x' if steps else 'text'} FROM draft").fetchone()[0]
    store.close()
    return text


def test_a_death_within_schema_steps(profile: Path, tmp_path: Path) -> None:
    importlib.import_module("sqlite_utils")  # once here, not in every child
    deaths = sweep(
        profile, tmp_path, die_at_statement,
        lambda path: open_store(path, LATER).close(),
        lambda path: _same(text_in(path, LATER), "present"),
    )  # fmt: skip
    assert deaths > 20


def test_a_death_within_a_restore_leaves_a_whole_database_and_the_present_one(profile: Path, tmp_path: Path) -> None:
    def check(path: Path) -> None:
        texts = {text_in(path)} | {text_in(kept) for kept in path.parent.glob("*.kept-*")}
        assert "present" in texts
        assert texts <= {"present", "old"}

    deaths = sweep(profile, tmp_path, die_at_file, lambda path: restore(path, path.parent / "copy.db"), check)
    assert deaths > 5


def test_a_death_within_a_backup_leaves_no_bad_copy(profile: Path, tmp_path: Path) -> None:
    def act(path: Path) -> None:
        store = open_store(path)
        daily(store, time.time())

    def check(path: Path) -> None:
        assert all(is_good(copy.path) for copy in copies(backups_of(path)))
        assert text_in(path) == "present"

    assert sweep(profile, tmp_path, die_at_file, act, check) > 5


def _same(one: str, other: str) -> None:
    assert one == other
