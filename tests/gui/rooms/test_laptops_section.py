"""Other laptops in Settings: how it stands in words, Sync now, what was joined and how it is taken back."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication, QWidget

from agent.protocol import commands, laptop_commands
from agent.protocol.laptop_events import LaptopShown, LaptopsListed, MergeShown
from app import demo
from app.views.window import Window

MERGE = MergeShown("a1", "Shopping", 4, 2, "written on two laptops at a time: both are joined here")
LISTED = LaptopsListed(
    folder="/media/stick", there=True, joined=True, automatic=True, at=int(demo.clock() * 1000), came=3, went=1,
    merged=1, merges=(MERGE,), notices=("“Plan” came out of the trash.",), laptops=(LaptopShown("bert"),),
)  # fmt: skip


def shown(window: Window, event: LaptopsListed = LISTED) -> QWidget:
    window.show_view("settings")
    window.desk.handle(event)
    QApplication.processEvents()
    return window.room("settings")


def test_without_a_folder_it_says_how_to_begin(full: Window, collected, find) -> None:
    room = shown(full, LaptopsListed(folder=""))
    assert collected.last(laptop_commands.ListLaptops)
    assert "sync.folder" in find(room, "laptopsStanding").text()
    assert not find(room, "laptopsSync").isEnabled()


def test_the_last_exchange_is_told_in_words(full: Window, find) -> None:
    room = shown(full)
    words = find(room, "laptopsStanding").text()
    assert "3 came, 1 went, 1 joined. With bert. By itself; not encrypted." in words
    assert find(room, "laptopsStanding").accessibleName() == words
    assert not room.findChild(QWidget, "laptopsTrouble").isVisible()


def test_a_stick_that_is_not_there_is_no_fault(full: Window, find) -> None:
    room = shown(full, replace(LISTED, there=False))
    assert "is not there now" in find(room, "laptopsStanding").text()
    assert not find(room, "laptopsSync").isEnabled()


def test_an_open_folder_says_whose_words_come_from_it(full: Window, find) -> None:
    for event in (LISTED, replace(LISTED, joined=False)):
        words = find(shown(full, event), "laptopsStanding").text()
        assert "what comes from there counts as words of others" in words
        words = find(shown(full, replace(event, sealed=True)), "laptopsStanding").text()
        assert "words of others" not in words


def test_a_server_can_be_tried_again_and_needs_a_passphrase(full: Window, find) -> None:
    server = replace(LISTED, folder="cloud.example.org", server=True, sealed=True)
    room = shown(full, replace(server, there=False, trouble="No answer."))
    assert find(room, "laptopsStanding").text() == "cloud.example.org does not answer now. It goes on when it does."
    assert find(room, "laptopsTrouble").text() == "No answer."
    assert find(room, "laptopsSync").isEnabled()
    room = shown(full, replace(server, sealed=False, there=False))
    assert "sync.passphrase" in find(room, "laptopsStanding").text()


def test_what_is_not_read_yet_is_told(full: Window, find) -> None:
    room = shown(full, replace(LISTED, laptops=(LaptopShown("bert", 2, "it is not whole, or was changed"),)))
    assert find(room, "laptopsTrouble").text() == "bert: 2 files not read yet, it is not whole, or was changed."


def test_sync_now_asks_the_core(full: Window, collected, find) -> None:
    room = shown(full)
    find(room, "laptopsSync").click()
    asked = collected.last(laptop_commands.ExchangeLibrary)
    full.desk.handle(replace(LISTED, cause=asked.id, busy=True))
    assert find(room, "laptopsStanding").text() == "Exchanging…"
    assert not find(room, "laptopsSync").isEnabled()


def test_a_join_is_taken_back_by_restoring(full: Window, collected, find) -> None:
    room = shown(full)
    assert "Shopping" in find(room, "laptopsMerge-a1-4").text()
    back = find(room, "laptopsBack-a1-4")
    assert "Version 2" in back.toolTip()
    back.click()
    restored = collected.last(commands.RestoreArtifact)
    assert (restored.artifact_id, restored.version) == ("a1", 2)
    QApplication.processEvents()
    assert not full.desk.laptops.merges
