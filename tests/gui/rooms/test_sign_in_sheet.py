"""Signing in to a server of tools in the window: the card's button, the sheet, what is opened and when; by keyboard."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from agent.protocol import server_commands
from agent.protocol.server_events import ServersListed, SignInBegan, SignInEnded, SignInShown, SignInWanted
from app import demo_servers
from app.views.window import Window

URL = "https://login.halden.example/authorize?state=1&x=%2F"
SHOWN = SignInShown(server="tracker", host="login.halden.example", url=URL)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pages: list[str] = []

    def note(url: QUrl) -> bool:
        pages.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return pages


def sheets(window: Window) -> list[QDialog]:
    QApplication.processEvents()
    return [one for one in window.findChildren(QDialog, "signInSheet") if one.isVisible()]


def test_no_word_is_cut_off_at_any_stage(full: Window, find) -> None:
    """Also not what takes more room than the words before it."""
    far = replace(SHOWN, takes="token." + "long-" * 12 + "halden.example")
    for event in (SignInWanted(server="tracker", waited_for=True), SignInBegan(server="tracker"), SHOWN, far):
        full.desk.handle(event)
        (sheet,) = sheets(full)
        for name in ("signInTitle", "signInWords"):
            label = find(sheet, name)
            assert label.height() >= label.heightForWidth(label.width()), label.text()


def test_a_call_that_needs_it_opens_the_sheet_and_nothing_else(
    full: Window, qtbot: QtBot, collected, find, opened: list[str]
) -> None:
    full.desk.handle(SignInWanted(server="tracker"))
    assert sheets(full) == [], "nobody waits for it"
    full.desk.handle(SignInWanted(server="tracker", waited_for=True))
    (sheet,) = sheets(full)
    assert find(sheet, "signInTitle").text() == "The server tracker wants you to sign in"
    assert not sheet.findChild(QLabel, "signInHost").isVisible()
    press = find(sheet, "signInPress")
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert collected.last(server_commands.SignInServer).name == "tracker"
    full.desk.handle(SignInBegan(server="tracker"))
    assert not press.isVisible()
    full.desk.handle(SHOWN)
    assert (find(sheet, "signInHost").text(), opened) == ("login.halden.example", [])
    press.click()
    assert opened == [URL]
    full.desk.handle(SignInEnded(server="tracker", signed_in=True))
    assert sheets(full) == []


def test_escape_cancels_what_goes_on_and_only_that(full: Window, qtbot: QtBot, collected, opened: list[str]) -> None:
    full.desk.handle(SignInWanted(server="tracker", waited_for=True))
    qtbot.keyClick(sheets(full)[0], Qt.Key.Key_Escape)
    assert (sheets(full), [one for one in collected if isinstance(one, server_commands.CancelSignIn)]) == ([], [])
    full.desk.handle(SignInBegan(server="tracker"))
    full.desk.handle(SHOWN)
    qtbot.keyClick(sheets(full)[0], Qt.Key.Key_Escape)
    assert collected.last(server_commands.CancelSignIn).name == "tracker"
    full.desk.handle(SignInEnded(server="tracker", signed_in=False, words="The sign-in was cancelled."))
    full.desk.handle(SHOWN)
    assert (sheets(full), opened) == ([], [])


def test_no_return_opens_a_page_that_came_up_meanwhile(
    full: Window, qtbot: QtBot, collected, find, opened: list[str]
) -> None:
    full.desk.handle(SignInWanted(server="tracker", waited_for=True))
    (sheet,) = sheets(full)
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert collected.last(server_commands.SignInServer).name == "tracker"
    full.desk.handle(SignInBegan(server="tracker"))
    full.desk.handle(SHOWN)
    QApplication.processEvents()
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Return)
    assert (sheets(full), opened) == ([sheet], [])
    press = find(sheet, "signInPress")
    press.setFocus()
    qtbot.keyClick(press, Qt.Key.Key_Space)
    assert opened == [URL]
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert opened == [URL], "nor a second one"


def test_no_browser_is_said(full: Window, find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    full.desk.handle(SignInBegan(server="tracker"))
    full.desk.handle(SHOWN)
    (sheet,) = sheets(full)
    find(sheet, "signInPress").click()
    assert "opened no browser" in find(sheet, "signInWords").text()
    assert "carryon servers sign-in tracker" in find(sheet, "signInWords").text()
    assert find(sheet, "signInPress").text() == "Open the page"
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    find(sheet, "signInPress").click()
    assert find(sheet, "signInWords").text().startswith("Sign in on the page that was opened")


def test_who_takes_the_answer_is_named(full: Window, find) -> None:
    full.desk.handle(SignInBegan(server="tracker"))
    full.desk.handle(replace(SHOWN, takes="tokens.halden.example"))
    (sheet,) = sheets(full)
    assert "tokens.halden.example takes the answer" in find(sheet, "signInWords").text()
    full.desk.handle(SHOWN)
    assert "takes the answer" not in find(sheet, "signInWords").text()


def test_why_it_came_to_nothing_is_said_and_it_can_be_tried_again(full: Window, collected, find) -> None:
    full.desk.handle(SignInBegan(server="tracker"))
    full.desk.handle(SignInEnded(server="tracker", signed_in=False, words="It was not granted there."))
    (sheet,) = sheets(full)
    assert find(sheet, "signInWords").text() == "It was not granted there."
    find(sheet, "signInPress").click()
    assert collected.last(server_commands.SignInServer).name == "tracker"


def test_the_card_says_what_its_button_does(full: Window, collected, find) -> None:
    full.show_view("settings")
    tracker = replace(demo_servers.SERVERS[1], sign_in="wanted", trouble="The server tracker wants you to sign in.")
    full.desk.handle(ServersListed(servers=(tracker,)))
    room = full.room("settings")
    button = find(room, "serverSignIn-tracker")
    assert (button.text(), find(room, "serverChip-tracker").text()) == ("Sign in", "sign in")
    button.click()
    assert collected.last(server_commands.SignInServer).name == "tracker"
    full.desk.handle(ServersListed(servers=(replace(tracker, sign_in="signed in", trouble=""),)))
    assert button.text() == "Sign out"
    button.click()
    assert collected.last(server_commands.SignOutServer).name == "tracker"
    full.desk.handle(ServersListed(servers=(replace(tracker, sign_in="", trouble=""),)))
    assert not button.isVisible()


def test_a_server_that_was_never_asked_is_asked_after_the_sign_in(full: Window, collected) -> None:
    full.show_view("settings")
    never = replace(demo_servers.SERVERS[1], asked_at=None, tools=(), sign_in="wanted")
    full.desk.handle(ServersListed(servers=(never,)))
    full.desk.handle(SignInEnded(server="tracker", signed_in=True))
    assert collected.last(server_commands.RefreshServer).name == "tracker"
