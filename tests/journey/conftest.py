"""The real window over the real core, on a profile of its own, with the shipped model in its own process."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent.headstart import start_worker_early
from agent.session.thread import start_session
from app.boot import opened
from tests.flow.conftest import agentrc, mailbox
from tests.journey.person import WAIT_MS, Person

__all__ = ["agentrc", "mailbox", "person"]  # the same person's machine as in tests/flow


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication, home: Path) -> Iterator[Person]:
    starter = start_worker_early()
    with opened(qapp, lambda emit: start_session(emit, starter)) as window:
        with qtbot.waitSignal(window.ready, timeout=WAIT_MS):
            window.show()
        yield Person(qtbot, window)
