"""The process that computes is killed in mid-answer: the window lives, the words stay, the reason is read."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent.headstart import start_worker_early
from agent.session.thread import start_session
from app.boot import opened
from tests.journey.person import WAIT_MS, Person
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
QUESTION = "tell me something about the sea"
WORDS_MIN = 30  # characters of an answer that are seen before it is cut short


@pytest.fixture
def slow_model(tmp_path: Path) -> Path:
    """Slow enough that a person can see it talk."""
    return write_tiny_gguf(tmp_path / "parrot.gguf", dim=512, layers=8, context=4_096)


@pytest.fixture
def talker(qtbot: QtBot, qapp: QApplication, home: Path, slow_model: Path) -> Iterator[Person]:
    """Somebody who has chosen a model of their own."""
    (home / "agentrc").write_text(f'schema = 1\n\n[model]\ndefault = "{slow_model}"\n')
    starter = start_worker_early()
    with opened(qapp, lambda emit: start_session(emit, starter)) as window:
        with qtbot.waitSignal(window.ready, timeout=WAIT_MS):
            window.show()
        person = Person(qtbot, window)
        person.press("welcomeSkip")
        yield person


def worker_of(model: Path) -> psutil.Process | None:
    """The process that has this model, if it is there already."""
    for child in psutil.Process().children(recursive=True):
        try:
            if str(model) in " ".join(child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


def test_what_had_arrived_stays_and_the_next_question_is_answered(talker: Person, slow_model: Path) -> None:
    talker.say(QUESTION)
    chat = talker.window.desk.chat  # type: ignore[attr-defined]
    talker.until(lambda: bool(chat.running_turn) and len(spoken(chat)) >= WORDS_MIN, "the answer to begin")
    worker = worker_of(slow_model)
    assert worker is not None
    os.kill(worker.pid, signal.SIGSTOP)
    arrived = spoken(chat)
    os.kill(worker.pid, signal.SIGKILL)
    talker.until(lambda: not chat.running_turn, "the turn to end")
    talker.reads("killed by the system (signal 9)")
    assert arrived[:WORDS_MIN] in talker.read()
    assert QUESTION in talker.read()

    talker.say("tell me something about the land")
    talker.until(lambda: bool(chat.running_turn) and worker_of(slow_model) is not None, "a new worker")
    again = worker_of(slow_model)
    assert again is not None
    assert again.pid != worker.pid
    talker.press("rail-models")
    talker.press("rail-chat")
    talker.until(lambda: len(spoken(chat)) >= WORDS_MIN, "the second answer")
    chat.cancel()
    talker.until(lambda: not chat.running_turn, "it to stop")
    talker.reads(arrived[:WORDS_MIN])


def spoken(chat: object) -> str:
    """The text of the newest row that is not the user's."""
    rows = chat.rows  # type: ignore[attr-defined]
    return str(getattr(rows[-1], "text", "")) if len(rows) >= 2 else ""
