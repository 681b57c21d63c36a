"""Closing the window: it ends, or stays in the tray where the user wants that; a second start brings it back."""

import stat
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAccessible, QAction, QImage
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.network_commands import SetOffline
from app.resident import EXPLAINED, Resident
from app.single import DOOR, HEARD, KNOCK
from app.theme.tokens import DARK
from app.views.door import Door
from app.views.window import Window
from tests.gui.rooms.conftest import Collected
from tests.gui.tray.conftest import Want

ROOT = Path(__file__).parents[3]


def action(resident: Resident, name: str) -> QAction:
    found = resident.tray.menu.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


def icons_of(window: Window) -> list[QSystemTrayIcon]:
    return window.findChildren(QSystemTrayIcon)


# Closing


def test_without_the_users_word_closing_ends_and_no_icon_is_shown(window: Window, resident: Resident) -> None:
    assert icons_of(window) == []
    closed: list[bool] = []
    window.closing.connect(lambda: closed.append(True))
    assert window.close()
    assert closed == [True]
    assert not window.desk.tray.hidden


def test_with_it_the_window_hides_and_everything_goes_on(
    window: Window, resident: Resident, want: Want, collected: Collected, qtbot: QtBot
) -> None:
    want(True)
    (icon,) = icons_of(window)
    assert icon.isVisible()
    window.show_view("chat")
    qtbot.keyClicks(window.chat.composer.box, "half a thought")
    assert not window.close()
    assert not window.isVisible()
    assert collected.last(commands.SaveDraft).text == "half a thought"  # type: ignore[attr-defined]
    assert collected.last(commands.ReportWindow).hidden is True  # type: ignore[attr-defined]
    assert not QApplication.quitOnLastWindowClosed()
    resident.come_back()
    assert window.isVisible()
    assert collected.last(commands.ReportWindow).hidden is False  # type: ignore[attr-defined]
    assert QApplication.quitOnLastWindowClosed()
    assert window.chat.composer.box.toPlainText() == "half a thought"


def test_on_a_desktop_without_a_tray_closing_ends_whatever_the_settings_say(
    window: Window, resident: Resident, want: Want, desktop: list[bool]
) -> None:
    desktop.append(False)
    want(True)
    assert icons_of(window) == []
    assert window.close()


def test_a_tray_that_went_away_holds_no_window(
    window: Window, resident: Resident, want: Want, desktop: list[bool]
) -> None:
    want(True)
    desktop.append(False)
    assert window.close(), "it could never be found again"


def test_the_settings_changed_back_it_ends_again(window: Window, want: Want) -> None:
    want(True)
    want(False)
    assert window.close()


def test_quit_ends_it_whatever_the_settings_say(window: Window, want: Want, qtbot: QtBot) -> None:
    want(True)
    closed: list[bool] = []
    window.closing.connect(lambda: closed.append(True))
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert closed == [True]


def test_ctrl_w_closes_into_the_tray(window: Window, resident: Resident, want: Want, qtbot: QtBot) -> None:
    want(True)
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.desk.tray.hidden


def test_quit_in_the_menu_ends_a_window_that_is_not_to_be_seen(window: Window, resident: Resident, want: Want) -> None:
    want(True)
    window.close()
    closed: list[bool] = []
    window.closing.connect(lambda: closed.append(True))
    action(resident, "trayQuit").trigger()
    assert closed == [True]


def test_a_logout_is_not_held_up(window: Window, resident: Resident, want: Want) -> None:
    want(True)
    resident._session_ends()
    assert window.close()


def test_where_it_went_is_explained_once(
    window: Window, resident: Resident, want: Want, state: Path, monkeypatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, title, *_rest: said.append(title))
    want(True)
    for _ in range(2):
        window.close()
        resident.come_back()
    assert said == ["Carryon goes on here"]
    assert (state / EXPLAINED).exists()


# The icon and its menu


