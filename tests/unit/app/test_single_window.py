"""Who has the window, and what a second start hears at its door. The door itself is tested with the real window."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.single import ADDRESS_BYTES_MAX, DOOR, HEARD, KNOCK, LOCK, claim, door, is_second, summon

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has a pipe in its place")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since a socket's path has to be."""
    with TemporaryDirectory(prefix="cy") as made:
        yield Path(made)


def elsewhere(folder: Path) -> str:
    """What another process is told when it asks for the lock."""
    program = f"from pathlib import Path; from app.single import claim; print(claim(Path({str(folder)!r})))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_first_has_the_window_until_its_process_ends(folder: Path) -> None:
    assert elsewhere(folder) != "None", "it had it, and is gone"
    handle = claim(folder)
    assert handle is not None
    assert elsewhere(folder) == "None"
    os.close(handle)
    assert elsewhere(folder) != "None"


@posix
def test_its_files_are_the_users_alone(folder: Path) -> None:
    handle = claim(folder)
    assert stat.S_IMODE((folder / LOCK).stat().st_mode) == 0o600
    assert handle is not None
    os.close(handle)


def test_a_folder_that_cannot_be_written_keeps_nobody_from_a_window(folder: Path) -> None:
    assert claim(folder / "nothing") is not None
    assert not is_second(folder / "nothing")


def test_nobody_at_the_door_is_told_after_a_while(folder: Path) -> None:
    assert not summon(folder, opening_s=0.1)


@posix
@pytest.mark.parametrize(("answer", "heard"), [(HEARD, True), (b"what?\n", False), (b"", False)])
def test_the_door_answers_or_does_not(folder: Path, answer: bytes, heard: bool) -> None:
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / DOOR))
        server.listen()

        def serve() -> None:
            with server.accept()[0] as guest:
                asked.append(guest.recv(100))
                guest.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        assert summon(folder) is heard
        serving.join()
    assert asked == [KNOCK]


@posix
def test_a_window_that_hangs_does_not_keep_the_user_from_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.single.ANSWER_S_MAX", 0.1)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / DOOR))
        server.listen()
        assert not summon(folder)


@posix
def test_a_profile_with_a_very_long_path_has_no_door(folder: Path) -> None:
    deep = folder / ("x" * ADDRESS_BYTES_MAX)
    assert door(folder) == str(folder / DOOR)
    assert door(deep) is None
    assert not summon(deep)


def test_it_imports_next_to_nothing() -> None:
    program = "import json, sys; import app.single; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"socket", "PySide6", "subprocess", "hashlib", "platformdirs"} & set(done.stdout.split('"'))
