"""The exchange by itself with a real WebDAV server, also where it stalls: nobody waits for it."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.agentrc.settings import Settings
from agent.compose import build
from agent.laptops import Laptops
from agent.paths import Paths
from agent.protocol.events import Failed, StoreChanged
from agent.protocol.laptop_commands import ExchangeLibrary, ListLaptops
from agent.replica.exchange import Exchange
from agent.replica.report import Report
from agent.replica.sealing import Seal
from agent.replica.server import Server
from agent.session import laptops as laptops_module
from agent.session.ending import Ending
from agent.session.folder_watch import FolderWatch
from agent.session.laptops import LaptopsRoom
from sync.transports.dav import DavAccount
from tests.sim.between import EFFECTS, Between, Fault
from tests.sim.file_server import FileServer
from tests.sim.laptops import Laptop
from tests.unit.agent.session.telling import SECONDS_MAX, Told
from tests.unit.agent.session.test_laptops_room import Room

ALL = EFFECTS | {"MOVE", "GET", "HEAD", "PROPFIND"}
KEY = "correct horse"
RC = """[sync]
url = "{url}"
user = "me"
secret = "env:DAV_SECRET"
passphrase = "env:DAV_PASSPHRASE"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    with FileServer(tmp_path_factory.mktemp("webdav") / "served") as server:
        yield server


@pytest.fixture
def between(running: FileServer) -> Iterator[Between]:
    with Between(running.port, ALL) as made:
        yield made


@pytest.fixture
def room(tmp_path: Path, running: FileServer, between: Between, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setenv("DAV_SECRET", "pw")
    monkeypatch.setenv("DAV_PASSPHRASE", KEY)
    (running.folder / tmp_path.name).mkdir()
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    paths.agentrc.write_text(RC.format(url=f"{between.url}/{tmp_path.name}"))
    with build(paths) as runtime:
        made = Room(runtime, running.folder / tmp_path.name)
        made.room = LaptopsRoom(runtime, made.told.append, rest_s=0.05, calm_s=0.0)
        made.room.start()
        yield made
        between.release.set()
        made.room.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Laptop]:
    with closing(Laptop(tmp_path / "other", tmp_path / "unused", time.time)) as laptop:
        yield laptop


def exchange(laptop: Laptop, running: FileServer, room: Room) -> None:
    road = Server(DavAccount("sync", f"{running.url}/{room.stick.name}", "me", "pw"))
    Exchange(laptop.store, laptop.database, laptop.clock, laptop.name).run(road, Seal(KEY))


def test_joined_by_hand_it_goes_on_by_itself_in_both_directions(room: Room, other: Laptop, running: FileServer) -> None:
    room.told.until(lambda: len(room.told))
    assert not room.last().joined
    assert not list(room.stick.iterdir()), "a setting alone exchanges nothing"
    room.join()
    listed = room.do(ListLaptops())
    assert (listed.there, listed.joined, listed.server, listed.sealed) == (True, True, True, True)
    assert listed.folder == f"127.0.0.1:{room.runtime.settings.sync_server.url.split(':')[2].split('/')[0]}"  # type: ignore[union-attr]
    mine = room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    room.told.until(lambda: room.last().went)
    exchange(other, running, room)
    assert other.library.text(mine.id) == "x"
    other.library.save(mine.id, "y")
    exchange(other, running, room)
    room.room.nudge()
    room.told.until(lambda: any(isinstance(it, StoreChanged) for it in room.told))
    assert room.runtime.library.text(mine.id) == "y"
    assert room.runtime.library.sources([mine.id]) == ()


def test_what_was_written_just_before_the_end_is_there(room: Room, other: Laptop, running: FileServer) -> None:
    room.join()
    note = room.runtime.library.create("note", "the last one", "x")
    room.room.close()
    exchange(other, running, room)
    assert other.library.text(note.id) == "x"


def test_switched_off_the_network_is_not_touched(room: Room, between: Between) -> None:
    room.join()
    room.runtime.set_offline(True)
    asked = len(between.requests)
    room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    room.told.until(lambda: not room.last().there)
    room.join()
    assert len(between.requests) == asked
    (failed,) = [it for it in room.told if isinstance(it, Failed)]
    assert "network" in failed.what
    room.runtime.set_offline(False)
    room.room.nudge()
    room.told.until(lambda: room.last().went)


def test_a_server_that_stalls_holds_up_neither_the_talk_nor_the_end(room: Room, between: Between) -> None:
    room.join()
    asked = len(between.requests)
    between.script = [Fault(cut="stall")]
    room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    wait_until(lambda: len(between.requests) > asked)
    assert room.do(ListLaptops()).joined
    assert room.do(ExchangeLibrary()).busy
    room.runtime.library.create("note", "and the library can be written to", "x")
    assert len(between.requests) == asked + 1, "it stalls still"
    assert not room.last().trouble
    room.room.close(Ending(0.2))
    room.room._thread.join(5)
    assert not room.room._thread.is_alive(), "what went on was cut off"


