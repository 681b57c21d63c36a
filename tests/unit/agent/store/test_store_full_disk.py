"""A disk that takes no more: a process whose files may not grow hears it in words, and what was stored is whole."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.store import Store, open_store
from agent.store.errors import DiskFullError, FileNotWrittenError
from agent.store.files import write_whole

ROOT = Path(__file__).parents[4]

FILL = """
import json, resource, sys, time
from pathlib import Path
from agent.conversation import Conversations
from agent.store import open_store
from agent.store.backup import daily
from agent.store.errors import DiskFullError

path = Path(sys.argv[1])
store = open_store(path)
conversations = Conversations(store, time.time)
limit = 2_000_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
stored = []
said = None
for number in range(200):
    text = f"message {number} " + "x" * 40_000
    try:
        conversations.begin_turn(None, text)
        stored.append(text)
    except DiskFullError as error:
        said = [error.what, error.where, error.todo]
        break
print(json.dumps({"stored": stored, "said": said}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_every_message_before_the_disk_was_full_is_there(tmp_path: Path) -> None:
    path = tmp_path / "carryon.db"
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    told = json.loads(done.stdout)
    what, where, todo = told["said"]
    assert "disk" in what
    assert where == str(path)
    assert "Free some space" in todo
    assert len(told["stored"]) > 5
    store = open_store(path)
    conversations = Conversations(store, time.time)
    there = {conversations.messages(found.id)[0].text for found in conversations.list(limit=1_000)}
    assert there == set(told["stored"])
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    conversations.begin_turn(None, "there is room again")
    store.close()


def test_a_full_database_refuses_the_message_and_goes_on_when_there_is_room(store: Store) -> None:
    conversations = Conversations(store, time.time)
    first = conversations.begin_turn(None, "before")
    pages = store.execute("PRAGMA page_count").fetchone()[0]
    store.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFullError):
        conversations.begin_turn(first.conversation_id, "x" * 500_000)
    assert [said.text for said in conversations.messages(first.conversation_id)] == ["before"]
    store.execute("PRAGMA max_page_count = 1000000")
    conversations.begin_turn(first.conversation_id, "x" * 500_000)
    assert conversations.messages(first.conversation_id)[-1].text == "x" * 500_000


READ = """
import json, resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.argv = ["carryon", *json.loads(sys.argv[1])]
runpy.run_module("app.cli", run_name="__main__")
"""


def on_full_disk(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command line in a process that may write no byte into any file."""
    environ = {**os.environ, "CARRYON_HOME": str(home), "AGENTRC": str(home / "agentrc"), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", READ, json.dumps(words)]
    return subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_what_is_on_a_full_disk_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "carryon.db"
    for folder in ("config", "data", "cache", "state"):
        (tmp_path / folder).mkdir()
    store = open_store(path)
    Conversations(store, time.time).begin_turn(None, "keep me")
    store.close()
    before = path.read_bytes()
    for words in (("chat", "list"), ("outbox", "list"), ("library", "list"), ("net",)):
        done = on_full_disk(tmp_path, *words)
        assert done.returncode == 0, done.stderr
    assert "keep me" in on_full_disk(tmp_path, "chat", "list").stdout
    for words in (("outbox", "flush"), ("ask", "note: one more")):
        refused = on_full_disk(tmp_path, *words)
        assert refused.returncode == 3
        assert "Free some space" in refused.stderr
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_an_export_that_does_not_fit_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "export.md"
    write_whole(target, b"old")
    with pytest.raises(DiskFullError, match="not written"):
        write_whole_on_full_disk(target)
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["export.md"]


def write_whole_on_full_disk(target: Path) -> None:
    """In a child whose files may hold one byte; the error comes back by its number."""
    code = (
        "import resource, sys; from pathlib import Path; from agent.store.files import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))\n"
        "try:\n    write_whole(Path(sys.argv[1]), b'new and longer')\n"
        "except Exception as error:\n    print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    name, _, words = done.stdout.partition(" ")
    raise {"DiskFullError": DiskFullError}[name](words)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FileNotWrittenError, match="may write"):
        write_whole(tmp_path / "x.md", b"")
    tmp_path.chmod(0o700)


def test_a_place_within_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotWrittenError, match="Choose a folder"):
        write_whole(tmp_path / "file" / "x.md", b"")
