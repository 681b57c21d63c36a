"""Servers of tools in the window: cards, the sheet of classes, a server's question; all of it by keyboard."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import events, server_commands
from agent.protocol.records import Outcome
from agent.protocol.server_events import ServerProgressed, ServerQuestionClosed, ServersListed
from app import demo, demo_servers
from app.views.window import Window


def shown(window: Window) -> QWidget:
    window.show_view("settings")
    window.desk.handle(demo_servers.listed())
    QApplication.processEvents()
    return window.room("settings")


def sheet(window: Window, name: str = "classesSheet") -> QDialog:
    found = [one for one in window.findChildren(QDialog, name) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def test_the_room_asks_for_servers_and_shows_a_card_for_each(full: Window, collected, find) -> None:
    full.show_view("settings")
    assert collected.last(server_commands.ListServers)
    assert "take over those of another program" in find(full, "serversNone").text()
    room = shown(full)
    chips = {server.name: find(room, f"serverChip-{server.name}").text() for server in demo_servers.SERVERS}
    assert chips == {"clockwork": "2 tools", "tracker": "2 tools to look at", "git": "not ready"}
    assert "carryon servers update git" in find(room, "serverTrouble-git").text()
    for hidden in ("serverLook-git", "serverUpdate-tracker", "serversNone"):
        assert not room.findChild(QWidget, hidden).isVisible()


def test_buttons_ask_update_and_switch(full: Window, collected, find) -> None:
    room = shown(full)
    find(room, "serverAsk-tracker").click()
    assert collected.last(server_commands.RefreshServer) == replace(
        collected.last(server_commands.RefreshServer), name="tracker", update=False
    )
    find(room, "serverUpdate-git").click()
    asked = collected.last(server_commands.RefreshServer)
    assert (asked.name, asked.update) == ("git", True)
    find(room, "serverOn-tracker").click()
    switched = collected.last(server_commands.SwitchServer)
    assert (switched.name, switched.on) == ("tracker", False)
    busy = replace(demo_servers.SERVERS[1], busy="is asked what it has")
    full.desk.handle(ServersListed(servers=(busy,)))
    assert not find(room, "serverAsk-tracker").isEnabled()
    assert find(room, "serverChip-tracker").text() == "is asked what it has"


def test_suggestions_are_accepted_with_one_key(full: Window, qtbot: QtBot, collected, find) -> None:
    room = shown(full)
    find(room, "serverLook-tracker").click()
    opened = sheet(full)
    accept = find(opened, "classesAccept")
    qtbot.waitUntil(lambda: opened.focusWidget() is accept)
    qtbot.keyClick(accept, Qt.Key.Key_Return)
    said = collected.last(server_commands.SayClasses)
    assert said.name == "tracker"
    assert set(said.said) == {"create_issue", "list_issues"}, "what is in use stays as it is"
    assert said.said["create_issue"] == {"class": "deferrable", "fresh": "7d", "repeat": "none", "touches": "network"}
    assert said.looked_at["create_issue"] == demo_servers.SERVERS[1].tools[0].digest
    assert not [one for one in full.findChildren(QDialog, "classesSheet") if one.isVisible()]


def test_a_suggestion_is_changed_by_keyboard(full: Window, qtbot: QtBot, collected, find) -> None:
    room = shown(full)
    find(room, "serverLook-tracker").click()
    opened = sheet(full)
    choice = opened.findChild(QComboBox, "connectivity-create_issue")
    assert choice is not None
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    fresh = opened.findChild(QLineEdit, "fresh-close_issue")
    assert fresh is not None
    fresh.selectAll()
    qtbot.keyClicks(fresh, "1h")
    find(opened, "classesAccept").click()
    said = collected.last(server_commands.SayClasses).said
    assert said["create_issue"]["class"] == "online"
    assert said["close_issue"]["fresh"] == "1h", "what is in use goes along once it was changed"


def test_escape_leaves_everything_as_it_is(full: Window, qtbot: QtBot, collected, find) -> None:
    room = shown(full)
    find(room, "serverLook-tracker").click()
    qtbot.keyClick(sheet(full), Qt.Key.Key_Escape)
    assert not [command for command in collected if isinstance(command, server_commands.SayClasses)]
    assert full.desk.servers.sheet is None


def test_what_a_server_says_is_plain_text(full: Window, find) -> None:
    evil = replace(demo_servers.SERVERS[1].tools[0], about="<b>bold</b> <a href='http://x'>click</a>")
    full.show_view("settings")
    full.desk.handle(ServersListed(servers=(replace(demo_servers.SERVERS[1], tools=(evil,)),)))
    find(full.room("settings"), "serverLook-tracker").click()
    line = find(sheet(full), "tool-create_issue")
    assert any("<b>bold</b>" in label.text() for label in line.findChildren(QLabel))


def test_a_question_is_answered_or_declined(full: Window, qtbot: QtBot, collected, find) -> None:
    full.desk.handle(demo_servers.asked())
    asked = sheet(full, "serverQuestion")
    assert find(asked, "questionText").text() == "Which project should the issue go to?"
    choice = find(asked, "questionField-project")
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    find(asked, "questionAnswer").click()
    answer = collected.last(server_commands.AnswerServer)
    assert (answer.question_id, answer.values) == ("demo-question", {"project": "desktop", "urgent": False})

    full.desk.handle(demo_servers.asked())
    qtbot.keyClick(sheet(full, "serverQuestion"), Qt.Key.Key_Escape)
    assert collected.last(server_commands.AnswerServer).values is None
    assert full.desk.servers.question is None

    full.desk.handle(demo_servers.asked())
    before = len(collected)
    full.desk.handle(ServerQuestionClosed(question_id="demo-question"))
    assert not [one for one in full.findChildren(QDialog, "serverQuestion") if one.isVisible()]
    assert len(collected) == before, "nobody waits any more, so nothing is answered"


def test_how_far_a_call_is_stands_in_the_status_line_until_it_is_settled(full: Window, find) -> None:
    full.desk.handle(ServerProgressed(server="tracker", fraction=0.4, text="page 2 of 5"))
    assert full.desk.status.parts[-1].text == "tracker 40%: page 2 of 5"
    full.desk.handle(events.TurnEnded(
        turn_id="t", message=demo.MESSAGES[-1], outcome=Outcome.ANSWERED, label=demo.label(1.0)
    ))  # fmt: skip
    assert "tracker" not in full.desk.status.parts[-1].text


def test_what_becomes_of_older_answers_is_said_for_those_that_answer(
    full: Window, qtbot: QtBot, collected, find
) -> None:
    find(shown(full), "serverLook-tracker").click()
    opened = sheet(full)
    past = find(opened, "past-list_issues")
    assert isinstance(past, QComboBox)
    assert past.accessibleName() == "What becomes of older answers of tracker.list_issues"
    assert past.currentText() == "ask later"
    hidden = opened.findChild(QComboBox, "past-close_issue")
    assert hidden is not None
    assert not hidden.isVisible(), "what is sent later has no answer that could be old"
    qtbot.keyClick(past, Qt.Key.Key_Down)
    kind = find(opened, "connectivity-close_issue")
    qtbot.keyClick(kind, Qt.Key.Key_Down)
    assert hidden.isVisible()
    find(opened, "classesAccept").click()
    said = collected.last(server_commands.SayClasses).said
    assert (said["list_issues"]["past"], said["close_issue"]["past"]) == ("flag", "refuse")


def test_a_bound_that_stands_is_shown_and_taken_back_with_the_class(full: Window, collected, find) -> None:
    online = replace(demo_servers.ONLINE, past="flag")
    tool = replace(demo_servers.SERVERS[1].tools[1], why="", said=online)
    full.show_view("settings")
    full.desk.handle(ServersListed(servers=(replace(demo_servers.SERVERS[1], tools=(tool,)),)))
    find(full.room("settings"), "serverLook-tracker").click()
    opened = sheet(full)
    assert find(opened, "past-list_issues").currentText() == "use it, and warn"
    find(opened, "connectivity-list_issues").setCurrentText("local")
    find(opened, "classesAccept").click()
    said = collected.last(server_commands.SayClasses).said["list_issues"]
    assert (said["class"], said["past"]) == ("local", "refuse")


def test_what_is_declared_wrongly_is_shown_with_why(full: Window, find) -> None:
    room = shown(full)
    find(room, "serverLook-tracker").click()
    opened = sheet(full)
    assert find(opened, "refused-0").text() == (
        "tool merge_project: Its declaration lacks “inputSchema”, which the protocol wants."
    )
    opened.reject()
    only = replace(demo_servers.SERVERS[1], tools=())
    full.desk.handle(ServersListed(servers=(only,)))
    look = find(room, "serverLook-tracker")
    assert look.text() == "What is left out"
    look.click()
    assert find(sheet(full), "refused-0")