def test_a_server_that_breaks_off_is_told_and_it_goes_on(room: Room, between: Between) -> None:
    room.join()
    between.script = [Fault(503), Fault(cut="request")]
    room.room.nudge()
    room.told.until(lambda: "503" in room.last().trouble)
    assert not room.last().there
    room.room.nudge()
    room.told.until(lambda: "broke" in room.last().trouble or "reached" in room.last().trouble)
    room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    room.told.until(lambda: room.last().went and not room.last().trouble)
    assert not [it for it in room.told if isinstance(it, Failed)]


def test_a_server_that_says_no_is_not_knocked_at_again_and_again(
    room: Room, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would lock the account, or this laptop, out."""
    room.join()
    monkeypatch.setenv("DAV_SECRET", "wrong")
    room.room.nudge()
    room.told.until(lambda: "401" in room.last().trouble)
    asked, looks = len(between.requests), look_often(room, monkeypatch)
    wait_until(lambda: len(looks) >= 5)
    assert len(between.requests) == asked
    monkeypatch.setenv("DAV_SECRET", "pw")
    room.join()
    room.runtime.library.create("note", "mine", "x")
    room.told.until(lambda: room.last().went)


def test_a_no_is_not_one_for_ever(room: Room, between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was being mended, or a gate that asked for patience."""
    room.join()
    between.script = [Fault(403)]
    room.room.nudge()
    room.told.until(lambda: "403" in room.last().trouble)
    room.runtime.library.create("note", "mine", "x")
    asked, looks = len(between.requests), look_often(room, monkeypatch)
    wait_until(lambda: len(looks) >= 5)
    assert len(between.requests) == asked
    monkeypatch.setattr(laptops_module, "REFUSED_S", 0.0)
    room.told.until(lambda: room.last().went and not room.last().trouble)


def look_often(room: Room, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One more at each look that is over."""
    looks: list[None] = []
    look = room.room._look

    def counted(laptops: Laptops, watch: FolderWatch) -> None:
        look(laptops, watch)
        looks.append(None)

    monkeypatch.setattr(room.room, "_look", counted)
    monkeypatch.setattr(laptops_module, "ASK_AGAIN_S", 0.01)
    room.room.nudge()
    return looks


def wait_until(found: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS_MAX
    while not found():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_without_a_passphrase_nothing_goes_there(room: Room) -> None:
    room.runtime.change_settings({"sync.passphrase": None})
    room.join()
    (failed,) = [it for it in room.told if isinstance(it, Failed)]
    assert "somebody else's machine" in failed.what
    assert not list(room.stick.iterdir())


def test_the_start_has_other_things_to_do_first(room: Room, between: Between) -> None:
    room.join()
    room.room.close()
    asked = len(between.requests)
    again = LaptopsRoom(room.runtime, Told().append, calm_s=30.0)
    again.start()
    for _ in range(5):
        again.nudge()
        time.sleep(0.02)
    assert len(between.requests) == asked
    again.close()
    assert not again._thread.is_alive()
    assert len(between.requests) == asked, "nothing was written since, so nothing is to be told"


def test_a_busy_database_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    (tmp_path / "stick").mkdir()
    paths.agentrc.write_text(f'[sync]\nfolder = "{(tmp_path / "stick").as_posix()}"\n')
    opens, fails = laptops_module.connect, [sqlite3.OperationalError("database is locked")]

    def busy(database: Path) -> object:
        if fails:
            raise fails.pop()
        return opens(database)

    monkeypatch.setattr(laptops_module, "connect", busy)
    with build(paths, offline=True) as runtime:
        room = Room(runtime, tmp_path / "stick")
        room.room.start()
        room.told.until(lambda: any("locked" in getattr(it, "trouble", "") for it in room.told))
        room.join()
        assert room.last().there
        assert not [it for it in room.told if isinstance(it, Failed)]
        room.room.close()


def test_what_the_settings_say_of_a_server(room: Room) -> None:
    settings: Settings = room.runtime.settings
    laptops = Laptops(room.runtime.connection, room.runtime.paths.database, lambda: settings, lambda *, loopback: False)
    standing = laptops.standing()
    assert (standing.server, standing.there) == (True, False)
    assert "network" in standing.why


def test_a_secret_that_is_not_there_is_told_with_what_to_do(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAV_SECRET")
    settings: Settings = room.runtime.settings
    laptops = Laptops(room.runtime.connection, room.runtime.paths.database, lambda: settings, lambda *, loopback: True)
    standing = laptops.standing()
    assert (standing.server, standing.there, standing.refused) == (True, False, False)
    assert "DAV_SECRET" in standing.why


def test_what_is_written_while_an_exchange_goes_on_is_news(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Exchange.run

    def running_late(self: Exchange, *args: Any, **how: Any) -> Report:
        done = run(self, *args, **how)
        room.runtime.library.create("note", "just now", "x")
        return done

    laptops = Laptops(
        room.runtime.connection, room.runtime.paths.database, lambda: room.runtime.settings,
        lambda *, loopback: True,
    )  # fmt: skip
    laptops.exchange()
    assert not laptops.has_news()
    monkeypatch.setattr(Exchange, "run", running_late)
    laptops.exchange()
    assert laptops.has_news()
