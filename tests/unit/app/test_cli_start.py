"""`carryon start` and `carryon slo`: what goes wrong is said in words, and what scripts get."""

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.paths import Paths
from app.cli import main

posix = pytest.mark.skipif(os.name == "nt", reason="a permission of POSIX systems")


def said(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_profile_whose_folders_cannot_be_made_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CARRYON_HOME", str(tmp_path / "file"))
    done = said("start", "--no-window", "--json")
    told = json.loads(done.output)["error"]
    assert done.exit_code == 3
    assert told["what"].startswith("Carryon did not come up: This folder of the profile cannot be made")
    assert told["where"].startswith(str(tmp_path / "file"))
    assert "CARRYON_HOME" in told["todo"]
    assert "Error" not in done.output, "no name of Python's"


@posix
def test_a_python_that_cannot_be_started_is_said_in_words(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "python"
    blocked.write_text("")
    blocked.chmod(0o600)
    monkeypatch.setattr(sys, "executable", str(blocked))
    done = said("start", "--json")
    told = json.loads(done.output)["error"]
    assert done.exit_code == 3
    assert told == {
        "what": "Carryon could not be started: Permission denied.", "where": str(blocked),
        "todo": "Look at: carryon doctor",
    }  # fmt: skip


@pytest.mark.parametrize("words", ["slo --json", "slo coldstart --json", "slo --json coldstart"])
def test_a_bare_slo_is_about_the_cold_start(paths: Paths, words: str) -> None:
    done = said(*words.split())
    assert done.exit_code == 2, "no start is kept"
    assert json.loads(done.output)["verdict"] == "insufficient"
    assert "0 starts kept" in said("slo").output


def test_what_else_may_follow_slo_is_still_shown(paths: Paths) -> None:
    assert "coldstart" in said("slo", "--help").output
