from dataclasses import replace

import pytest

from agent.protocol import commands, events
from app import demo
from app.presenters.desk import Desk


@pytest.fixture
def library(desk: Desk):
    for event in demo.afternoon():
        desk.handle(event)
    desk.handle(demo.note_opened())
    return desk.library


def test_rows_show_kind_time_version_and_tags(library) -> None:
    by_id = {row.id: row for row in library.rows}
    assert by_id["a2"].about.startswith("Note · ")
    assert "version 3" in by_id["a2"].about
    assert "#halden" in by_id["a2"].about
    assert by_id["a2"].current
    assert by_id["a1"].about.startswith("Task · due Fri")
    assert by_id["a6"].is_task
    assert by_id["a6"].done


def test_going_elsewhere_makes_a_version_of_what_was_typed(library, submitted) -> None:
    library.edited("new text")
    library.open("a3")
    saved = submitted.last(commands.SaveArtifact)
    assert (saved.artifact_id, saved.text, saved.based_on) == ("a2", "new text", 3)
    assert submitted.last(commands.OpenArtifact).artifact_id == "a3"


def test_going_elsewhere_without_a_change_saves_nothing(library, submitted) -> None:
    library.edited(demo.NOTE)
    library.open("a3")
    assert not submitted.all(commands.SaveArtifact)


def test_a_new_note_is_saved_even_when_it_has_no_title(library, submitted) -> None:
    library.begin_note()
    library.edited("just a line\nand more")
    library.keep_edits()
    saved = submitted.last(commands.SaveArtifact)
    assert (saved.artifact_id, saved.title) == (None, "just a line and more")


def test_saving_becomes_the_base_of_the_next_save(library, submitted) -> None:
    library.save("Call", "text four")
    cause = submitted.last(commands.SaveArtifact).id
    version = replace(demo.VERSIONS[0], n=4)
    library.handle(events.ArtifactSaved(cause=cause, artifact=replace(demo.ARTIFACTS[1], head=4), version=version))
    assert library.text == "text four"
    assert [row.n for row in library.version_rows] == [4, 3, 2, 1]
    assert library.version_rows[0].newest
    library.save("Call", "text five")
    assert submitted.last(commands.SaveArtifact).based_on == 4


def test_saves_of_others_do_not_touch_what_is_in_hand(library) -> None:
    library.handle(events.ArtifactSaved(cause="other", artifact=demo.ARTIFACTS[2], version=demo.VERSIONS[0]))
    assert library.artifact.id == "a2"
    assert library.text == demo.NOTE


def test_versions_compare_in_order_of_time(library, submitted) -> None:
    library.compare(3, 1)
    asked = submitted.last(commands.DiffArtifact)
    assert (asked.older, asked.newer) == (1, 3)
    library.handle(events.ArtifactDiffed(artifact_id="a2", older=1, newer=3, diff="+x"))
    assert library.diff_title == "From version 1 to version 3"
    library.handle(events.ArtifactDiffed(artifact_id="a9", older=1, newer=2, diff="other"))
    assert library.diff == "+x"


def test_the_trash_button_brings_back_what_is_in_the_trash(library, submitted) -> None:
    trashed = replace(demo.ARTIFACTS[1], trashed_at=demo.NOW_MS)
    library.handle(replace(demo.note_opened(), artifact=trashed))
    library.trash()
    assert submitted.last(commands.TrashArtifact).restore


def test_tasks_are_ticked_in_the_list(library, submitted) -> None:
    library.mark_done("a1", done=True)
    marked = submitted.last(commands.MarkTask)
    assert (marked.artifact_id, marked.done) == ("a1", True)


def test_a_version_made_elsewhere_is_shown_unless_one_is_writing(library, submitted) -> None:
    newer = (replace(demo.ARTIFACTS[1], head=4),)
    library.edited("mine")
    library.handle(events.ArtifactsListed(artifacts=newer, query=""))
    assert not submitted.all(commands.OpenArtifact)
    library.edited(demo.NOTE)
    library.handle(events.ArtifactsListed(artifacts=newer, query=""))
    assert submitted.last(commands.OpenArtifact).artifact_id == "a2"


def test_a_title_alone_is_work_too(library, submitted) -> None:
    library.begin_note()
    library.titled("Packing list")
    library.keep_edits()
    saved = submitted.last(commands.SaveArtifact)
    assert (saved.title, saved.text) == ("Packing list", "")


def test_what_could_not_be_stored_is_tried_again(library, submitted) -> None:
    library.begin_note()
    library.edited("socks")
    library.keep_edits()
    library.handle(events.Failed(cause=submitted.last(commands.SaveArtifact).id, what="The disk is full."))
    assert library.unsaved() == ("socks",)
    library.refresh()
    again = submitted.last(commands.SaveArtifact)
    assert again.text == "socks"
    assert len(submitted.all(commands.SaveArtifact)) == 2
