"""Servers of other programs in the window: ticked, read as a change of the settings, taken over, taken back."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog
from pytestqt.qtbot import QtBot

from agent.protocol import events, server_commands
from agent.protocol.server_events import ClientsFound, ServersTaken
from app import demo_servers
from app.views import dialogs
from app.views.window import Window

CURSOR = "/home/mira/.cursor/mcp.json"


def sheets(window: Window) -> list[QDialog]:
    QApplication.processEvents()
    return [one for one in window.findChildren(QDialog, "importSheet") if one.isVisible()]


@pytest.fixture
def opened(full: Window, collected, find) -> QDialog:
    full.show_view("settings")
    full.desk.handle(demo_servers.listed())
    find(full, "serversImport").click()
    look = collected.last(server_commands.LookForServers)
    assert look.path == ""
    full.desk.handle(demo_servers.found(look.id))
    (sheet,) = sheets(full)
    return sheet


def test_what_is_ticked_is_read_before_it_is_written_and_can_be_undone(
    full: Window, opened: QDialog, qtbot: QtBot, collected, find
) -> None:
    first = find(opened, "import-0-0")
    qtbot.waitUntil(lambda: opened.focusWidget() is first)
    assert isinstance(first, QCheckBox)
    assert first.isChecked()
    taken_already = find(opened, "import-0-2")
    assert not taken_already.isEnabled()
    assert "already" in taken_already.accessibleDescription()
    assert "no JSON" in find(opened, "importTrouble-1").text()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    qtbot.keyClick(first, Qt.Key.Key_Return)
    asked = collected.last(server_commands.PreviewServers)
    assert asked.choices == {CURSOR: ("files",)}
    assert not find(opened, "importRead").isEnabled(), "one at a time"
    full.desk.handle(demo_servers.previewed(asked.id))
    assert "+[servers.files]" in find(opened, "importDiff").toPlainText()
    assert "keyring" in find(opened, "importWarning-0").text()
    assert not [one for one in collected if isinstance(one, server_commands.TakeServers)]
    take = find(opened, "importTake")
    qtbot.waitUntil(lambda: opened.focusWidget() is take)
    qtbot.keyClick(take, Qt.Key.Key_Return)
    done = collected.last(server_commands.TakeServers)
    assert (done.choices, done.looked_at) == ({CURSOR: ("files",)}, "demo")
    full.desk.handle(demo_servers.taken(done.id))
    assert not sheets(full)
    assert "Taken over: github-tools, files." in find(full, "serversTaken").text()
    find(full, "serversTakeBack").click()
    back = collected.last(server_commands.TakeBackServers)
    assert back.change == 7
    full.desk.handle(ServersTaken(cause=back.id, names=(), change=0))
    assert full.desk.server_import.taken == ""


def test_escape_goes_back_a_step_and_nothing_is_written(
    full: Window, opened: QDialog, qtbot: QtBot, collected, find
) -> None:
    find(opened, "importRead").click()
    full.desk.handle(demo_servers.previewed(collected.last(server_commands.PreviewServers).id))
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert find(opened, "importRead").isEnabled()
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert not sheets(full)
    assert not [one for one in collected if isinstance(one, server_commands.TakeServers)]


def test_what_went_wrong_stands_on_the_sheet(full: Window, opened: QDialog, collected, find) -> None:
    find(opened, "importRead").click()
    asked = collected.last(server_commands.PreviewServers)
    full.desk.handle(events.Failed(cause=asked.id, what="The file is gone.", todo="Choose others."))
    assert find(opened, "importTrouble").text() == "The file is gone. Choose others."
    assert find(opened, "importRead").isEnabled()


def test_a_failure_to_write_is_told_though_escape_was_pressed_meanwhile(
    full: Window, opened: QDialog, qtbot: QtBot, collected, find
) -> None:
    find(opened, "importRead").click()
    full.desk.handle(demo_servers.previewed(collected.last(server_commands.PreviewServers).id))
    find(opened, "importTake").click()
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    asked = collected.last(server_commands.TakeServers)
    full.desk.handle(events.Failed(cause=asked.id, what="The settings changed meanwhile.", todo="Look again."))
    assert find(opened, "importTrouble").text() == "The settings changed meanwhile. Look again."
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert find(opened, "importRead").isEnabled()


def test_without_a_known_program_a_file_can_be_named(
    full: Window, collected, find, monkeypatch: pytest.MonkeyPatch
) -> None:
    full.show_view("settings")
    find(full, "serversImport").click()
    (sheet,) = sheets(full)
    assert find(sheet, "importNone").text() == "Looking…"
    full.desk.handle(ClientsFound(cause=collected.last(server_commands.LookForServers).id, clients=()))
    assert "No other program keeps servers here" in find(sheet, "importNone").text()
    assert not find(sheet, "importRead").isEnabled()
    monkeypatch.setattr(dialogs, "open_path", lambda *_: "/elsewhere/mcp.json")
    find(sheet, "importOther").click()
    look = collected.last(server_commands.LookForServers)
    assert look.path == "/elsewhere/mcp.json"
    evil = replace(demo_servers.CLIENTS[0].candidates[1], theirs="<b>files</b>", how="run <i>it</i>")
    full.desk.handle(ClientsFound(cause=look.id, clients=(replace(demo_servers.CLIENTS[0], candidates=(evil,)),)))
    box = find(sheet, "import-0-0")
    assert isinstance(box, QCheckBox)
    assert box.text() == "<b>files</b>", "a tick's words are plain text"
