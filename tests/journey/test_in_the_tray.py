"""Closed into the tray, over the real core: reminders ring, a second start brings the window back, quitting ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from agent.library import Library
from agent.paths import Paths
from agent.store import connect
from app.views.window import Window
from tests.journey.person import WAIT_MS, Person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Short, since the door of the window is a socket; on a desktop that has a tray."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    with TemporaryDirectory(prefix="cy", ignore_cleanup_errors=True) as made:
        monkeypatch.setenv("CARRYON_HOME", made)
        monkeypatch.setenv("AGENTRC", f"{made}/agentrc")
        monkeypatch.delenv("CARRYON_OFFLINE", raising=False)
        yield Path(made)


def test_a_closed_window_lives_in_the_tray(person: Person, home: Path) -> None:
    window = person.window
    assert isinstance(window, Window)
    person.until(lambda: window.furnished, "for the rooms")
    (home / "agentrc").write_text("[window]\ntray = true\n")
    person.until(lambda: window.desk.tray.wanted, "for the settings")
    assert not window.close()
    assert not window.isVisible()

    connection = connect(Paths.of().database)
    Library(connection, lambda: 0.0).add_timer("tea", 1_000)
    connection.close()
    window.desk.outbox.refresh()  # as any command, it makes the timers look
    person.until(lambda: _told(window) == "Time: tea", "for the timer")

    program = "from agent.paths import Paths; from app.single import summon; print(summon(Paths.of().state))"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as second:
        person.bot.waitUntil(window.isVisible, timeout=WAIT_MS)
        person.bot.waitUntil(lambda: second.poll() is not None, timeout=WAIT_MS)
        assert second.stdout is not None
        assert second.stdout.read().strip() == "True"

    window.close()
    closed: list[bool] = []
    window.closing.connect(lambda: closed.append(True))
    window.leave()
    assert closed == [True]


def _told(window: Window) -> str:
    return window.desk.toasts.latest.text if window.desk.toasts.latest else ""
