"""The bundled model's file is missing: the window opens all the same and says why nothing is answered."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import boot
from models.catalog import Catalog
from tests.journey.person import WAIT_MS, Person


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalogue looks where no file is."""
    file = tmp_path / "nowhere" / "starter.gguf"
    monkeypatch.setitem(Catalog.__init__.__kwdefaults__, "starter_file", file)
    return file


def test_the_window_opens_and_says_why(gone: Path, qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    starter = boot.start_worker()
    assert starter is None
    with boot.opened(qapp, lambda emit: boot.open_core(emit, starter)) as window:
        with qtbot.waitSignal(window.ready, timeout=WAIT_MS):
            window.show()
        person = Person(qtbot, window)
        person.reads("cannot be used")
        person.reads(str(gone))
        person.press("rail-models")
        person.see("modelState-starter")
        person.reads("Cannot be used")
        person.press("rail-chat")
        person.say("what is 2 + 2")
        person.until(lambda: not window.desk.chat.running_turn and len(window.desk.chat.rows) == 2, "an answer")
        assert "what is 2 + 2" in person.read(), "what was asked stands in the thread"
