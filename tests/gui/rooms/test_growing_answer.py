"""An answer while it is written: the first word at once, what stands laid out once, and in the end it is one text."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent.loop.turn import NO_LABEL
from agent.protocol import events
from agent.protocol.records import Message, Outcome, Role
from app import demo
from app.theme.tokens import LIGHT
from app.views import growing_text, transcript
from app.views.growing_text import GrowingText
from app.views.look import Look
from app.views.message import SHOWN_CHARACTERS_MAX, MessageView
from app.views.text_body import TextBody
from app.views.window import Window

TURN = "t-grows"
PARAGRAPH = "The *sea* is wide, and it is deep. " * 4 + "\n\n"


@pytest.fixture
def asked(window: Window) -> Window:
    window.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=()))
    said = Message("m-asks", demo.THREAD, TURN, Role.USER, "tell me", demo.NOW_MS)
    window.desk.handle(events.TurnStarted(turn_id=TURN, message=said))
    QApplication.processEvents()
    return window


def say(window: Window, text: str) -> None:
    window.desk.handle(events.TokenArrived(turn_id=TURN, index=0, text=text))


def end(window: Window, text: str) -> None:
    told = Message("m-told", demo.THREAD, TURN, Role.AGENT, text, demo.NOW_MS)
    window.desk.handle(
        events.TurnEnded(turn_id=TURN, message=told, outcome=Outcome.ANSWERED, label=NO_LABEL, cancelled=False)
    )


def bodies(window: Window) -> list[TextBody]:
    """Of the answer, those that are seen, from above."""
    QApplication.processEvents()
    views = window.chat.transcript.findChildren(MessageView)
    (answer,) = (view for view in views if view.row and view.row.role is Role.AGENT)
    seen = [body for body in answer.findChildren(TextBody) if body.isVisible()]
    return sorted(seen, key=lambda body: body.mapToGlobal(body.rect().topLeft()).y())


def shown(window: Window) -> str:
    return "\n".join(body.toPlainText().strip() for body in bodies(window))


def test_the_first_word_is_shown_at_once(asked: Window) -> None:
    say(asked, "Wide")
    assert shown(asked) == "Wide"


def test_what_comes_too_soon_waits_and_is_not_lost(asked: Window, qtbot: QtBot) -> None:
    for word in ("Wide", " and", " deep"):
        say(asked, word)
    assert asked.chat.transcript._late
    qtbot.waitUntil(lambda: shown(asked) == "Wide and deep", timeout=5_000)


def test_what_stands_is_laid_out_once(asked: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[str] = []
    say_html = TextBody.say_html

    def noted(body: TextBody, html: str) -> None:
        laid_out.append(html)
        say_html(body, html)

    monkeypatch.setattr(transcript, "STREAM_MS_MIN", 0)
    monkeypatch.setattr(transcript, "STREAM_REST", 0)
    monkeypatch.setattr(TextBody, "say_html", noted)
    first = "First of all. " + PARAGRAPH
    whole = first + PARAGRAPH * 9
    for start in range(0, len(whole), len(PARAGRAPH)):
        say(asked, whole[start : start + len(PARAGRAPH)])
        qtbot.waitUntil(lambda: not asked.chat.transcript._late, timeout=5_000)
    assert len(bodies(asked)) > 2
    assert "First of all" not in laid_out[-1]
    assert max(map(len, laid_out)) < len(whole)


def test_in_the_end_it_is_one_text(asked: Window) -> None:
    text = PARAGRAPH * 8
    say(asked, text)
    end(asked, text)
    (body,) = bodies(asked)
    assert body.toPlainText().count("The sea is wide") == 8 * 4
    assert not asked.findChildren(GrowingText) or not asked.findChildren(GrowingText)[-1].isVisible()


@pytest.fixture
def growing(qtbot: QtBot, look: Look) -> GrowingText:
    look.force(LIGHT)
    made = GrowingText("grows", "An answer")
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def parts(growing: GrowingText) -> list[str]:
    return [body.toPlainText().strip() for body in growing.findChildren(TextBody) if body.isVisible()]


def test_another_text_begins_anew(growing: GrowingText, look: Look) -> None:
    growing.say(PARAGRAPH * 6 + "end", look.inks(), 10_000)
    assert len(parts(growing)) == 2
    growing.say("something else", look.inks(), 10_000)
    assert parts(growing) == ["something else"]


def test_of_what_stands_the_end_is_kept(growing: GrowingText, look: Look) -> None:
    text = ""
    for number in range(12):
        text += f"Number {number}. " + PARAGRAPH * 4
        growing.say(text + "N", look.inks(), 2_000)
    seen = "".join(parts(growing))
    assert "Number 11." in seen
    assert "Number 0." not in seen
    assert len(seen) < 2_000 + growing_text.PART_MIN * 2


def test_much_at_once_is_not_lost(growing: GrowingText, look: Look) -> None:
    """As when the window is built anew in the middle of an answer."""
    growing.say(PARAGRAPH * 60 + "end", look.inks(), 2_000)
    assert [len(part) > 1_000 for part in parts(growing)] == [True, False]


def test_a_long_stretch_without_a_break_is_plain_and_bounded(growing: GrowingText, look: Look) -> None:
    most = SHOWN_CHARACTERS_MAX[Role.AGENT]
    growing.say("*sea* " * 10_000, look.inks(), most)
    (text,) = parts(growing)
    assert text.startswith("*sea*")
    assert len(text) <= most
