"""An answer that waits for the network in vain, in the real window: why, and the ways out of waiting."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from agent.protocol import commands, events
from agent.protocol.network_commands import PutOffAttempt
from agent.protocol.network_events import AttemptStalled
from agent.protocol.records import Message, Outcome, Role
from app import demo
from app.views.window import Window

ASKED = Message("m80", demo.THREAD, "t80", Role.USER, "what does example.org say", demo.NOW_MS)
ANSWER = Message("m81", demo.THREAD, "t80", Role.AGENT, "It waits.", demo.NOW_MS, label=demo.label(12))
WORDS = "No answer from example.org for 1.5 s; still trying until 10:00:20."
Find = Callable[[QWidget, str], QWidget]


@pytest.fixture
def stalled(full: Window) -> Window:
    full.desk.handle(events.TurnStarted(turn_id="t80", message=ASKED))
    full.desk.handle(AttemptStalled(words=WORDS, instead="later"))
    QApplication.processEvents()
    return full


def test_what_does_not_come_is_said_where_the_answer_will_stand(stalled: Window, find: Find) -> None:
    words = find(stalled, "stallWords")
    assert isinstance(words, QLabel)
    assert words.text() == f"Not working yet. {WORDS}"
    assert "No answer from example.org for 1.5 s" in [part.text for part in stalled.desk.status.parts]


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [("stallInstead", "Fetch when online instead", PutOffAttempt),
     ("stallCancel", "Cancel", commands.CancelTurn)],
)  # fmt: skip
def test_the_ways_out(
    stalled: Window, find: Find, collected: list[commands.Command], name: str, text: str,
    command: type[commands.Command],
) -> None:  # fmt: skip
    button = find(stalled, name)
    assert isinstance(button, QPushButton)
    assert (button.text(), button.accessibleName()) == (text, text)
    button.click()
    assert isinstance(collected[-1], command)


def test_a_copy_is_offered_where_there_is_one_and_nothing_where_there_is_none(stalled: Window, find: Find) -> None:
    stalled.desk.handle(AttemptStalled(words=WORDS, instead="copy"))
    button = find(stalled, "stallInstead")
    assert isinstance(button, QPushButton)
    assert button.text() == "Use the kept copy instead"
    stalled.desk.handle(AttemptStalled(words=WORDS))
    assert not button.isVisible()
    assert find(stalled, "stallCancel").isVisible()


def test_it_goes_when_it_goes_on_and_with_the_turn(stalled: Window, find: Find) -> None:
    note = find(stalled, "stallNote")
    stalled.desk.handle(AttemptStalled(words=""))
    assert not note.isVisible()
    stalled.desk.handle(AttemptStalled(words=WORDS))
    assert note.isVisible()
    stalled.desk.handle(
        events.TurnEnded(turn_id="t80", message=ANSWER, outcome=Outcome.CALLED, label=demo.label(12), cancelled=False)
    )
    assert not note.isVisible()
    stalled.desk.handle(AttemptStalled(words=WORDS))
    assert not note.isVisible(), "nothing waits any more"
