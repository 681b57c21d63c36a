"""Cards in the transcript: a call that may have been done, and what the calls on the screen wait for."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from agent.protocol import call_commands, events
from agent.protocol.outbox_events import CallItemsListed
from agent.protocol.records import Call, CallStatus, Conversation, Message, Role
from app import demo
from app.views.transcript import ROWS_MAX
from app.views.window import Window
from sync.states import State

MESSAGES = 400
WORDS = "This may have been done: carver.carve. Carryon ended before the answer came."


def opened(*calls: Call) -> events.ConversationOpened:
    messages = tuple(Message(f"m-{call.id}", "old", "t", Role.AGENT, "So.", demo.NOW_MS, (call,)) for call in calls)
    return events.ConversationOpened(conversation=Conversation("old", "Old", 0, 0, len(calls)), messages=messages)


def in_doubt() -> Call:
    facts = {"trail": {"tries": 2}}
    return Call("d1", "t", "carver.carve", {"words": "hello"}, CallStatus.UNKNOWN, WORDS, facts=facts)


def test_a_call_in_doubt_says_so_in_one_sentence_with_its_choices(window: Window, find) -> None:
    window.desk.handle(opened(in_doubt()))
    QApplication.processEvents()
    assert find(window, "cardState-d1").text() == "May have happened: you decide"
    assert find(window, "cardDetail-d1").text() == WORDS
    assert any(label.text() == "hello" for label in find(window, "card-d1").findChildren(QLabel))
    named = ("call_happened", "call_again", "call_not_happened")
    words = [find(window, f"cardAction-{name}-d1").text() for name in named]
    assert words == ["It happened", "Do it again", "It did not happen"]


def test_a_press_is_the_users_word_and_its_answer_ends_the_doubt(window: Window, qtbot: QtBot, collected, find) -> None:
    window.desk.handle(opened(in_doubt()))
    QApplication.processEvents()
    again: QPushButton = find(window, "cardAction-call_again-d1")
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    asked = collected.last(call_commands.ResolveCall)
    assert (asked.call_id, asked.verdict, asked.tries) == ("d1", "again", 2)
    done = replace(in_doubt(), status=CallStatus.DONE, result="Carved.", facts={})
    window.desk.handle(events.CallSettled(cause=asked.id, turn_id="t", call=done))
    QApplication.processEvents()
    assert find(window, "cardState-d1").text() == "Done"
    left = find(window, "card-d1").findChildren(QPushButton, "cardAction-call_again-d1")
    assert [button for button in left if button.isVisible()] == []


def test_of_a_long_conversation_only_what_is_on_the_screen_is_asked_for(window: Window, collected, find) -> None:
    calls = [
        Call(f"c{n}", "t", "email.send", {"to": "Dana"}, CallStatus.QUEUED, outbox_id=f"i{n}") for n in range(MESSAGES)
    ]
    window.desk.handle(opened(*calls))
    QApplication.processEvents()
    asked = [one for one in collected if isinstance(one, call_commands.ListCallItems)]
    wanted = [call_id for one in asked for call_id in one.call_ids]
    assert 0 < len(wanted) <= ROWS_MAX
    assert len(set(wanted)) == len(wanted), "each once"
    assert f"c{MESSAGES - 1}" in wanted
    assert "c0" not in wanted
    last = calls[-1]
    item = replace(demo.ITEMS[0], id="edited twice", replaces="edited once", state=State.CANCELLED)
    window.desk.handle(CallItemsListed(items={last.id: item}))
    QApplication.processEvents()
    assert find(window, f"cardState-{last.id}").text() == "Cancelled"
