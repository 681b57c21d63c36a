"""A question with choices in the real window: buttons under it, by mouse and by keyboard, and gone once answered."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.records import Choice, Message, Outcome, Planned, Question, Role
from app import demo
from app.views.window import Window

TASK = Choice("Add the task “call Ivo”", (Planned("task.add", {"title": "call Ivo"}),))
NOTE = Choice("Write the note “call Ivo about " + "the very long matter of the " * 4 + "lease”",
              (Planned("note.create", {"body": "call Ivo"}),))  # fmt: skip
ASKED = Message("m70", demo.THREAD, "t70", Role.USER, "call Ivo", demo.NOW_MS)
QUESTION = Message(
    "m71", demo.THREAD, "t70", Role.AGENT, "Shall I add the task, or write the note?", demo.NOW_MS,
    label=demo.label(12), outcome=Outcome.CLARIFY, question=Question(choices=(TASK, NOTE)),
)  # fmt: skip


@pytest.fixture
def asking(full: Window) -> Window:
    full.desk.handle(events.TurnStarted(turn_id="t70", message=ASKED))
    full.desk.handle(
        events.TurnEnded(turn_id="t70", message=QUESTION, outcome=Outcome.CLARIFY, label=demo.label(12))
    )  # fmt: skip
    QApplication.processEvents()
    return full


def buttons(window: Window) -> list[QPushButton]:
    return [
        made
        for made in window.findChildren(QPushButton)
        if made.objectName().startswith("choice-") and made.isVisible()
    ]


def test_each_choice_is_a_button_with_its_whole_words_as_its_name(asking: Window) -> None:
    made = buttons(asking)
    names = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in made]
    assert names == [TASK.words, NOTE.words]
    assert made[1].text().endswith("…")
    assert made[1].toolTip() == NOTE.words
    assert all(one.width() >= one.sizeHint().width() for one in made), "no words are cut off"


def test_pressing_one_says_its_words(asking: Window, collected) -> None:
    buttons(asking)[1].click()
    sent = collected.last(commands.SendMessage)
    assert (sent.text, sent.conversation_id) == (NOTE.words, demo.THREAD)
    assert asking.focusWidget() is asking.chat.composer.box


def test_the_keyboard_reaches_and_presses_them(asking: Window, qtbot: QtBot, collected) -> None:
    first, second = buttons(asking)
    assert first.focusPolicy() & Qt.FocusPolicy.TabFocus
    asking.activateWindow()
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert asking.focusWidget() is second
    qtbot.keyClick(second, Qt.Key.Key_Return)
    assert collected.last(commands.SendMessage).text == NOTE.words


def test_they_go_once_something_else_is_said(asking: Window) -> None:
    next_one = replace(ASKED, id="m72", turn_id="t72", text="what time is it")
    asking.desk.handle(events.TurnStarted(turn_id="t72", message=next_one))
    QApplication.processEvents()
    assert buttons(asking) == []


def test_they_are_there_again_when_the_conversation_is_opened(full: Window) -> None:
    opened = events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(ASKED, QUESTION))
    full.desk.handle(opened)
    QApplication.processEvents()
    assert len(buttons(full)) == 2


def test_a_choice_of_an_older_question_is_not_sent(asking: Window, collected) -> None:
    before = len(collected)
    asking.desk.handle(events.TurnStarted(turn_id="t72", message=replace(ASKED, id="m72", turn_id="t72")))
    asking.desk.chat.choose("m71", 0)
    assert not any(isinstance(command, commands.SendMessage) for command in collected[before:])


def test_one_pressed_twice_is_said_once(asking: Window, collected) -> None:
    first = buttons(asking)[0]
    before = len(collected)
    first.click()
    first.click()
    assert [command.text for command in collected[before:] if isinstance(command, commands.SendMessage)] == [TASK.words]
    QApplication.processEvents()
    assert buttons(asking) == []