def test_the_menu_opens_switches_and_has_names(
    window: Window, resident: Resident, want: Want, collected: Collected
) -> None:
    want(True)
    menu = resident.tray.menu
    heard = QAccessible.queryAccessibleInterface(menu)
    assert heard.text(QAccessible.Text.Name) == "Carryon"
    words = [entry.text().replace("&", "") for entry in menu.actions() if not entry.isSeparator()]
    assert words == ["Open Carryon", "Stay offline", "Quit"]
    assert all("&" in entry.text() for entry in menu.actions() if not entry.isSeparator()), "each has a key"
    window.close()
    action(resident, "trayOpen").trigger()
    assert window.isVisible()
    action(resident, "trayOffline").trigger()
    assert collected.last(SetOffline).offline  # type: ignore[attr-defined]
    window.desk.handle(events.ConnectivityChanged(state="offline", manual=True, why=""))
    assert action(resident, "trayOffline").isChecked()
    assert "Offline by your switch" in icons_of(window)[0].toolTip()


def test_a_click_on_the_icon_or_its_message_shows_the_window(window: Window, want: Want) -> None:
    want(True)
    (icon,) = icons_of(window)
    window.close()
    icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert window.isVisible()
    window.close()
    icon.messageClicked.emit()
    assert window.isVisible()
    window.close()
    icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert not window.isVisible(), "that one opens the menu"


def test_the_icon_follows_the_theme_and_is_to_be_seen_on_both(window: Window, want: Want) -> None:
    want(True)
    (icon,) = icons_of(window)

    def drawn() -> bytes:
        image = icon.icon().pixmap(22, 22).toImage().convertToFormat(QImage.Format.Format_ARGB32)
        return bytes(image.constBits())

    light = drawn()
    window.look.force(DARK)
    assert drawn() != light
    assert any(light)


def test_a_reminder_rings_while_the_window_is_away(window: Window, want: Want, monkeypatch) -> None:
    want(True)
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, title, text, *_rest: said.append((title, text)))
    window.close()
    said.clear()
    window.desk.handle(events.TimerRang(label="tea", artifact_id=""))
    assert said == [("Timer", "Time: tea")]
    assert len(icons_of(window)) == 1, "one icon, not two"


# A second start


def test_a_second_start_brings_the_window_back_and_ends(
    window: Window, resident: Resident, want: Want, state: Path, qtbot: QtBot
) -> None:
    want(True)
    window.close()
    program = f"from pathlib import Path; from app.single import summon; print(summon(Path({str(state)!r})))"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as second:
        qtbot.waitUntil(window.isVisible, timeout=30_000)
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
        assert second.stdout is not None
        assert second.stdout.read().strip() == "True"


def test_a_window_that_is_minimised_comes_up(window: Window, resident: Resident) -> None:
    window.setWindowState(Qt.WindowState.WindowMinimized)
    resident.door.knocked.emit()
    assert not window.windowState() & Qt.WindowState.WindowMinimized


def test_the_door_is_the_users_alone_and_goes_with_the_window(window: Window, resident: Resident, state: Path) -> None:
    assert resident.door.is_open
    if sys.platform != "win32":
        assert stat.S_IMODE((state / DOOR).stat().st_mode) & 0o077 == 0
    window.leave()
    assert not (state / DOOR).exists()


def test_what_a_killed_process_left_is_no_obstacle(window: Window, state: Path) -> None:
    first = Door(state, window)
    assert first.is_open
    assert Door(state, window).is_open


def said_at_the_door(state: Path, words: bytes, qtbot: QtBot) -> bytes:
    line = QLocalSocket()
    line.connectToServer(str(state / DOOR))
    assert line.waitForConnected(5_000)
    line.write(QByteArray(words))
    with qtbot.waitSignal(line.disconnected, timeout=10_000):
        line.flush()
    return bytes(line.readAll().data())


def test_only_one_word_opens_it(window: Window, resident: Resident, want: Want, state: Path, qtbot: QtBot) -> None:
    want(True)
    window.close()
    for words in (b"quit\n", b"x" * 10_000, b""):
        assert said_at_the_door(state, words, qtbot) == b""
    assert not window.isVisible()
    assert said_at_the_door(state, KNOCK, qtbot) == HEARD
    assert window.isVisible()
