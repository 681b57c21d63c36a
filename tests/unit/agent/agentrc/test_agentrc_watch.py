"""Saved by any editor, in force at once; half a file never is. Real files, real watches."""

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.agentrc.agentrc import Agentrc, Reloaded
from agent.agentrc.watch import Watch

WAIT_S = 20


class Heard:
    """What the watch told, in order."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Reloaded] = queue.Queue()

    def __call__(self, reloaded: Reloaded) -> None:
        self.queue.put(reloaded)

    def until(self, tone: str) -> list[Reloaded]:
        """Everything heard up to the first with this tone."""
        told = [self.queue.get(timeout=WAIT_S)]
        while told[-1].settings.tone != tone:
            told.append(self.queue.get(timeout=WAIT_S))
        return told


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def rc(make_rc, user_home: Path, heard: Heard, request: pytest.FixtureRequest) -> Iterator[Agentrc]:
    file = user_home / ".agentrc"
    linked = getattr(request, "param", "plain")
    if linked == "link":
        (user_home / "dotfiles").mkdir()
        (user_home / "dotfiles" / "agentrc").write_text('tone = "warm"\n')
        file.symlink_to("dotfiles/agentrc")
    elif linked == "plain":
        file.write_text('tone = "warm"\n')
    made: Agentrc = make_rc()
    made.load()
    watch = made.watch(heard)
    assert watch.watching.wait(WAIT_S)
    yield made
    watch.close()


def in_place(file: Path, text: str) -> None:
    file.write_text(text)


def by_rename(file: Path, text: str) -> None:
    beside = file.with_name(".agentrc.swp")
    beside.write_text(text)
    beside.replace(file)


def with_backup(file: Path, text: str) -> None:
    """As some editors do: the old file is moved away, then a new one is written."""
    file.replace(file.with_name(".agentrc~"))
    file.write_text(text)


def to_the_target(file: Path, text: str) -> None:
    in_place(file.resolve(), text)


def to_the_target_by_rename(file: Path, text: str) -> None:
    by_rename(file.resolve(), text)


def bend_the_link(file: Path, text: str) -> None:
    other = file.parent / "other"
    other.write_text(text)
    file.unlink()
    file.symlink_to("other")


@pytest.mark.parametrize("save", [in_place, by_rename, with_backup])
def test_a_save_is_in_force(rc: Agentrc, heard: Heard, save):
    save(rc.file, 'tone = "terse"\n')
    told = heard.until("terse")
    assert told[-1].changed == ("tone",)
    assert rc.settings.tone == "terse"
    save(rc.file, 'tone = "formal"\n')
    heard.until("formal")


@pytest.mark.parametrize("rc", ["link"], indirect=True)
@pytest.mark.parametrize("save", [to_the_target, to_the_target_by_rename, bend_the_link])
def test_a_linked_file_is_followed(rc: Agentrc, heard: Heard, save):
    save(rc.file, 'tone = "terse"\n')
    heard.until("terse")
    rc.file.resolve().write_text('tone = "formal"\n')
    heard.until("formal")


@pytest.mark.parametrize("rc", ["none"], indirect=True)
def test_a_file_that_appears_and_goes_is_noticed(rc: Agentrc, heard: Heard):
    rc.file.write_text('tone = "terse"\n')
    heard.until("terse")
    rc.file.unlink()
    heard.until("neutral")


def test_a_mistake_keeps_the_last_good_and_is_told(rc: Agentrc, heard: Heard):
    rc.file.write_text('tone = "terse\n')
    told = heard.queue.get(timeout=WAIT_S)
    assert told.settings.tone == "warm"
    assert told.changed == ()
    assert (told.problems[0].where, told.problems[0].line, told.problems[0].column) == ("~/.agentrc", 1, 14)
    rc.file.write_text('tone = "terse"\n')
    assert heard.until("terse")[-1].problems == ()


def test_a_half_written_file_is_never_in_force(rc: Agentrc, heard: Heard):
    """A slow editor: truncates, writes a part that is valid by itself, pauses, writes the rest."""
    pause = threading.Event()
    for tone in ("terse", "formal", "warm"):
        with rc.file.open("w") as file:
            pause.wait(0.1)
            file.write('length = "sho')
            file.flush()
            pause.wait(0.1)
            file.write(f'rt"\ntone = "{tone}"')
            file.flush()
            pause.wait(0.1)
            file.write("\n")
        for told in heard.until(tone):
            assert told.problems == ()
            assert told.settings.tone != "neutral", "an emptied file was read"


def test_an_edit_by_carryon_itself_is_in_force_too(rc: Agentrc, heard: Heard):
    rc.desk.accept(rc.desk.propose("tone", "terse"))
    heard.until("terse")


def test_a_folder_that_is_not_there_yet_is_looked_for(make_rc, tmp_path: Path, user_home: Path, heard: Heard):
    file = tmp_path / "later" / "agentrc"
    made: Agentrc = make_rc(environ={"AGENTRC": str(file)})
    made.load()
    with made.watch(heard) as watch:
        assert watch.watching.wait(WAIT_S)
        file.parent.mkdir()
        file.write_text('tone = "terse"\n')
        heard.until("terse")


def test_reading_a_watched_file_does_not_wake_the_watch(tmp_path: Path):
    file = tmp_path / "f"
    file.write_text("a\n")
    looks, twice = [], threading.Event()

    def settled() -> None:
        looks.append(1)
        twice.set() if len(looks) > 1 else None

    with Watch(lambda: [file], settled) as watch:
        assert watch.watching.wait(WAIT_S)
        for _ in range(50):
            file.read_bytes()
        (tmp_path / "unrelated").write_text("x")
        assert not twice.wait(0.5)
        file.write_text("b\n")
        assert twice.wait(WAIT_S)
    assert len(looks) == 2
    assert "agentrc-watch" not in [thread.name for thread in threading.enumerate()]


def test_closing_while_an_editor_writes_does_not_hang(rc: Agentrc, heard: Heard, make_rc):
    other: Agentrc = make_rc()
    other.load()
    watch = other.watch(heard)
    assert watch.watching.wait(WAIT_S)
    with rc.file.open("w") as file:
        os.fsync(file.fileno())
        watch.close()
    assert not watch._thread.is_alive()
