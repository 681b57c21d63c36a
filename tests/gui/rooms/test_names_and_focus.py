"""Everything can be reached with the keyboard and has a name for people who hear the screen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.presenters.desk import VIEWS
from app.scenes import SHOTS, Shot
from app.views.window import Window

SCENES = pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
QT_OWN = ("qt_", "ScrollLeftButton", "ScrollRightButton")


def staged(window: Window, shot: Shot) -> Window:
    from app import demo

    for event in demo.afternoon(first_run=shot.first_run):
        window.desk.handle(event)
    shot.stage(window)
    QApplication.processEvents()
    return window


def focusable(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and not widget.objectName().startswith(QT_OWN)
        and not isinstance(widget, QScrollArea)
    ]


@SCENES
def test_every_focusable_widget_has_a_name(window: Window, shot: Shot) -> None:
    nameless = []
    for widget in focusable(staged(window, shot)):
        heard = QAccessible.queryAccessibleInterface(widget)
        if not (heard and heard.text(QAccessible.Text.Name)):
            nameless.append(f"{type(widget).__name__} {widget.objectName()}")
    assert nameless == []


@SCENES
def test_every_focusable_widget_has_a_stable_object_name(window: Window, shot: Shot) -> None:
    widgets = focusable(staged(window, shot))
    assert [type(widget).__name__ for widget in widgets if not widget.objectName()] == []


@SCENES
def test_tab_reaches_every_focusable_widget(window: Window, shot: Shot) -> None:
    staged(window, shot)
    wanted = {widget for widget in focusable(window) if widget.window() is window}
    start = window.focusWidget() or window
    reached, widget = {start}, start
    for _ in range(600):
        widget = widget.nextInFocusChain()
        if widget is start:
            break
        reached.add(widget)
    assert {widget.objectName() for widget in wanted - reached} == set()


@SCENES
@pytest.mark.parametrize("size", [(1280, 800), (900, 600)], ids=["wide", "narrow"])
def test_no_words_are_cut_off(window: Window, qtbot: QtBot, shot: Shot, size: tuple[int, int]) -> None:
    window.resize(*size)
    staged(window, shot)

    def nothing_is_cut() -> None:  # layouts settle over a few events
        assert cut_words(window) == []

    qtbot.waitUntil(nothing_is_cut, timeout=3_000)


def cut_words(window: Window) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()} {text[:40]!r} {widget.size().toTuple()}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and (text := words(widget)) and is_cut(widget)
    ]


def words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else ""


def is_cut(widget: QWidget) -> bool:
    wanted = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.height() < widget.heightForWidth(widget.width()) - 1
    if type(widget).__name__ == "ElidedLabel":
        return widget.height() < widget.fontMetrics().height() - 1
    return widget.width() < wanted.width() - 1 or widget.height() < widget.fontMetrics().height() - 1


def test_the_rail_by_keyboard(full: Window, qtbot: QtBot) -> None:
    for number, view in enumerate(VIEWS, start=1):
        qtbot.keyClick(full, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert full.view == view.name


def test_every_room_leaves_the_focus_in_itself(full: Window) -> None:
    full.activateWindow()
    for view in VIEWS:
        full.show_view(view.name)
        QApplication.processEvents()
        room = full.room(view.name)
        focused = full.focusWidget()
        assert focused is not None
        assert room.isAncestorOf(focused), f"{view.name}: focus is on {focused.objectName()}"
