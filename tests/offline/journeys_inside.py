"""What a person does without a network. Not collected by itself: test_offline.py runs it in networks of its own, where
each test is a process that is watched."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from agent.paths import Paths
from tests.flow.conftest import agentrc, mailbox
from tests.journey.conftest import person
from tests.journey.person import Person

__all__ = ["agentrc", "mailbox", "person"]

FOLDER = Path(os.environ["CARRYON_OFFLINE_FOLDER"])
TEXT = "the rollback is done and nobody else may read this"
DECISION_S, HEARD_S = 60, 10
CHANNELS = """schema = 1

[channels.ops]
kind = "webhook"
url = "{url}"
"""


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    """Nothing is forbidden in here: who is spoken to is watched from outside."""


def test_quiet(person: Person) -> None:
    """Boot, chat, artifacts, search, settings: nothing here is for anybody else."""
    person.press("welcomeSkip")
    person.say("what is 12 * 7")
    person.reads("84")
    person.say("note that the spare key is under the third pot")
    person.reads("I wrote the note")
    person.press("rail-library")
    person.reads("spare key")
    search = person.see("librarySearch")
    line = search if isinstance(search, QLineEdit) else search.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    line.setFocus()
    person.bot.keyClicks(line, "third pot")
    person.reads("spare key")
    person.press("rail-settings")
    person.see("settingsPage")
    person.press("rail-models")
    person.reads("Starter")
    person.press("rail-outbox")
    person.see("outboxPage")


@pytest.fixture
def ops(home: Path, request: pytest.FixtureRequest) -> str:
    url: str = request.param
    (home / "agentrc").write_text(CHANNELS.format(url=url))
    return url


def _queue(person: Person) -> None:
    person.press("welcomeSkip")
    person.say(f"tell #ops that {TEXT}")
    person.press("cardAction-approve")
    person.press("rail-outbox")
    person.reads("rollback")


@pytest.mark.parametrize("ops", ["http://hooks.example.org/in", "https://hooks.example.org/in"], indirect=True)
def test_queued(ops: str, person: Person) -> None:
    """Something is meant for elsewhere: it is tried there and nowhere else, and it stays."""
    _queue(person)
    person.until(lambda: _last_error() != "", "a word on what is the matter")
    until = time.monotonic() + HEARD_S  # the item is on the disk a moment before the window has heard of it
    while "Online" in person.read().splitlines() and time.monotonic() < until:
        person.bot.wait(100)
    (FOLDER / "said.txt").write_text(_last_error() + "\n" + person.read())
    assert _state() in ("queued", "failed", "sending")
    person.reads("1 waiting")


@pytest.mark.parametrize("ops", ["http://hooks.example.org/in"], indirect=True)
def test_opened(ops: str, person: Person) -> None:
    """The user signs in at the portal: what waited goes, once."""
    _queue(person)
    person.until(lambda: "sign in" in _last_error(), "to be told of the sign-in")
    (FOLDER / "said.txt").write_text(person.read())
    (FOLDER / "open").touch()
    until = time.monotonic() + DECISION_S
    while _state() != "delivered" and time.monotonic() < until:
        person.bot.wait(500)
    assert _state() == "delivered"
    person.bot.wait(1_000)


def _state() -> str:
    return _row()[0]


def _last_error() -> str:
    return _row()[1]


def _row() -> tuple[str, str]:
    """As it stands on disk, read by somebody else."""
    with closing(sqlite3.connect(Paths.of().database)) as connection:
        row = connection.execute("SELECT state, last_error FROM outbox_item").fetchone()
    return (row[0], row[1] or "") if row else ("", "")
