"""The Outbox in the real window over a real core, by keyboard alone."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from agent.paths import Paths
from agent.protocol import outbox_commands
from app.presenters.outbox_sections import HELD_MAX, PAGE
from app.theme.tokens import DARK, LIGHT
from app.views.look import Look
from app.views.outbox_page import OutboxPage
from app.views.text_body import TextBody
from app.views.window import Window
from tests.outbox_core import OutboxCore, outbox_core

Find = Callable[[QWidget, str], QWidget]


@pytest.fixture
def core(paths: Paths) -> Iterator[OutboxCore]:
    with outbox_core(paths) as made:
        yield made


class Room:
    """The window at the Outbox; `press` types into what has the keyboard, and lets the core answer."""

    def __init__(self, window: Window, core: OutboxCore, qtbot: QtBot) -> None:
        self.window, self.core, self._qtbot = window, core, qtbot

    @property
    def page(self) -> OutboxPage:
        page = self.window.room("outbox")
        assert isinstance(page, OutboxPage)
        return page

    def press(self, *keys: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            focus = self.window.focusWidget()
            assert focus is not None, "the keyboard is nowhere"
            self._qtbot.keyClick(focus, key, held)
            self.settle()

    def type(self, text: str) -> None:
        focus = self.window.focusWidget()
        assert focus is not None
        self._qtbot.keyClicks(focus, text)
        self._qtbot.keyClick(focus, Qt.Key.Key_Return)
        self.settle()

    def settle(self) -> None:
        for _ in range(4):
            QApplication.processEvents()
            self.core.settle()

    def keys(self) -> list[str]:
        return [row.id for row in self.core.desk.outbox.rows if row.kind == "item"]


@pytest.fixture
def room(qtbot: QtBot, look: Look, core: OutboxCore) -> Iterator[Callable[[], Room]]:
    """Shown when it is called, so that what is in the outbox is there before."""
    made: list[Window] = []

    def show() -> Room:
        look.force(LIGHT)
        window = Window(look)
        window.furnish(core.desk)
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.painted):
            window.show()
        window.activateWindow()
        window.show_view("outbox")
        made.append(window)
        opened = Room(window, core, qtbot)
        opened.settle()
        return opened

    yield show
    for window in made:
        window.close()


def test_an_item_is_approved_by_keys_and_the_keyboard_stays(core: OutboxCore, room: Callable[[], Room]) -> None:
    first, second = core.mail("first"), core.mail("second")
    shown = room()
    assert shown.window.focusWidget() is shown.page.list
    assert shown.page.list.current_key() == second.id, "the newest that needs the user is in hand"
    shown.press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert core.desk.outbox.item_id == first.id
    shown.press(Qt.Key.Key_Return, held=Qt.KeyboardModifier.ControlModifier)
    assert str(core.runtime.outbox.get(first.id).state) == "queued"
    assert str(core.runtime.outbox.get(second.id).state) == "waiting_approval"
    assert shown.window.focusWidget() is shown.page.list


def test_a_key_never_decides_what_is_not_to_be_seen(core: OutboxCore, room: Callable[[], Room]) -> None:
    first = core.mail("first")
    core.mail("second")
    shown = room()
    shown.press(Qt.Key.Key_Down)
    shown.press(Qt.Key.Key_Return, held=Qt.KeyboardModifier.ControlModifier)
    assert core.desk.outbox.item_id == first.id, "the first press opens it"
    assert core.runtime.outbox.counts() == {"waiting_approval": 2}
    shown.press(Qt.Key.Key_Delete)
    assert str(core.runtime.outbox.get(first.id).state) == "cancelled"


def test_several_are_marked_decided_and_taken_back_by_keys(
    core: OutboxCore, room: Callable[[], Room], find: Find
) -> None:
    items = [core.mail(f"number {number}") for number in range(3)]
    shown = room()
    shown.press(Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space)
    assert find(shown.page, "marksMany").text() == "2 items marked"
    heard = shown.page.list.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "marked" in heard
    shown.press(Qt.Key.Key_Return, held=Qt.KeyboardModifier.ControlModifier)
    assert core.runtime.outbox.counts() == {"queued": 2, "waiting_approval": 1}
    assert find(shown.page, "marksOutcome").text() == "2 approved."
    back = find(shown.page, "marksBack")
    back.setFocus()
    shown.press(Qt.Key.Key_Return)
    assert core.runtime.outbox.counts() == {"cancelled": 2, "waiting_approval": 1}
    assert shown.window.focusWidget() is not None
    assert str(core.runtime.outbox.get(items[0].id).state) == "waiting_approval"


def test_esc_marks_none(core: OutboxCore, room: Callable[[], Room]) -> None:
    core.mail("first")
    shown = room()
    shown.press(Qt.Key.Key_A, held=Qt.KeyboardModifier.ControlModifier)
    assert core.desk.outbox.marked == 1
    shown.press(Qt.Key.Key_Escape)
    assert not core.desk.outbox.marking
    assert core.runtime.outbox.counts() == {"waiting_approval": 1}


def test_the_end_of_the_list_brings_more_as_one_walks_down(core: OutboxCore, room: Callable[[], Room]) -> None:
    many = HELD_MAX + 2 * PAGE
    items = [core.mail(f"number {number}") for number in range(many)]
    shown = room()
    walked = [shown.page.list.current_key()]
    for _ in range(many - 1):
        shown.press(Qt.Key.Key_Down)
        key = shown.page.list.current_key()
        if key.startswith("more:"):  # asked for by being seen; the next page stands behind what was walked
            shown.settle()
            key = shown.page.list.current_key()
        walked.append(key)
        assert shown.page.list.model().rowCount() <= HELD_MAX + 3
    assert walked == [item.id for item in reversed(items)]


def test_what_is_looked_at_stays_where_it_is_while_others_arrive(core: OutboxCore, room: Callable[[], Room]) -> None:
    for number in range(40):
        core.mail(f"number {number}")
    shown = room()
    rows = shown.page.list
    rows.verticalScrollBar().setValue(600)
    QApplication.processEvents()
    before = rows.indexAt(rows.viewport().rect().center()).data(Qt.ItemDataRole.AccessibleTextRole)
    core.mail("new")
    core.desk.outbox.refresh()
    shown.settle()
    assert rows.indexAt(rows.viewport().rect().center()).data(Qt.ItemDataRole.AccessibleTextRole) == before


def test_words_and_states_narrow_the_list_and_an_empty_one_says_how_to_widen(
    core: OutboxCore, room: Callable[[], Room], find: Find
) -> None:
    core.mail("contract")
    other = core.post("landing")
    shown = room()
    find(shown.page, "outboxSearch").setFocus()
    shown.type("landing")
    assert shown.keys() == [other.id]
    find(shown.page, "outboxFilter-Delivered").setFocus()
    shown.press(Qt.Key.Key_Space)
    assert "“landing” and “Delivered”" in find(shown.page, "outboxEmpty").text()
    find(shown.page, "outboxWiden").setFocus()
    shown.press(Qt.Key.Key_Return)
    assert len(shown.keys()) == 2
    assert find(shown.page, "outboxSearch").text() == ""
    assert shown.window.focusWidget() is shown.page.list


def test_destinations_open_close_and_are_tried_by_keys(core: OutboxCore, room: Callable[[], Room], find: Find) -> None:
    waiting = core.post("landing")
    shown = room()
    by = find(shown.page, "outboxBy")
    by.setFocus()
    shown.press(Qt.Key.Key_Down)
    shown.page.list.setFocus()
    shown.press(Qt.Key.Key_Home)
    assert shown.page.list.current_key() == "place:webhook:ops"
    shown.press(Qt.Key.Key_Left)
    assert shown.keys() == []
    assert find(shown.page, "placeState").text() == "Queued until online"
    shown.press(Qt.Key.Key_Right)
    assert shown.keys() == [waiting.id]
    find(shown.page, "placeTry").setFocus()
    shown.press(Qt.Key.Key_Return)
    assert core.runtime.outbox.timeline(waiting.id)[-1]["what"] == "You asked to try again."
    assert shown.window.focusWidget() is not None


def test_from_what_waits_to_what_it_waits_for(core: OutboxCore, room: Callable[[], Room], find: Find) -> None:
    first, second = core.plan()
    shown = room()
    assert core.desk.outbox.item_id == second.id
    find(shown.page, "itemAfter-1").setFocus()
    shown.press(Qt.Key.Key_Return)
    assert core.desk.outbox.item_id == first.id
    assert shown.page.list.current_key() == first.id
    focus = shown.window.focusWidget()
    assert focus is not None
    assert focus.isVisible()


def test_the_list_goes_to_the_pages_not_to_the_whole(core: OutboxCore, room: Callable[[], Room]) -> None:
    for number in range(PAGE * 2):
        core.mail(f"number {number}")
    room()
    asked = [one for one in core.asked if isinstance(one, outbox_commands.ListPage)]
    assert asked
    assert max(one.limit for one in asked) <= HELD_MAX
    assert len(core.desk.outbox.rows) <= PAGE + 2


def test_only_one_destination_by_the_menu_and_its_chip_takes_it_away(
    core: OutboxCore, room: Callable[[], Room], find: Find
) -> None:
    core.mail("contract")
    other = core.post("landing")
    shown = room()
    only = find(shown.page, "outboxOnly")
    assert isinstance(only, QPushButton)
    menu = only.menu()
    menu.aboutToShow.emit()
    places = next(action.menu() for action in menu.actions() if action.text() == "Destination")
    next(action for action in places.actions() if action.text() == "ops (channel)").trigger()
    shown.settle()
    assert shown.keys() == [other.id]
    chip = find(shown.page, "outboxChip-destination")
    assert "ops (channel)" in chip.text()
    chip.setFocus()
    shown.press(Qt.Key.Key_Return)
    assert len(shown.keys()) == 2
    assert shown.window.focusWidget() is find(shown.page, "outboxSearch")


def test_both_sides_of_a_conflict_are_read_in_the_dark_too(full: Window, look: Look, find: Find) -> None:
    full.show_view("outbox")
    full.desk.outbox.open("demo-offer")
    for theme in (DARK, LIGHT):
        look.force(theme)
        QApplication.processEvents()
        assert "version 4" in find(full, "sidesThen").text()
        assert "version 5" in find(full, "sidesNow").text()
        body = find(full, "sidesDiff")
        assert isinstance(body, TextBody)
        assert "+| Migration" in body.toPlainText()
        assert theme.good in body.toHtml(), "what came is in the colour of this theme"
