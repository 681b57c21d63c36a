"""Two laptops and a stick, from the terminal: the example of the README, word for word."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sim.file_server import FileServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def carryon(home: Path, *words: str, code: int = 0) -> str:
    environ = {**os.environ, "CARRYON_HOME": str(home), "AGENTRC": str(home.with_suffix(".rc"))}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


def document(home: Path, *words: str) -> Any:
    return json.loads(carryon(home, *words, "--json"))


def test_both_write_on_and_nothing_is_lost(tmp_path: Path, stick: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    carryon(one, "call", "note.create", "title=Trip list", "body=tent")
    assert carryon(one, "sync", str(stick)) == "went: 1\n"
    assert carryon(two, "sync", str(stick), "--dry-run") == "would come: Trip list\n"
    assert carryon(two, "sync", str(stick)) == "came: Trip list\n"
    carryon(one, "call", "note.append", "title=Trip list", "text=charger")
    carryon(two, "call", "note.append", "title=Trip list", "text=sunscreen")
    carryon(one, "sync", str(stick))
    assert "joined: Trip list, version 4: written on two laptops at a time" in carryon(two, "sync", str(stick))
    assert carryon(one, "sync", str(stick)) == "came: Trip list\n"
    (note,) = document(one, "library", "list")
    for laptop in (one, two):
        assert carryon(laptop, "library", "show", note["id"]) == "tent\ncharger\nsunscreen\n"
    assert carryon(one, "sync", str(stick)).startswith("Nothing new. Other laptops there: ")
    carryon(two, "library", "restore", note["id"], "2")
    carryon(two, "sync", str(stick))
    carryon(one, "sync", str(stick))
    assert carryon(one, "library", "show", note["id"]) == "tent\nsunscreen\n"


def test_by_way_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD", "pw")
    monkeypatch.setenv("PHRASE", "correct horse")
    one, two = tmp_path / "one", tmp_path / "two"
    with FileServer(tmp_path / "served") as server:
        for laptop in (one, two):
            told = carryon(
                laptop, "sync", "server", server.url, "--user", "me", "--secret", "env:CLOUD",
                "--passphrase", "env:PHRASE",
            )  # fmt: skip
            assert "sync.url = " in told
            assert "carryon rc secret" not in told
            assert "exchanged by hand" in carryon(laptop, "sync", "status")
        carryon(one, "call", "note.create", "title=Trip list", "body=tent")
        assert carryon(one, "sync") == "went: 1\n"
        assert carryon(two, "sync") == "came: Trip list\n"
        carryon(one, "sync", "--dry-run", code=2)
        raw = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
        assert b"tent" not in raw
    assert "not there now" in carryon(one, "sync", "status", code=1)
    carryon(one, "sync", code=2)
    carryon(one, "sync", server.url, code=2)
    told = carryon(one, "sync", "server", server.url, "--user", "me")
    assert "Then: carryon rc secret sync-server\nThen: carryon rc secret sync\n" in told


def test_what_scripts_read(tmp_path: Path, stick: Path) -> None:
    home = tmp_path / "one"
    assert set(document(home, "sync", str(stick))) == {
        "at", "folder", "came", "deleted", "went", "merges", "notices", "laptops",
    }  # fmt: skip
    assert carryon(home, "sync", "status") == "No folder is named: carryon rc set sync.folder FOLDER\n"
    carryon(home, "sync", code=2)
    carryon(home, "sync", str(tmp_path / "nowhere"), code=2)
    carryon(home, "sync", "forget", "nobody", "--folder", str(stick), code=2)
    carryon(home, "rc", "set", "sync.folder", str(stick))
    assert "exchanged by itself" in carryon(home, "sync", "status")
    stick.rename(tmp_path / "away")
    assert "not there now" in carryon(home, "sync", "status", code=1)
