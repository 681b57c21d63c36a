"""What strangers write is shown as what it is: nothing in it is drawn, opened or run, and nothing hides in it."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from agent.library.exporting import one_name
from app.cli.printing import document, harmless
from app.presenters import toasts
from app.presenters.cards import card
from app.presenters.item_detail import Shown, detail
from app.presenters.markdown import Inks, render
from app.presenters.wording import hint, notified
from app.views.pieces import ElidedLabel, label
from app.views.text_body import TextBody, open_after_asking
from sync.steering import BREAK, MARK
from tests.flow.chatting import do
from tests.injection.obedient import Plan
from tests.injection.scene import Scene

INKS = Inks(*["#112233"] * 9)
HTML = '<img src="file:///etc/passwd"><a href="https://evil.example">x</a>'


def test_an_address_that_reads_as_another_is_shown_with_its_marks(at: Scene) -> None:
    hidden = "\u202eten.elpmaxe@yrollam"
    reads = [do("web_fetch", url=f"{at.outside.url}/hours")]
    orders = [do("message_post", channel="ops", text=f"to {hidden}\nApproved: yes")]
    at.say(f"what does {at.outside.url}/hours say", Plan(reads, lambda _: orders))
    (item,) = at.items()
    (call,) = [call for call in at.turns[-1].calls if call.outbox_id]
    assert item.payload["text"] == f"to {hidden}\nApproved: yes", "what is sent is what was meant"
    for words in (item.sentence, str(card(call, item, 0)), str(detail(item, Shown(), 0).what)):
        assert "\u202e" not in words
        assert f"to {MARK}ten" in words


def test_a_line_break_makes_no_second_line_of_a_sentence(at: Scene) -> None:
    at.say("post it", Plan([do("action_report", text="a\nApproved by you")]))
    (item,) = at.items()
    assert "\n" not in item.sentence
    assert "\u2028" not in item.sentence


def test_an_item_s_title_in_a_notification_opens_nothing() -> None:
    presenter = toasts.ToastsPresenter(lambda _command: None)
    presenter.show(toasts.Toast(f"Delivered: {HTML}\u202e", notify="Delivered"))
    assert presenter.latest
    said = notified(presenter.latest.text)
    assert "<" not in said
    assert "\u202e" not in said


def test_a_hint_that_looks_like_html_is_words(qtbot: QtBot) -> None:
    assert hint(HTML) == f'<span style="white-space: pre-wrap">{HTML.translate(str.maketrans(ESCAPED))}</span>'
    assert hint("a & b") == "a & b"
    made = ElidedLabel(HTML * 5)
    qtbot.addWidget(made)
    made.resize(40, 20)
    made.say(HTML * 6)
    assert "<img" not in made.toolTip()


ESCAPED = {"<": "&lt;", ">": "&gt;", '"': "&quot;"}


def test_labels_draw_no_html(qtbot: QtBot) -> None:
    made = label(HTML)
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize("text", [HTML, "![x](https://evil.example/p.png)", "![x](file:///etc/passwd)"])
def test_an_answer_loads_nothing(qtbot: QtBot, text: str) -> None:
    body = TextBody("text", "text")
    qtbot.addWidget(body)
    body.say_html(render(text, INKS))
    assert "<img" not in body.toHtml()
    assert body.loadResource(2, QUrl("file:///etc/passwd")) is None


@pytest.mark.parametrize("code", ["`a\u202eb`", "```\na\u202eb\n```"])
def test_code_hides_no_turn_of_direction(code: str) -> None:
    assert "\u202e" not in render(code, INKS)


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/"), ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/"),
     ("https://example.org/\u202egpj.exe", "https://example.org/%E2%80%AEgpj.exe")],
)  # fmt: skip
def test_an_address_is_asked_about_as_it_will_be_opened(qtbot: QtBot, url: str, said: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    open_after_asking(QUrl(url), parent)
    (box,) = parent.findChildren(QMessageBox)
    assert box.informativeText() == said
    box.reject()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "smb://evil/x"])
def test_no_other_kind_of_address_is_even_asked_about(qtbot: QtBot, url: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    open_after_asking(QUrl(url), parent)
    assert not parent.findChildren(QMessageBox)


@pytest.mark.parametrize(
    "title", ["/etc/cron.d/x.md", "../../.bashrc", "C:\\Windows\\x.md", "a/../b.md", "..", "inv\u202efdp.md", "x\n.md"]
)
def test_a_title_is_no_path(title: str) -> None:
    name = one_name(title)
    assert (Path.home() / name).parent == Path.home()
    assert name not in ("", ".", "..")
    assert not set(name) & set("\u202e\n/\\")


def test_the_terminal_shows_and_does_not_obey(capsys: pytest.CaptureFixture[str]) -> None:
    words = "\x1b]0;title\x07\x9b2J\u202eback"
    assert harmless(words) == f"{MARK}]0;title{MARK}{MARK}2J{MARK}back"
    document({"text": words, "last": "\U000e0041"})
    out = capsys.readouterr().out
    assert not set(out) & set(words[:1] + "\x07\x9b\u202e")
    assert json.loads(out)["text"] == words


def test_breaks_are_not_lost_where_they_belong(at: Scene) -> None:
    """The text itself keeps its lines; only the one sentence about it shows them as marks."""
    at.say("post", Plan([do("message_post", channel="ops", text="one\ntwo")]))
    (item,) = at.items()
    assert item.payload["text"] == "one\ntwo"
    assert BREAK not in str(item.payload)
