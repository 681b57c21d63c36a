"""Library, Outbox, Models, Insights and Settings over recorded events; the look; the F1 page."""

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.events import ProblemShown
from app import demo
from app.screenshots import take
from app.theme.tokens import DARK, LIGHT
from app.views.shortcuts import KEYS
from app.views.start_strip import Bar
from app.views.window import Window


def test_a_task_is_ticked_with_space(full: Window, qtbot: QtBot, collected) -> None:
    full.show_view("library")
    listed = full.room("library").list
    listed.select("a5")
    qtbot.keyClick(listed, Qt.Key.Key_Space)
    marked = collected.last(commands.MarkTask)
    assert (marked.artifact_id, marked.done) == ("a5", True)


def test_a_work_is_edited_and_saved(full: Window, qtbot: QtBot, collected, find) -> None:
    full.show_view("library")
    full.desk.handle(demo.note_opened())
    assert "What we agreed" in find(full, "artifactText").toPlainText()
    find(full, "artifactMode").click()
    find(full, "artifactEditor").setPlainText("shorter")
    qtbot.keyClick(full, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    saved = collected.last(commands.SaveArtifact)
    assert (saved.artifact_id, saved.text, saved.based_on) == ("a2", "shorter", 3)


def test_leaving_the_library_saves(full: Window, collected, find) -> None:
    full.show_view("library")
    full.desk.handle(demo.note_opened())
    find(full, "artifactMode").click()
    find(full, "artifactEditor").setPlainText("typed and forgotten")
    full.show_view("chat")
    assert collected.last(commands.SaveArtifact).text == "typed and forgotten"


def test_an_old_version_is_compared_and_brought_back(full: Window, collected, find) -> None:
    full.show_view("library")
    full.desk.handle(demo.note_opened())
    find(full, "artifactVersions").click()
    versions = find(full, "versions")
    assert not find(full, "versionRestore").isEnabled(), "the newest cannot be brought back"
    versions.select("1")
    versions.chosen.emit("1")
    find(full, "versionCompare").click()
    asked = collected.last(commands.DiffArtifact)
    assert (asked.older, asked.newer) == (1, 3)
    full.desk.handle(events.ArtifactDiffed(artifact_id="a2", older=1, newer=3, diff=demo.NOTE_DIFF))
    assert "+1. Payment within 30 days" in find(full, "versionDiff").toPlainText()
    find(full, "versionRestore").click()
    assert collected.last(commands.RestoreArtifact).version == 1


def test_an_unknown_outcome_is_settled(full: Window, collected, find) -> None:
    full.show_view("outbox")
    full.room("outbox").list.chosen.emit("demo-sam")
    QApplication.processEvents()
    assert find(full, "itemState").text() == "May have arrived: you decide"
    assert "The connection broke" in find(full, "itemTrouble").text()
    find(full, "itemAction-resolve_delivered").click()
    resolved = collected.last(commands.ResolveItem)
    assert (resolved.item_id, resolved.verdict) == ("demo-sam", "delivered")


def test_the_practice_mailbox_is_read_and_switched_off(full: Window, collected, find) -> None:
    full.show_view("outbox")
    full.room("outbox").tabs.setCurrentIndex(1)
    QApplication.processEvents()
    assert "the contract is signed" in find(full, "practiceBody").toPlainText()
    find(full, "practiceSwitch").click()
    assert not collected.last(commands.SetPractice).enabled


def test_another_model_is_used(full: Window, collected, find) -> None:
    full.show_view("models")
    find(full, "modelUse-granite-4.0-1b").click()
    assert collected.last(commands.UseModel).name == "granite-4.0-1b"


def test_insights_draw_only_what_is_known(full: Window, find) -> None:
    full.show_view("insights")
    QApplication.processEvents()
    assert find(full, "insightsTimes").accessibleDescription()


def test_insights_draw_the_last_start_and_say_it_aloud(full: Window, find) -> None:
    full.show_view("insights")
    strip = find(full, "startStrip")
    assert "Loading the window library: 72 ms" in strip.accessibleDescription()
    bars = strip.findChildren(Bar)
    assert len(bars) > 10
    assert bars[1].accessibleName() == "Loading the window library: 72 ms"
    picture = bars[1].grab().toImage()
    across = {picture.pixelColor(x, picture.height() // 2).name() for x in range(picture.width())}
    assert full.look.colour("accent") in across, "the bar is drawn at its place"
    assert full.look.colour("subtle") in across, "and the rest of the time is empty"
    assert find(full, "startWords").text() == "Window after 118 ms, ready after 388 ms"


def test_a_wrong_setting_is_marked_and_cannot_be_saved(full: Window, qtbot: QtBot, collected, find) -> None:
    full.show_view("settings")
    editor = find(full, "rcEditor")
    editor.setPlainText("tne = 1\n")
    qtbot.waitUntil(lambda: any(isinstance(c, commands.CheckSettings) for c in collected), timeout=5_000)
    problem = ProblemShown(1, 1, "There is no setting “tne”. Did you mean “tone”?")
    full.desk.handle(events.SettingsChecked(text="tne = 1\n", problems=(problem,)))
    assert find(full, "rcProblem-1").text() == "Line 1"
    assert find(full, "rcProblemText-1").text() == "There is no setting “tne”. Did you mean “tone”?"
    assert len(editor.extraSelections()) == 1
    assert not find(full, "rcSave").isEnabled()


def test_the_form_changes_one_setting(full: Window, collected, find) -> None:
    full.show_view("settings")
    choice = find(full, "optionValue-tone")
    choice.setCurrentText("warm")
    choice.activated.emit(choice.currentIndex())
    changed = collected.last(commands.SetOption)
    assert (changed.key, changed.value) == ("tone", "warm")
    find(full, "optionClear-tone").click()
    assert collected.last(commands.SetOption).value is None


def test_a_saved_file_shows_in_the_form(full: Window, find) -> None:
    full.show_view("settings")
    loaded = next(event for event in demo.afternoon() if isinstance(event, events.SettingsLoaded))
    warm = (replace(demo.OPTIONS[0], value="warm"), *demo.OPTIONS[1:])
    full.desk.handle(replace(loaded, text=demo.AGENTRC.replace("terse", "warm"), options=warm))
    assert find(full, "optionValue-tone").currentText() == "warm"
    assert '"warm"' in find(full, "rcEditor").toPlainText()


def test_light_and_dark_change_while_it_runs(full: Window) -> None:
    look = full.look
    for theme in (DARK, LIGHT, DARK):
        look.force(theme)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        image = full.grab().toImage()
        assert image.pixelColor(200, full.height() - 200).name() == theme.window
    look.force(LIGHT)


def test_f1_lists_every_key(full: Window, qtbot: QtBot, find) -> None:
    qtbot.keyClick(full, Qt.Key.Key_F1)
    told = {label.text() for label in find(full, "shortcutsHelp").findChildren(QLabel)}
    assert {key.keys for key in KEYS} | {key.about for key in KEYS} <= told
    find(full, "shortcutsClose").click()


def test_the_status_line_leads_somewhere(full: Window, find) -> None:
    for name, view in (("outbox", "outbox"), ("model", "models")):
        find(full, f"status-{name}").click()
        assert full.view == view


def test_the_mail_program_gets_the_address(full: Window, monkeypatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: opened.append(url.toString()))
    full.desk.handle(events.MailProgramRequested(item_id="x", mailto="mailto:dana@halden.example?subject=Hi"))
    assert opened == ["mailto:dana@halden.example?subject=Hi"]


def test_pictures_come_out(qtbot: QtBot, tmp_path) -> None:
    made = list(take(tmp_path, "library-light"))
    assert [path.name for path in made] == ["library-light-1280.png", "library-light-900.png"]
    assert all(path.stat().st_size > 10_000 for path in made)
