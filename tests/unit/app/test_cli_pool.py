"""`carryon pool`: what windows reported, looked up once more; and how the machine stands."""

import json
import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from agent.paths import Paths
from agent.pool.policy import WORDS, Why
from agent.pool.records import Worker
from agent.pool.report import FOLDER, ReportFile
from app.cli import main
from models.host import readings
from models.host.pressure import Reading

UP = Worker("talker", os.getpid(), "ready", "", 1_250_000_000, 0, 1_700_000_000_000, 1_700_000_000_000, os.getpid())
RESTING = replace(
    UP, name="other", pid=None, state="resting", why=WORDS[Why.BATTERY], memory_bytes=None, probed_at=None
)


def report(paths: Paths, *workers: Worker) -> None:
    ReportFile(paths.state / FOLDER).keep(workers)


def test_without_a_window_it_says_so_and_ends_well(paths: Paths) -> None:
    done = CliRunner().invoke(main, ["pool"])
    assert done.exit_code == 0
    assert "No window of Carryon is open" in done.output
    assert "memory: " in done.output
    assert "model.keep_warm = auto" in done.output


def test_workers_are_listed_with_what_matters(paths: Paths) -> None:
    report(paths, UP, RESTING)
    lines = CliRunner().invoke(main, ["pool"]).output.splitlines()
    assert [" ".join(line.split()[:4]) for line in lines[1:3]] == [
        f"talker ready {os.getpid()} 1.2",
        "other resting - -",
    ]
    assert lines[2].endswith("Resting to save battery; wakes when you write.")


def test_a_process_that_is_gone_since_is_not_called_ready(paths: Paths) -> None:
    report(paths, replace(UP, pid=999_999_999))
    (worker,) = json.loads(CliRunner().invoke(main, ["pool", "--json"]).output)["workers"]
    assert (worker["state"], worker["memory_bytes"]) == ("gone", None)


def test_scripts_get_one_document(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.agentrc.write_text('[model]\nkeep_warm = "always"\n')
    monkeypatch.setattr(readings, "read", lambda: Reading(10**9, 16 * 10**9, 50.0, 17.0, False))
    report(paths, UP)
    document = json.loads(CliRunner().invoke(main, ["pool", "--json"]).output)
    assert document["keep_warm"] == "always"
    assert document["workers"] == [
        {"name": "talker", "pid": os.getpid(), "state": "ready", "why": "", "memory_bytes": 1_250_000_000,
         "restarts": 0, "probed_at": "2023-11-14T22:13:20.000Z", "since_at": "2023-11-14T22:13:20.000Z",
         "held_by": os.getpid()},
    ]  # fmt: skip
    assert document["machine"] == {
        "available_bytes": 10**9, "total_bytes": 16 * 10**9, "swap_percent": 50.0, "battery_percent": 17.0,
        "plugged": False, "memory": "fair", "battery": "low",
    }  # fmt: skip


def test_a_machine_with_enough_of_everything_is_called_calm(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "read", lambda: Reading(12 * 10**9, 16 * 10**9, 0.0, 90.0, True))
    machine = json.loads(CliRunner().invoke(main, ["pool", "--json"]).output)["machine"]
    assert (machine["memory"], machine["battery"]) == ("calm", "calm")


def test_a_machine_that_says_nothing_is_no_trouble(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "read", Reading)
    said = CliRunner().invoke(main, ["pool"]).output
    assert "memory: this machine does not say" in said
    assert "battery: this machine does not say" in said
