"""The Models room in the real window: fetching, pausing, a damaged file, finds; the focus stays where it was."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events, model_commands
from agent.protocol.records import ModelJob
from app import demo, demo_models
from app.views.window import Window

NAME = demo_models.FETCH.name


@pytest.fixture
def room(full: Window) -> Window:
    full.show_view("models")
    QApplication.processEvents()
    return full


def told(window: Window, job: ModelJob) -> None:
    window.desk.handle(events.ModelJobChanged(job=job))


def test_a_download_from_button_to_use(room: Window, qtbot: QtBot, collected, find) -> None:
    button = find(room, f"offerMain-{NAME}")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert collected.last(model_commands.StopModelJob).job == demo_models.FETCH.id
    told(room, replace(demo_models.FETCH, state="paused"))
    assert (button.text(), button.hasFocus()) == ("Go on", True)
    assert "are kept on this disk" in find(room, f"offerJob-{NAME}Words").text()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert collected.last(model_commands.FetchModel).name == NAME
    told(room, replace(demo_models.FETCH, done=2_000_000_000))
    assert find(room, f"offerJob-{NAME}Bar").value() == 80
    find(room, f"offerAway-{NAME}").click()
    assert collected.last(model_commands.DropDownload).file == demo_models.FETCHING


def test_a_new_list_keeps_the_card_and_the_focus(room: Window, find) -> None:
    button = find(room, f"offerMain-{NAME}")
    button.setFocus()
    for event in demo_models.more(demo.MODELS):
        room.desk.handle(event)
    QApplication.processEvents()
    assert find(room, f"offerMain-{NAME}") is button
    assert button.hasFocus()


def test_a_damaged_file_is_named_and_fetched_again(room: Window, collected, find) -> None:
    model = demo.MODELS[1]
    find(room, f"modelCheck-{model.name}").click()
    assert collected.last(model_commands.CheckModel).name == model.name
    room.desk.handle(demo_models.damaged(model.name, model.path))
    assert model.path in find(room, f"modelJob-{model.name}Words").text()
    find(room, f"modelFetch-{model.name}").click()
    assert collected.last(model_commands.FetchModel).name == model.name


def test_a_new_version_is_offered_beside_keeping_ones_own(room: Window, collected, find) -> None:
    model = demo.MODELS[1]
    use = room.findChild(QWidget, f"modelUpdate-{model.name}")
    assert not use.isVisible()
    job = ModelJob(f"check:{model.name}", "check", model.name, state="done", newer=True,
                   note="Its publisher has replaced it with another version since (0.98 GB).")  # fmt: skip
    told(room, job)
    keep, words = find(room, f"modelKeep-{model.name}"), find(room, f"modelJob-{model.name}Words")
    assert "replaced it with another version" in words.text()
    assert "Nothing changes unless" in words.text()
    assert (use.text(), keep.text()) == ("Use the new version", "Keep mine")
    keep.click()
    assert not use.isVisible()
    assert not words.isVisible()
    told(room, job)
    use.click()
    sent = collected.last(model_commands.FetchModel)
    assert (sent.name, sent.accept_new) == (model.name, True)


def test_what_was_found_is_used_and_the_rest_explained(room: Window, collected, find) -> None:
    find(room, "foundMain-llama3.2:3b").click()
    assert collected.last(model_commands.AddFound).path == str(demo_models.FINDS.models[0].path)
    find(room, "findsLeftOut").click()
    assert "reads pictures" in find(room, "wholeTextBody").toPlainText()
    find(room, "wholeTextClose").click()
    find(room, "findsLook").click()
    assert collected.last(model_commands.FindModels).folder == ""
    told(room, ModelJob("find", "find", state="going"))
    assert find(room, "findsLook").text() == "Stop looking"
    assert find(room, "findsBar").isVisible()


def test_too_large_models_are_shown_on_request(room: Window, find) -> None:
    more = find(room, "offersMore")
    before = len(room.room("models").findChildren(QWidget, "offer-qwen3-30b-a3b-2507"))
    more.click()
    QApplication.processEvents()
    shown = len(room.room("models").findChildren(QWidget, "offer-qwen3-30b-a3b-2507"))
    assert (before, shown) == (0, 1)
    assert more.text().startswith("Hide")


def test_the_links_lead_to_their_sections(room: Window, find) -> None:
    area = room.room("models").findChild(QScrollArea, "modelsArea")
    find(room, "modelsTo-offers").click()
    QApplication.processEvents()
    assert area.verticalScrollBar().value() > 0
    focused = room.focusWidget()
    assert focused is not None
    assert room.room("models").findChild(QWidget, "offers").isAncestorOf(focused)


def test_a_finished_download_can_be_used_from_the_note(room: Window, collected, find) -> None:
    told(room, replace(demo_models.FETCH, state="done"))
    find(room, "toastAction").click()
    assert collected.last(commands.UseModel).name == NAME
