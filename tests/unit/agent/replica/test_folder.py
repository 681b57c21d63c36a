"""What the folder and the lock of an exchange do not allow is said in words, not in an error of the system's."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.errors import BrokenError
from agent.replica.alone import alone
from agent.replica.disk import Disk
from agent.replica.errors import NoExchangeError
from agent.replica.folder import ROOT, STATE, Folder, has_state
from agent.replica.sealing import Seal

LAPTOP = "a" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(Disk(tmp_path), Seal())


def test_what_cannot_be_taken_away_is_named(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / ROOT / LAPTOP / STATE).mkdir(parents=True)  # no file, so that it cannot be unlinked
    with pytest.raises(BrokenError, match=STATE):
        folder.drop(LAPTOP)


def test_a_content_that_cannot_be_taken_away_is_named(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / ROOT / LAPTOP / "blobs" / "ab" / "ab12").mkdir(parents=True)
    with pytest.raises(BrokenError, match="ab12"):
        folder.drop_blobs(LAPTOP, set())


def test_a_share_that_does_not_answer_is_named(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(_path: Path) -> bool:
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr(Path, "is_dir", stale)
    monkeypatch.setattr(Path, "is_file", stale)
    for ask in (folder.laptops, lambda: folder.chain(LAPTOP), lambda: has_state(folder.road, LAPTOP)):
        with pytest.raises(BrokenError, match="Stale file handle"):
            ask()


def test_only_a_lock_that_is_held_is_another_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.replica.alone.WAIT_SECONDS_MAX", 0.0)
    with alone(tmp_path / "p.db"), pytest.raises(NoExchangeError, match="just now"), alone(tmp_path / "p.db"):
        pass
    lock = tmp_path / "exchange.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(BrokenError, match="cannot begin"), alone(tmp_path / "p.db"):
        pass


def test_an_error_while_alone_stays_what_it_is(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(":memory:")) as other,
        pytest.raises(sqlite3.OperationalError, match="such"),
        alone(tmp_path / "p.db"),
    ):
        other.execute("SELECT 1 FROM missing")
