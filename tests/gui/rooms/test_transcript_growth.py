"""Rows are built in slices: what comes in between stops none, and a page that is not full fills itself."""

import pytest
from pytestqt.qtbot import QtBot

from agent.protocol import events
from agent.protocol.records import Message, Role
from app import demo
from app.views import transcript
from app.views.message import MessageView
from app.views.window import Window


def message(number: int) -> Message:
    return Message(f"m{number}", demo.THREAD, f"t{number}", Role.USER, f"message {number}", demo.NOW_MS)


def built(window: Window) -> set[str]:
    return {view.row.text for view in window.chat.transcript.findChildren(MessageView) if view.row}


def test_a_message_that_comes_while_rows_are_built_stops_none(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "SLICE_MS_MAX", 0.0)
    thread = tuple(message(number) for number in range(8))
    window.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=thread))
    window.desk.handle(events.TurnStarted(turn_id="t9", message=message(9)))
    wanted = {f"message {number}" for number in (*range(8), 9)}
    qtbot.waitUntil(lambda: wanted <= built(window), timeout=5_000)


def test_a_page_that_is_not_full_fills_itself(window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "PAGE", 2)
    thread = tuple(message(number) for number in range(6))
    window.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=thread))
    qtbot.waitUntil(lambda: {item.text for item in thread} <= built(window), timeout=5_000)
