"""The window's process is killed with Enter just pressed, the profile not yet open: the words are in the box again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent.headstart import start_worker_early
from agent.session.thread import start_session
from agent.unsent import left_over
from app.boot import opened
from tests.journey.person import WAIT_MS, Person

ROOT = Path(__file__).parents[2]
TEXT = "remind me on Friday to invoice Dana"
KILLED = """
import os, signal, sys
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app import boot

app, profile = QApplication([]), boot.Profile()
with boot.opened(app, profile.open, profile.prepare) as window:
    def painted():
        from PySide6.QtCore import Qt
        QTest.keyClicks(window.focusWidget(), sys.argv[1])
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
        os.kill(os.getpid(), signal.SIGKILL)
    window.painted.connect(painted)
    window.show()
    app.exec()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such end")
def test_what_was_sent_is_in_the_box_again(home: Path, qtbot: QtBot, qapp: QApplication) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run([sys.executable, "-c", KILLED, TEXT], cwd=ROOT, env=environ, timeout=100, check=False)
    assert died.returncode == -signal.SIGKILL
    starter = start_worker_early()
    with opened(qapp, lambda emit: start_session(emit, starter)) as window:
        with qtbot.waitSignal(window.ready, timeout=WAIT_MS):
            window.show()
        person = Person(qtbot, window)
        person.until(lambda: window.desk.composer.text == TEXT, "the words to come back")
        person.reads("It is back in the box")
        assert not list(left_over(home / "home" / "state")), "and nothing of it lies around"
        person.say("")  # Enter
        person.until(lambda: len(window.desk.chat.rows) == 2, "an answer")
        assert window.desk.composer.text == ""
