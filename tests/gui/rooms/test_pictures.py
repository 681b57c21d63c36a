"""Pictures and sounds in the window: shown where they are one, named where they are not, never written over."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, QThreadPool
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.events import FileLoaded
from app import demo_files
from app.presenters.files import HELD_MAX, FilesPresenter, face
from app.views import dialogs
from app.views.picture import BROKEN, CARD, WHOLE, _decoded, decoders
from app.views.window import Window


def test_a_card_shows_the_picture_and_says_what_the_sound_is(full: Window, qtbot: QtBot, collected, find) -> None:
    full.desk.handle(demo_files.drawn())
    card = find(full, "card-k90")
    picture = find(card, "cardPicture-k90-0")
    assert isinstance(picture, QLabel)
    assert picture.accessibleName() == "Picture · picture-1.png · 8.4 KB"
    (asked,) = [one for one in collected if isinstance(one, commands.LoadFile)]
    assert asked.artifact_id == "f1", "only what is a picture is loaded"
    full.desk.handle(replace(demo_files.loaded(), cause=asked.id))
    qtbot.waitUntil(lambda: not picture.pixmap().isNull())
    assert picture.pixmap().width() <= CARD.width() * picture.devicePixelRatioF()
    assert picture.height() > 100
    sound = find(card, "cardFile-k90-1")
    assert sound.text() == "Sound · sound-2.wav · 4.2 s · 92.4 KB"
    sound.click()
    assert collected.last(commands.OpenArtifact).artifact_id == "f2"
    assert full.chat.in_hand.isVisible()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_says_so(full: Window, qtbot: QtBot, find, content: bytes) -> None:
    full.desk.handle(FileLoaded(artifact_id="f1", content=content))
    full.desk.handle(demo_files.drawn())
    picture = find(full, "cardPicture-k90-0")
    assert isinstance(picture, QLabel)
    qtbot.waitUntil(lambda: picture.text() == BROKEN)


def gif(width: int, height: int) -> bytes:
    """A screen of that size, and on it one frame of a single dot."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00;"


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(8_100, 8_100, QSize(0, 0)), (1_000, 500, QSize(320, 160)), (2_000, 1, QSize(320, 1)), (3, 2, QSize(3, 2))],
)
def test_a_gif_is_held_against_its_screen_however_small_its_frame(width: int, height: int, shown: QSize) -> None:
    assert _decoded(gif(width, height), "gif", CARD).size() == shown


@pytest.mark.parametrize("cut", range(14))
def test_a_gif_that_ends_early_is_none(cut: int) -> None:
    assert _decoded(gif(3, 2)[:cut], "gif", CARD).isNull()


def test_pictures_are_taken_apart_one_at_a_time_and_wait_for_no_other_work(
    full: Window, qtbot: QtBot, collected, find
) -> None:
    assert decoders().maxThreadCount() == 1
    with all_busy(QThreadPool.globalInstance()):
        full.desk.handle(demo_files.loaded())
        full.desk.handle(demo_files.drawn())
        picture = find(full, "cardPicture-k90-0")
        assert isinstance(picture, QLabel)
        qtbot.waitUntil(lambda: not picture.pixmap().isNull())


@contextmanager
def all_busy(pool: QThreadPool) -> Iterator[None]:
    go_on = threading.Event()
    for _ in range(pool.maxThreadCount()):
        pool.start(lambda: go_on.wait(30))
    try:
        yield
    finally:
        go_on.set()
        assert pool.waitForDone(10_000)


def test_a_file_is_looked_at_and_exported_and_never_written_over(
    full: Window, qtbot: QtBot, collected, find, monkeypatch: pytest.MonkeyPatch
) -> None:
    full.show_view("library")
    full.desk.handle(demo_files.loaded())
    full.desk.handle(demo_files.opened())
    panel = full.room("library").panel
    picture = find(panel, "artifactFilePicture")
    assert isinstance(picture, QLabel)
    qtbot.waitUntil(lambda: not picture.pixmap().isNull())
    assert picture.pixmap().width() <= WHOLE.width() * picture.devicePixelRatioF()
    assert not panel.findChild(QPushButton, "artifactMode").isVisible()
    assert panel.title.isReadOnly()
    names: list[str] = []
    monkeypatch.setattr(dialogs, "save_path", lambda _parent, _title, name, _kinds: names.append(name) or "/x.png")
    find(panel, "artifactExport").click()
    assert names == ["picture-1.png"]
    assert collected.last(commands.ExportArtifact).path == "/x.png"
    sound = replace(demo_files.ARTIFACT, data=demo_files.CLIP)
    full.desk.handle(replace(demo_files.opened(), artifact=sound))
    assert "Export it to open it" in find(panel, "artifactFileWords").text()


def test_files_are_asked_for_once_and_only_so_many_are_held() -> None:
    asked: list[commands.Command] = []
    files, seen = FilesPresenter(asked.append), list[bytes]()
    files.want("a", seen.append)
    files.want("a", seen.append)
    (command,) = asked
    files.handle(FileLoaded(cause=command.id, artifact_id="a", content=b"x"))
    assert seen == [b"x", b"x"]
    for number in range(HELD_MAX):
        files.handle(FileLoaded(artifact_id=str(number), content=b"y"))
    files.want("a", seen.append)
    assert len(asked) == 2, "it was let go"
    files.handle(events.Failed(cause=asked[1].id, what="It is gone."))
    assert seen[-1] == b""


def test_what_is_not_kept_is_said(full: Window, find) -> None:
    left = {"text": "drawn", "pictures": 2, "sounds": 1, "files": [{"id": "f1", **demo_files.CHART}]}
    opened = demo_files.drawn()
    asked, answered = opened.messages
    answered = replace(answered, calls=(replace(answered.calls[0], facts=left),))
    full.desk.handle(replace(opened, messages=(asked, answered)))
    words = find(full, "cardFile-k90-1")
    assert isinstance(words, QLabel)
    assert words.text() == "2 pictures or sounds not kept"


def test_a_file_is_called_by_what_is_known_of_it() -> None:
    assert face("x", {}).words == "File"
    assert face("x", {"media_type": "audio/flac", "seconds": 75, "name": "a\u202eb"}).words.startswith("Sound · a")
    assert face("x", {"media_type": "audio/flac", "seconds": 75}).words == "Sound · 1:15 min"
