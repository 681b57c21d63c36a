"""The card of a summary in the transcript, the memory line at the composer, folded thoughts."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.records import SUMMARY_CHARACTERS_MAX, Message, Role, Summary
from app import demo
from app.views.window import Window
from tests.gui.rooms.conftest import Collected

Find = Callable[[QWidget, str], QWidget]
SUMMARY = Summary("s1", demo.THREAD, 12, "They spoke of a trip to Lisbon.", "", "qwen", demo.NOW_MS)
WORDS = "12 older messages were summed up for the model, which can hold no more."
MEASURED = events.ContextMeasured(
    conversation_id=demo.THREAD, used=2_500, limit=4_096, holds=3_072, tokens_per_character=0.25, goes=12,
    goes_from="the trip", goes_to="the hotel",
)  # fmt: skip


def shown(window: Window, summary: Summary = SUMMARY) -> None:
    message = Message("n1", demo.THREAD, "", Role.NOTICE, WORDS, demo.NOW_MS, summary=summary)
    window.desk.handle(events.NoticeAdded(message=message))


def press(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_card_says_what_happened_and_shows_the_summary(full: Window, find: Find, qtbot: QtBot) -> None:
    shown(full)
    card = find(full, "summary-s1")
    words = find(card, "summaryWords")
    assert isinstance(words, QLabel)
    assert words.text() == WORDS
    text = card.findChild(QWidget, "summaryText")
    assert text is not None
    assert not text.isVisible(), "folded until it is asked for"
    press(qtbot, find(card, "summaryShow"))
    assert text.isVisible()
    assert "Lisbon" in text.toPlainText()  # type: ignore[attr-defined]
    press(qtbot, find(card, "summaryShow"))
    assert not text.isVisible()


def test_it_is_edited_in_a_window_of_its_own(full: Window, find: Find, qtbot: QtBot, collected: Collected) -> None:
    shown(full)
    press(qtbot, find(full, "summaryEdit"))
    dialog = find(full, "editText")
    box = find(dialog, "editTextBody")
    assert isinstance(box, QPlainTextEdit)
    assert box.toPlainText() == SUMMARY.text
    box.setPlainText("x" * (SUMMARY_CHARACTERS_MAX + 1))
    press(qtbot, find(dialog, "editTextSave"))
    assert find(dialog, "editTextTooLong").isVisible(), "what was written stays until it can be kept"
    box.setPlainText("A trip to Lisbon, in May.")
    press(qtbot, find(dialog, "editTextSave"))
    asked = collected.last(commands.EditSummary)
    assert (asked.summary_id, asked.text) == ("s1", "A trip to Lisbon, in May.")  # type: ignore[attr-defined]


def test_it_is_turned_off_and_on(full: Window, find: Find, qtbot: QtBot, collected: Collected) -> None:
    shown(full)
    press(qtbot, find(full, "summarySwitch"))
    assert collected.last(commands.SwitchSummary).on is False  # type: ignore[attr-defined]
    off = Message("n1", demo.THREAD, "", Role.NOTICE, WORDS, demo.NOW_MS, summary=replace(SUMMARY, is_on=False))
    full.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(off,)))
    switch = find(full, "summarySwitch")
    assert isinstance(switch, QPushButton)
    assert switch.text() == "Turn on"
    standing = find(full, "summaryStanding")
    assert isinstance(standing, QLabel)
    assert "told nothing" in standing.text()


def test_an_older_one_can_only_be_read(full: Window, find: Find) -> None:
    shown(full, replace(SUMMARY, is_current=False))
    card = find(full, "summary-s1")
    visible = {button.objectName() for button in card.findChildren(QPushButton) if button.isVisible()}
    assert visible == {"summaryShow"}


def test_where_nothing_could_be_summed_up_one_can_be_written(full: Window, find: Find) -> None:
    shown(full, replace(SUMMARY, text="", why="The model stopped."))
    edit = find(full, "summaryEdit")
    assert isinstance(edit, QPushButton)
    assert edit.text() == "Write one…"


def test_the_memory_line_and_what_a_long_message_would_do(full: Window, find: Find, qtbot: QtBot) -> None:
    full.desk.handle(MEASURED)
    memory = find(full, "composerMemory")
    assert isinstance(memory, QLabel)
    assert memory.text() == "Memory of this conversation: 61 %"
    pushes = full.findChild(QLabel, "composerPushes")
    assert pushes is not None
    assert not pushes.isVisible()
    full.chat.composer.box.setPlainText("word " * 1_000)
    assert pushes.isVisible()
    assert "“the trip”" in pushes.text()
    full.chat.composer.box.setPlainText("short")
    assert not pushes.isVisible()


def test_thoughts_are_folded_behind_a_link(full: Window, find: Find, qtbot: QtBot) -> None:
    asked = Message("m1", demo.THREAD, "t1", Role.USER, "go on", demo.NOW_MS)
    full.desk.handle(events.TurnStarted(turn_id="t1", message=asked))
    full.desk.handle(events.ThinkingArrived(turn_id="t1", text="secret reasoning"))
    view = find(full, "message-t1")
    body = find(view, "messageText")
    assert "Thinking" in body.toPlainText()  # type: ignore[attr-defined]
    press(qtbot, find(view, "messageThoughts"))
    whole = find(full, "wholeTextBody")
    assert isinstance(whole, QPlainTextEdit)
    assert whole.toPlainText() == "secret reasoning"
