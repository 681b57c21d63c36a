"""What the tray says and asks, and what the window does for a model that rests."""

from dataclasses import replace

import pytest

from agent.pool.policy import WORDS, Why
from agent.protocol import commands, events
from agent.protocol.events import OptionShown
from agent.protocol.network_commands import SetOffline
from app import demo
from app.presenters.desk import Desk

BATTERY = WORDS[Why.BATTERY]


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    for event in demo.afternoon():
        desk.handle(event)
    return desk


def rests(desk: Desk, why: str = BATTERY) -> None:
    desk.handle(events.ModelStateChanged(state="resting", name=desk.status.model, why=why))


def test_it_is_wanted_only_when_the_settings_say_so(open_desk: Desk) -> None:
    loaded = next(event for event in demo.afternoon() if isinstance(event, events.SettingsLoaded))
    assert not open_desk.tray.wanted
    for value, wanted in ((True, True), (False, False), (None, False)):
        option = OptionShown("window.tray", value, "bool", (), "", "~/.agentrc:3")
        open_desk.handle(replace(loaded, options=(*loaded.options, option)))
        assert open_desk.tray.wanted is wanted


def test_its_hint_says_what_the_status_line_says(open_desk: Desk) -> None:
    assert open_desk.tray.hint == "Carryon\nOffline\n9 waiting\nStarter ready"
    open_desk.handle(events.ItemsListed(items=(), counts={}))
    assert open_desk.tray.hint == "Carryon\nOffline\nStarter ready"


def test_the_switch_in_the_menu_is_the_switch(open_desk: Desk, submitted) -> None:
    open_desk.tray.set_offline(True)
    assert submitted.last(SetOffline).offline
    open_desk.handle(events.ConnectivityChanged(state="offline", manual=True, why="You asked for it"))
    assert open_desk.tray.offline


def test_the_core_hears_once_where_the_window_is(open_desk: Desk, submitted) -> None:
    for hidden in (True, True, False, False):
        open_desk.tray.went(hidden=hidden)
    assert [command.hidden for command in submitted.all(commands.ReportWindow)] == [True, False]


# A model that rests


def test_the_status_line_says_that_it_rests_and_what_wakes_it(open_desk: Desk) -> None:
    rests(open_desk)
    part = open_desk.status.parts[3]
    assert (part.text, part.tone) == ("resting to save battery; wakes when you write", "muted")
    assert part.hint == BATTERY
    card = open_desk.models.cards[0]
    assert (card.words, card.note) == ("Resting", BATTERY)


def test_the_first_key_wakes_it_and_the_next_ones_do_not(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("a")
    assert not submitted.all(commands.WakeModels)
    rests(open_desk)
    open_desk.composer.typed(" ")
    assert not submitted.all(commands.WakeModels), "nothing is written yet"
    for text in ("a", "ab", "abc"):
        open_desk.composer.typed(text)
    assert len(submitted.all(commands.WakeModels)) == 1


def test_one_that_came_back_needs_no_waking(open_desk: Desk, submitted) -> None:
    rests(open_desk)
    open_desk.handle(events.ModelStateChanged(state="ready", name=open_desk.status.model))
    open_desk.composer.typed("a")
    assert not submitted.all(commands.WakeModels)
    assert open_desk.status.parts[3].text == "ready"
