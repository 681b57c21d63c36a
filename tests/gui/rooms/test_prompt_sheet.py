"""Texts that servers have ready, in the window: found, filled in, fetched and read, all by keyboard; known as another's
until the box is empty."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events, server_commands
from agent.protocol.records import Message, Role
from agent.protocol.server_events import PromptFailed, PromptFetched, ServersListed
from app import demo, demo_servers
from app.views.window import Window

SOURCE = "the prompt triage of the server tracker"


def sheets(window: Window) -> list[QDialog]:
    QApplication.processEvents()
    return [one for one in window.findChildren(QDialog, "promptSheet") if one.isVisible()]


@pytest.fixture
def known(full: Window) -> Window:
    full.desk.handle(demo_servers.listed())
    full.desk.composer.suggest("")
    return full


def slash(window: Window, qtbot: QtBot) -> QWidget:
    box = window.chat.composer.box
    box.setFocus()
    qtbot.keyClicks(box, "/")
    return box


def test_a_slash_in_an_empty_box_finds_fills_and_fetches_by_keyboard(
    known: Window, qtbot: QtBot, collected, find
) -> None:
    box = slash(known, qtbot)
    (sheet,) = sheets(known)
    search, offers = sheet.findChild(QLineEdit, "promptSearch"), sheet.findChild(QListWidget, "promptList")
    assert search is not None
    assert offers is not None
    qtbot.waitUntil(lambda: sheet.focusWidget() is search)
    assert [offers.item(row).text().split("  ")[0] for row in range(offers.count())] == ["triage", "weekly_report"]
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert offers.currentRow() == 1
    qtbot.keyClicks(search, "urgent")
    assert offers.count() == 1
    qtbot.keyClick(search, Qt.Key.Key_Return)
    field = find(sheet, "promptField-0")
    qtbot.waitUntil(lambda: sheet.focusWidget() is field)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert find(sheet, "promptTrouble").text() == "Fill in “project” first."
    qtbot.keyClicks(field, "web")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    asked = collected.last(server_commands.FetchPrompt)
    assert (asked.server, asked.name, asked.args) == ("tracker", "triage", {"project": "web"})
    assert "tracker is started" in find(sheet, "promptFetching").text()
    known.desk.handle(
        PromptFetched(cause=asked.id, text="Sort <b>them</b>.", source=SOURCE, note="Pictures in it were left out.")
    )
    assert not sheets(known)
    assert box.toPlainText() == "Sort <b>them</b>.", "the slash is gone, the rest is as the server wrote it"
    said = find(known, "composerLent").text()
    assert "words of the prompt triage of the server tracker" in said
    assert said.endswith("Pictures in it were left out.")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    sent = collected.last(commands.SendMessage)
    assert (sent.text, sent.sources) == ("Sort <b>them</b>.", (SOURCE,))
    assert not known.chat.composer.findChild(QLabel, "composerLent").isVisible()


def test_what_the_server_said_no_to_is_told_and_can_be_tried_again(
    known: Window, qtbot: QtBot, collected, find
) -> None:
    find(known, "composerAdd").click()
    (sheet,) = sheets(known)
    known.desk.prompts.choose("tracker/weekly_report")
    asked = collected.last(server_commands.FetchPrompt)
    assert asked.args == {}, "it wants to know nothing, so nothing is asked"
    known.desk.handle(PromptFailed(cause=asked.id, what="The server tracker said no.", todo="Ask there."))
    assert find(sheet, "promptTrouble").text() == "The server tracker said no. Ask there."
    find(sheet, "promptFetch").click()
    again = collected.last(server_commands.FetchPrompt)
    assert again.id != asked.id
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert collected.last(server_commands.LeavePrompt).fetch_id == again.id
    known.desk.handle(PromptFetched(cause=again.id, text="too late", source="x"))
    assert known.chat.composer.box.toPlainText() == ""
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheets(known)


def test_escape_leaves_the_slash_and_without_texts_it_is_only_a_sign(
    full: Window, qtbot: QtBot, collected, find
) -> None:
    full.desk.composer.suggest("")
    none = tuple(replace(server, offers=()) for server in demo_servers.SERVERS)
    box = slash(full, qtbot)
    assert collected.last(server_commands.ListServers)
    full.desk.handle(ServersListed(servers=none))
    assert not sheets(full)
    qtbot.keyClicks(box, "tmp")
    full.desk.handle(demo_servers.listed())
    assert not sheets(full), "by now it is a path"
    assert box.toPlainText() == "/tmp"
    find(full, "composerAdd").click()
    full.desk.handle(ServersListed(servers=none))
    (sheet,) = sheets(full)
    assert "Servers are declared in Settings" in find(sheet, "promptNone").text()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert (sheets(full), box.toPlainText()) == ([], "/tmp")
    box.selectAll()
    full.desk.handle(demo_servers.listed())
    qtbot.keyClicks(box, "/")
    qtbot.keyClick(sheets(full)[0], Qt.Key.Key_Escape)
    assert box.toPlainText() == "/"


def lend(window: Window, text: str) -> None:
    window.desk.composer.lend(text, SOURCE)


def test_words_of_another_that_come_back_by_undoing_are_still_known(
    known: Window, qtbot: QtBot, collected, find
) -> None:
    box = known.chat.composer.box
    lend(known, "Sort them.")
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, "mine")
    assert known.desk.composer.lent == ()
    while box.toPlainText() != "Sort them.":
        assert box.document().isUndoAvailable()
        box.undo()
    assert "words of the prompt triage" in find(known, "composerLent").text()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert collected.last(commands.SendMessage).sources == (SOURCE,)


def test_words_of_another_that_are_cut_and_pasted_are_still_known(known: Window, qtbot: QtBot) -> None:
    box = known.chat.composer.box
    lend(known, "Sort them by how urgent they are.")
    box.selectAll()
    box.cut()
    assert (box.toPlainText(), known.desk.composer.lent) == ("", ())
    box.paste()
    assert known.desk.composer.lent == (SOURCE,)
    box.undo()
    box.redo()
    assert (box.toPlainText(), known.desk.composer.lent) == ("Sort them by how urgent they are.", (SOURCE,))


def test_what_was_let_go_does_not_come_back_by_undoing_in_another_conversation(known: Window, qtbot: QtBot) -> None:
    box = known.chat.composer.box
    lend(known, "Sort them.")
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    other = replace(demo.CONVERSATIONS[1], draft="", draft_sources=())
    known.desk.composer.leave()
    known.desk.handle(events.ConversationOpened(conversation=other, messages=()))
    box.undo()
    assert (box.toPlainText(), known.desk.composer.lent) == ("", ())


def test_a_slash_is_answered_once_and_a_later_list_opens_nothing(full: Window, qtbot: QtBot) -> None:
    full.desk.composer.suggest("")
    slash(full, qtbot)
    full.desk.handle(ServersListed(servers=tuple(replace(server, offers=()) for server in demo_servers.SERVERS)))
    full.desk.handle(demo_servers.listed())
    assert not sheets(full)


def test_back_at_the_list_the_search_says_what_it_shows(known: Window, qtbot: QtBot, find) -> None:
    find(known, "composerAdd").click()
    (sheet,) = sheets(known)
    search = find(sheet, "promptSearch")
    qtbot.keyClicks(search, "tri")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    QApplication.sendPostedEvents(None, 0)
    page = [one for one in sheet.findChildren(QLineEdit, "promptSearch") if one.isVisible()]
    offers = [one for one in sheet.findChildren(QListWidget, "promptList") if one.isVisible()]
    assert [(one.text(), found.count()) for one, found in zip(page, offers, strict=True)] == [("tri", 1)]
    page[0].clear()
    assert offers[0].count() == 2


def test_a_message_with_words_of_another_says_so_in_the_thread(full: Window, find) -> None:
    told = Message(
        "m77", demo.THREAD, "t77", Role.USER, "Sort them.", demo.NOW_MS, sources=("the prompt x of the server y",)
    )
    full.desk.handle(events.TurnStarted(cause="c", turn_id="t77", message=told))
    view = find(full, "message-m77")
    assert "with words of the prompt x of the server y" in find(view, "messageFoot").text()
