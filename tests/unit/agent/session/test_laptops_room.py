"""The exchange by itself, over a real profile and a real folder: joined by hand, then on changes here and there."""

import errno
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import Runtime, build
from agent.paths import Paths
from agent.protocol.commands import Command
from agent.protocol.events import Failed, StoreChanged
from agent.protocol.laptop_commands import ExchangeLibrary, ListLaptops
from agent.protocol.laptop_events import LaptopsListed
from agent.replica.alone import alone
from agent.session.laptops import ASKED_MAX, LaptopsRoom
from tests.sim.laptops import Laptop
from tests.unit.agent.session.telling import Told


class Room:
    def __init__(self, runtime: Runtime, stick: Path) -> None:
        self.runtime, self.stick, self.told = runtime, stick, Told()
        self.room = LaptopsRoom(runtime, self.told.append, rest_s=0.05)

    def do(self, command: Command) -> LaptopsListed:
        (event,) = self.room.handlers()[type(command)](command)
        assert isinstance(event, LaptopsListed)
        return event

    def last(self) -> LaptopsListed:
        return next(event for event in reversed(self.told) if isinstance(event, LaptopsListed))

    def join(self) -> None:
        asked = ExchangeLibrary()
        assert self.do(asked).busy
        self.told.until(lambda: any(isinstance(it, LaptopsListed) and it.cause == asked.id for it in self.told))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    stick = tmp_path / "stick"
    stick.mkdir()
    paths.agentrc.write_text(f'[sync]\nfolder = "{stick.as_posix()}"\n')
    with build(paths, offline=True) as runtime:
        made = Room(runtime, stick)
        made.room.start()
        yield made
        made.room.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(tmp_path / "other", tmp_path / "stick", time.time)
    yield laptop
    laptop.close()


def test_a_setting_alone_exchanges_nothing(room: Room, other: Laptop) -> None:
    other.library.create("note", "theirs", "x")
    other.exchange()
    room.told.until(lambda: len(room.told))
    assert not room.last().joined
    assert room.runtime.library.list() == ()
    assert not (room.stick / "carryon-library" / _id(room)).exists()


def test_once_joined_it_goes_on_by_itself_in_both_directions(room: Room, other: Laptop) -> None:
    room.join()
    assert room.do(ListLaptops()).joined
    mine = room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    room.told.until(lambda: room.last().went)
    other.exchange()
    assert other.library.text(mine.id) == "x"
    other.library.save(mine.id, "y")
    other.exchange()  # the folder's own change is what wakes the room
    room.told.until(lambda: any(isinstance(it, StoreChanged) for it in room.told))
    assert room.runtime.library.text(mine.id) == "y"
    room.told.until(lambda: [it.name for it in room.last().laptops] == ["other"])


def test_what_was_written_just_before_the_end_is_in_the_folder(room: Room, other: Laptop) -> None:
    room.join()
    note = room.runtime.library.create("note", "the last one", "x")
    room.room.close()
    other.exchange()
    assert other.library.text(note.id) == "x"


def test_a_stick_that_is_gone_is_a_state_and_it_goes_on_when_it_is_back(room: Room, other: Laptop) -> None:
    room.join()
    away = room.stick.rename(room.stick.with_name("away"))
    room.room.nudge()
    room.told.until(lambda: not room.last().there)
    assert not [it for it in room.told if isinstance(it, Failed)]
    other.shared = away
    note = other.library.create("note", "theirs", "x")
    other.exchange()
    away.rename(room.stick)
    room.room.nudge()
    room.told.until(lambda: any(isinstance(it, StoreChanged) for it in room.told))
    assert room.runtime.library.text(note.id) == "x"


def test_off_means_by_hand_only(room: Room, other: Laptop) -> None:
    room.join()
    room.runtime.change_settings({"sync.automatic": "off"})
    other.library.create("note", "theirs", "x")
    other.exchange()
    room.room.nudge()
    room.told.until(lambda: not room.last().automatic)
    assert room.runtime.library.list() == ()
    room.join()
    assert [it.title for it in room.runtime.library.list()] == ["theirs"]


def test_what_goes_wrong_by_hand_is_told(room: Room) -> None:
    shutil.rmtree(room.stick)
    room.join()
    (failed,) = [it for it in room.told if isinstance(it, Failed)]
    assert "not there" in failed.what


def test_a_share_that_does_not_answer_is_told_and_it_goes_on_when_it_does(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.join()
    answers, looks = Path.is_dir, list[Path]()

    def dead(path: Path) -> bool:
        if path == room.stick:
            looks.append(path)
            raise OSError(errno.EHOSTDOWN, "Host is down")
        return answers(path)

    with monkeypatch.context() as share:
        share.setattr(Path, "is_dir", dead)
        room.room.nudge()
        room.told.until(lambda: "Host is down" in room.last().trouble)
        assert len(looks) == 1, "what went wrong is told without another look"
        assert not room.last().there
    room.runtime.library.create("note", "mine", "x")
    room.room.nudge()
    room.told.until(lambda: room.last().went and not room.last().trouble)
    assert not [it for it in room.told if isinstance(it, Failed)]


def test_each_command_that_asked_meanwhile_hears_of_the_end(room: Room) -> None:
    asked = [ExchangeLibrary() for _ in range(4)]
    with alone(room.runtime.paths.database):
        for command in asked:
            assert room.do(command).busy
    causes = {command.id for command in asked}
    room.told.until(lambda: causes <= {it.cause for it in room.told if isinstance(it, LaptopsListed) and not it.busy})


def test_no_more_than_a_bound_of_commands_wait(room: Room) -> None:
    with alone(room.runtime.paths.database):
        told = [next(room.room.handlers()[ExchangeLibrary](ExchangeLibrary())) for _ in range(2 * ASKED_MAX + 2)]
    assert isinstance(told[-1], Failed)


def test_without_a_folder_nothing_is_imported_and_nothing_runs(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, time; from agent.compose import build; from agent.paths import Paths\n"
        "from agent.session.laptops import LaptopsRoom\n"
        f"paths = Paths.of({{'CARRYON_HOME': {str(tmp_path)!r}, 'AGENTRC': {str(tmp_path / 'rc')!r}}})\n"
        "with build(paths, offline=True) as runtime:\n"
        "    room = LaptopsRoom(runtime, print).start(); room.nudge(); room.close()\n"
        "    heavy = {'agent.replica.exchange', 'agent.replica.server', 'watchdog', 'cryptography', 'httpx'}\n"
        "    assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def _id(room: Room) -> str:
    return str(room.runtime.connection.execute("SELECT id FROM replica").fetchone()[0])
