"""A library that notes how its changes are taken back, and taking back that is itself noted."""

import json

import pytest

from agent.library.recording import RecordedLibrary
from agent.store import Store


@pytest.fixture
def recorded(store: Store, clock) -> RecordedLibrary:
    return RecordedLibrary(store, clock)


@pytest.fixture
def another(store: Store, clock) -> RecordedLibrary:
    """Of the call that takes back."""
    return RecordedLibrary(store, clock)


def test_what_was_made_goes_to_the_trash_and_comes_out_again(recorded, another) -> None:
    note = recorded.create("note", "Trip", "visa")
    assert another.take_back(recorded.steps) == ("trash",)
    assert another.get(note.id).trashed_at
    assert recorded.take_back(another.steps) == ("untrash",)
    assert recorded.get(note.id).trashed_at is None


def test_text_that_was_added_goes_and_the_versions_stay(library, recorded, another) -> None:
    note = library.create("note", "Trip", "visa")
    recorded.append(note.id, "hat")
    assert another.take_back(recorded.steps) == ("restore",)
    assert library.text(note.id) == "visa"
    assert [library.text(note.id, n) for n in (1, 2, 3)] == ["visa", "visa\nhat", "visa"]


def test_what_somebody_wrote_since_is_not_lost(library, recorded, another) -> None:
    note = library.create("note", "Trip", "visa\n\nmore\n\nend\n")
    recorded.append(note.id, "hat")
    library.save(note.id, "visa for Dana\n\nmore\n\nend\nhat", author="you")
    another.take_back(recorded.steps)
    text = library.text(note.id)
    assert "visa for Dana" in text
    assert "hat" not in text


def test_a_task_with_its_reminder(library, recorded, another) -> None:
    task = recorded.add_task("call", said="friday", due_at=5_000)
    recorded.add_timer("call", 5_000)
    assert set(another.take_back(recorded.steps)) == {"stop", "trash"}
    assert library.waiting_timers() == ()
    assert library.tasks() == ()
    assert library.get(task.id).trashed_at


def test_a_stopped_timer_runs_on_as_the_same_one(library, recorded, another) -> None:
    timer = library.add_timer("tea", 9_000)
    recorded.cancel_timer(timer.id)
    another.take_back(recorded.steps)
    assert library.waiting_timers() == (timer,)
    recorded.steps.clear()
    recorded.take_back(another.steps)
    assert library.waiting_timers() == ()


def test_a_timer_that_has_rung_cannot_be_stopped(library, recorded, another) -> None:
    timer = recorded.add_timer("tea", 9_000)
    assert library.timer_rang(timer.id)
    assert another.take_back(recorded.steps) == ()


def test_marks_dates_names_tags_and_times_are_put_back(library, recorded, another) -> None:
    task = library.add_task("call", said="friday", due_at=5_000)
    event = library.add_event("dentist", 1_000, 2_000, said="monday", zone="Europe/Berlin")
    before = library.get(task.id), library.get(event.id)
    recorded.mark_task(task.id)
    recorded.set_due(task.id, said="monday", due_at=9_000)
    recorded.rename(task.id, "call Ivo")
    recorded.tag(task.id, ["phone"])
    recorded.move_event(event.id, 3_000, 4_000, said="tuesday")
    another.take_back(recorded.steps)
    for then in before:
        now = library.get(then.id)
        assert (now.title, now.tags, now.data, now.head) == (then.title, then.tags, then.data, then.head)


def test_what_the_user_changed_since_keeps_the_newer_value(library, recorded, another) -> None:
    task = library.add_task("call", said="friday", due_at=5_000)
    event = library.add_event("dentist", 1_000, 2_000, said="monday", zone="Europe/Berlin")
    recorded.set_due(task.id, said="monday", due_at=9_000)
    recorded.rename(task.id, "call Ivo")
    recorded.tag(task.id, ["phone"])
    recorded.move_event(event.id, 3_000, 4_000, said="tuesday")
    library.set_due(task.id, said="sunday", due_at=12_000)
    library.rename(task.id, "call Ivo and Dana")
    library.tag(task.id, ["people"])
    library.move_event(event.id, 5_000, 6_000, said="wednesday")
    newer = library.get(task.id), library.get(event.id)
    assert another.take_back(recorded.steps) == ()
    assert (library.get(task.id), library.get(event.id)) == newer


def test_what_was_deleted_for_good_is_passed_over(library, recorded, another) -> None:
    note = recorded.create("note", "Trip", "visa")
    library.purge(note.id)
    assert another.take_back(recorded.steps) == ()


def test_twice_is_once(library, recorded, another) -> None:
    recorded.create("note", "Trip", "visa")
    assert another.take_back(recorded.steps)
    assert another.take_back(recorded.steps) == ()


def test_steps_are_plain_data(recorded) -> None:
    recorded.create("note", "Trip", "visa")
    recorded.add_event("dentist", 1, 2)
    assert json.loads(json.dumps(recorded.steps)) == recorded.steps
