"""`carryon start` and `carryon slo`: a real start in a process of its own, what it says, and what is kept of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PARTS = {"interpreter", "qt", "window", "first paint", "rooms", "profile imports", "settings", "registry", "model map",
         "model context", "first token"}  # fmt: skip


def carryon(*words: str, code: int = 0) -> str:
    """Without a screen, as on a server."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run([sys.executable, "-m", "app.cli", *words], cwd=ROOT, env=environ, capture_output=True,
                          text=True, timeout=170, check=False)  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def first(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(carryon("start", "--json", "--tools"))
    return found


def test_a_start_is_accounted_for_and_kept(first: dict[str, Any], home: Path) -> None:
    assert first["ok"]
    assert (first["class"], first["evidence"]) == ("after_update", "the first start of this profile")
    assert set(PARTS) <= {span["name"] for span in first["spans"]}
    assert any(span["name"].startswith("migration ") for span in first["spans"]), "a new profile has all of them to run"
    assert first["accounted"] >= 0.95
    assert 0 < first["window_ms"] < first["ready_ms"] < first["first_token_ms"]
    assert first["spans"][0]["begin_ms"] == 0, "from the birth of the process"
    assert {tool["name"] for tool in first["tools"]} >= {"note.create", "web.fetch"}

    drawn = carryon("start", "--trace", "--no-window")
    assert "Reading the model" in drawn
    assert "of the time is accounted for" in drawn
    assert "after an update" not in drawn

    kept = json.loads(carryon("slo", "coldstart", "--json", code=2))
    assert (kept["verdict"], kept["starts"]) == ("insufficient", 2)
    classes = {(row["class"], row["until"]): row for row in kept["classes"]}
    assert classes["after_update", "ready"]["starts"] == 1, "never pooled with the other"
    assert "too few" not in carryon("slo", "coldstart", code=2)


def test_a_profile_that_cannot_be_opened_is_said(home: Path) -> None:
    data = home / "home" / "data"
    data.mkdir(parents=True)
    (data / "carryon.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    told = json.loads(carryon("start", "--json", code=3))
    assert "did not come up" in told["error"]["what"]
