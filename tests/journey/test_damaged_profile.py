"""A profile whose file is damaged: the window opens, says so, keeps what is typed, and puts the backup back."""

from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.paths import Paths
from agent.store import open_store
from agent.store.backup import backup
from tests.journey.person import Person

BROKEN = b"\0" * 4096


@pytest.fixture
def damaged(paths: Paths) -> Path:
    """Yesterday's backup beside a database of zeros."""
    store = open_store(paths.database)
    Conversations(store, lambda: 1_795_000_000.0).create("Boat trip")
    backup(store, paths.backups / "daily-20200101-000000.db")
    store.close()
    paths.database.write_bytes(BROKEN)
    return paths.database


def test_the_backup_is_put_back_and_no_word_is_lost(damaged: Path, person: Person) -> None:
    person.see("profileBanner")
    person.reads("damaged")
    person.say("note that the spare key is under the third pot")
    person.until(lambda: person.find("composerPending") is None, "the message to come back")
    person.reads("the spare key is under the third pot")

    person.press("profileRestore")
    person.reads("The backup is in place")
    person.until(lambda: person.find("profileBanner") is None, "the banner to go")
    person.reads("Boat trip")
    kept = list(damaged.parent.glob(f"{damaged.name}.kept-*"))
    assert [path.read_bytes() for path in kept] == [BROKEN]
    person.reads(kept[0].name)

    person.press("composerSend")
    person.reads("I wrote the note")
