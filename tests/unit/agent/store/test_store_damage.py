"""A damaged file: said, named, left as it is, and the way back stands in the message."""

import contextlib
import hashlib
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.library import Library
from agent.library.errors import BlobDamagedError
from agent.store import open_store
from agent.store.backup import daily
from agent.store.copies import backups_of, copies
from agent.store.errors import DatabaseDamagedError
from agent.store.restoring import restore

FLIPS = 60
PLACES_IN_HEADER = (0, 7, 17, 18, 21, 46, 59)


@pytest.fixture
def profile(path: Path) -> Path:
    """A closed database with work in it, a day's backup beside it, and one message after the backup."""
    store = open_store(path)
    conversations, library = Conversations(store, time.time), Library(store, time.time)
    for number in range(40):
        conversations.begin_turn(None, f"message {number} " + "word " * 400)
        library.create("note", f"note {number}", f"line {number}\n" * 300)
    assert daily(store, time.time())
    conversations.begin_turn(None, "after the backup")
    store.close()
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def flip(path: Path, place: int, length: int = 1) -> None:
    content = bytearray(path.read_bytes())
    for offset in range(place, min(place + length, len(content))):
        content[offset] ^= 0xFF
    path.write_bytes(content)


def refused(path: Path, change: Callable[[Path], object]) -> DatabaseDamagedError:
    change(path)
    before = digest(path)
    with pytest.raises(DatabaseDamagedError) as said:
        open_store(path)
    assert digest(path) == before
    assert said.value.where == str(path)
    assert "carryon restore" in said.value.todo
    assert copies(backups_of(path))[0].path.name in said.value.todo
    return said.value


@pytest.mark.parametrize("place", PLACES_IN_HEADER)
def test_flipped_bytes_at_the_beginning(profile: Path, place: int) -> None:
    refused(profile, lambda path: flip(path, place))


def test_a_file_that_was_cut_off(profile: Path) -> None:
    said = refused(profile, lambda path: path.write_bytes(path.read_bytes()[:-9_000]))
    assert "cut off" in said.what


def test_a_file_that_was_emptied(profile: Path) -> None:
    said = refused(profile, lambda path: path.write_bytes(b""))
    assert "empty" in said.what


def test_a_file_that_is_something_else(profile: Path) -> None:
    refused(profile, lambda path: path.write_text("dear diary, " * 400))


def test_the_backup_comes_back_and_the_damaged_file_stays(profile: Path) -> None:
    flip(profile, 0, 16)
    damaged = digest(profile)
    done = restore(profile)
    assert done.kept is not None
    assert digest(done.kept) == damaged
    store = open_store(profile)
    assert len(Conversations(store, time.time).list()) == 40
    store.close()


def test_pages_flipped_anywhere_never_lose_the_file_or_a_good_backup(profile: Path, tmp_path: Path) -> None:
    """Reading all of it either works or says what is damaged; a damaged database makes no backup."""
    chance = random.Random(11)
    size = profile.stat().st_size
    good = digest(copies(backups_of(profile))[0].path)
    damaged = 0
    for number in range(FLIPS):
        place = tmp_path / f"flipped-{number}"
        place.mkdir()
        shutil.copytree(backups_of(profile), place / "backups")
        victim = shutil.copy(profile, place / profile.name)
        flip(Path(victim), chance.randrange(100, size - 64), 64)
        with contextlib.suppress(DatabaseDamagedError, BlobDamagedError):
            read_all(Path(victim))
            damaged -= 1
        damaged += 1
        assert digest(copies(place / "backups")[-1].path) == good
        shutil.rmtree(place)
    assert damaged > FLIPS // 4


def read_all(path: Path) -> None:
    store = open_store(path)
    try:
        if store.read_only:
            return  # a flipped name of a step reads like a newer file; it is open for reading alone
        daily(store, time.time() + 2 * 86_400)
        conversations, library = Conversations(store, time.time), Library(store, time.time)
        for found in conversations.list():
            conversations.messages(found.id)
        for artifact in library.list(limit=1_000):
            library.text(artifact.id)
    except ValueError:
        return  # letters within a row's JSON: no check of SQLite's sees them, and no file is touched
    finally:
        store.close()


def test_a_flipped_letter_in_a_version_is_noticed_by_its_digest(profile: Path) -> None:
    content = profile.read_bytes()
    place = content.index(b"line 7\nline 7\nline 7\n") + 300
    flip(profile, place)
    store = open_store(profile)
    library = Library(store, time.time)
    with pytest.raises(BlobDamagedError):
        [library.text(artifact.id) for artifact in library.list(limit=100)]
    store.close()
