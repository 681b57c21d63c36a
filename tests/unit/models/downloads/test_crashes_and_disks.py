"""Killed in the middle, started twice, a full disk, a folder that takes nothing: no byte lost, nothing looks whole."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.downloads import Fetched, discard, unfinished
from models.errors import DownloadError
from tests.unit.models.downloads.shop import Shop

Get = Callable[..., Fetched]
ROOT = Path(__file__).parents[4]
CHILD = """
import sys
from pathlib import Path
from models.downloads import fetch
fetch(sys.argv[1], Path(sys.argv[2]), watch=lambda step: print(step.done, flush=True) or True)
"""


@pytest.fixture
def other_process(shop: Shop, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """The same download in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CHILD, shop.url, str(tmp_path)]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], done: int) -> None:
    assert process.stdout is not None
    assert any(int(line) >= done for line in process.stdout)


def test_a_process_killed_in_the_middle_loses_not_a_byte(
    shop: Shop, get: Get, tmp_path: Path, other_process: Callable[[], subprocess.Popen[str]]
) -> None:
    shop.holds = [70_000]
    killed = other_process()
    until(killed, 70_000)
    killed.kill()
    killed.wait()
    (paused,) = unfinished(tmp_path)
    assert (paused.name, paused.done, paused.total, paused.address) == ("tiny.gguf", 70_000, len(shop.body), shop.url)
    fetched = get(sha256=shop.sha256)
    assert fetched.resumed_at == 70_000
    assert fetched.path.read_bytes() == shop.body
    assert unfinished(tmp_path) == ()


def test_one_file_is_fetched_by_one_process_at_a_time(
    shop: Shop, get: Get, tmp_path: Path, other_process: Callable[[], subprocess.Popen[str]]
) -> None:
    shop.holds = [70_000]
    other = other_process()
    until(other, 70_000)
    with pytest.raises(DownloadError, match="being fetched already"):
        get()
    with pytest.raises(DownloadError, match="being fetched already"):
        discard(tmp_path, "tiny.gguf")
    other.kill()
    other.wait()
    assert get(sha256=shop.sha256).resumed_at == 70_000
    assert not list(tmp_path.glob("*.lock"))


def test_what_was_paused_can_be_thrown_away(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError):
        get()
    discard(tmp_path, "tiny.gguf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["map cut", "map overfull", "notes broken", "bytes gone", "notes foreign"])
def test_a_damaged_remainder_is_begun_anew(shop: Shop, get: Get, tmp_path: Path, damage: str) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError):
        get()
    part, counts, notes = (tmp_path / f"tiny.gguf.part{end}" for end in ("", ".map", ".json"))
    hurt: dict[str, Callable[[], Any]] = {
        "map cut": lambda: counts.write_bytes(b""),
        "map overfull": lambda: counts.write_bytes(b"\xff" * counts.stat().st_size),
        "notes broken": lambda: notes.write_text("{"),
        "bytes gone": lambda: part.write_bytes(b"GGUF"),
        "notes foreign": lambda: notes.write_text('{"schema": 2, "key": "x"}'),
    }
    hurt[damage]()
    shop.cuts = []
    fetched = get(sha256=shop.sha256)
    assert fetched.resumed_at == 0
    assert fetched.path.read_bytes() == shop.body


def test_a_disk_without_room_is_told_before_a_byte_is_written(
    shop: Shop, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    with pytest.raises(DownloadError, match="lacks room") as caught:
        get()
    assert caught.value.where == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_is_told_and_nothing_looks_whole(shop: Shop, get: Get, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(DownloadError, match="could not be written"):
            get()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "tiny.gguf").exists()
    assert get(sha256=shop.sha256).path.read_bytes() == shop.body


def test_a_folder_that_cannot_be_written_is_named(shop: Shop, get: Get, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(DownloadError, match="could not be written") as caught:
        get(folder=blocked / "models")
    assert str(blocked) in caught.value.where
    assert shop.asked == []


def test_files_are_private(shop: Shop, get: Get, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    fetched = get(folder=folder)
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert fetched.path.parent == folder
