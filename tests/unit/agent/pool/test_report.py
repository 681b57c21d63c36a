"""The report that a window leaves for the command line: whole, the user's alone, silent once its process is gone."""

import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.pool.records import Worker
from agent.pool.report import REPORTS_MAX, ReportFile, began, is_there, reported

WORKER = Worker("talker", os.getpid(), "ready", "", 1_000, 0, 1_800_000_000_000, 1_800_000_000_000, os.getpid())


def test_what_is_kept_is_read_by_another(tmp_path: Path) -> None:
    report = ReportFile(tmp_path / "pool")
    report.keep([WORKER, replace(WORKER, name="starter", pid=None)])
    assert [worker.name for worker in reported(tmp_path / "pool")] == ["talker", "starter"]
    report.keep([WORKER])
    assert reported(tmp_path / "pool") == (WORKER,)
    report.keep([])
    assert list((tmp_path / "pool").iterdir()) == []
    report.keep([])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_it_is_the_users_alone(tmp_path: Path) -> None:
    ReportFile(tmp_path / "pool").keep([WORKER])
    assert stat.S_IMODE((tmp_path / "pool").stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "pool").iterdir()] == [0o600]


def test_what_a_crash_left_speaks_for_nobody_and_is_cleared_away(tmp_path: Path) -> None:
    ReportFile(tmp_path).keep([WORKER])
    (own,) = tmp_path.iterdir()
    said = json.loads(own.read_text())
    gone = tmp_path / "999999999.json"
    gone.write_text(json.dumps({**said, "pid": 999_999_999}))
    other = tmp_path / "1.json"
    other.write_text(json.dumps({**said, "began": 1.0}))  # the number was given to another process since
    assert reported(tmp_path) == (WORKER,)
    assert [file.name for file in tmp_path.iterdir()] == [own.name]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"pid": "x"}', '{"pid": 1, "began": 1, "workers": 3}', "\x00\x01"],
)
def test_what_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "5.json").write_text(text)
    assert reported(tmp_path) == ()


def test_rows_of_another_version_say_nothing(tmp_path: Path) -> None:
    report = {"pid": os.getpid(), "began": began(os.getpid()), "workers": [{"name": "talker", "mood": "good"}]}
    (tmp_path / "5.json").write_text(json.dumps(report))
    assert reported(tmp_path) == ()


def test_a_folder_that_is_not_there_or_full_of_files_is_bounded(tmp_path: Path) -> None:
    assert reported(tmp_path / "nothing") == ()
    for number in range(REPORTS_MAX + 20):
        (tmp_path / f"{number}.json").write_text("{}")
    assert reported(tmp_path) == ()


def test_a_disk_without_room_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "pool").write_text("in the way")
    ReportFile(tmp_path / "pool").keep([WORKER])
    ReportFile(tmp_path / "pool").keep([])


def test_whether_a_worker_is_there() -> None:
    assert is_there(WORKER)
    assert not is_there(replace(WORKER, pid=None))
    assert not is_there(replace(WORKER, pid=999_999_999))
