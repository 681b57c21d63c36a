"""Tasks, events, timers: asked for by time, kept with the user's own words."""

from pathlib import Path

import pytest
from icalendar import Calendar

from agent.conversation import Conversations
from agent.library import Library
from agent.library.errors import NoArtifactError
from agent.store import open_store

DAY = 86_400_000


def test_tasks_by_time(library: Library) -> None:
    someday = library.add_task("someday")
    late = library.add_task("late", said="on Friday", due_at=5 * DAY)
    soon = library.add_task("soon", due_at=DAY)
    assert library.tasks() == (soon, late, someday)
    assert library.tasks(since=2 * DAY, until=6 * DAY) == (late,)
    assert late.data == {"said": "on Friday", "due_at": 5 * DAY, "done": False, "done_at": None}
    done = library.mark_task(soon.id)
    assert done.data["done"] is True
    assert library.mark_task(soon.id).data["done_at"] == done.data["done_at"]
    assert library.tasks() == (late, someday)
    assert library.tasks(done=True) == (library.get(soon.id),)
    assert len(library.tasks(done=None)) == 3
    assert library.mark_task(soon.id, done=False).data["done_at"] is None
    assert library.set_due(someday.id, said="tomorrow", due_at=3).data["due_at"] == 3
    library.trash(late.id)
    assert [task.title for task in library.tasks()] == ["someday", "soon"]


def test_events_that_overlap(library: Library) -> None:
    night = library.add_event("night train", 10, 20, said="tonight")
    moment = library.add_event("call", 30, 30)
    assert library.events(15, 25) == (night,)
    assert library.events(20, 31) == (moment,)
    assert library.events(0, 10) == ()
    assert library.events(30, 40) == (moment,)
    assert library.events() == (night, moment)
    assert library.add_event("backwards", 50, 40).data["ends_at"] == 50


def test_a_timer_rings_once_also_for_two_processes(library: Library, clock: object) -> None:
    timer = library.add_timer("tea", int((clock.now + 60) * 1000))  # type: ignore[attr-defined]
    later = library.add_timer("eggs", int((clock.now + 600) * 1000))  # type: ignore[attr-defined]
    assert library.due_timers() == ()
    assert library.waiting_timers() == (timer, later)
    clock.now += 60  # type: ignore[attr-defined]
    assert library.due_timers() == (timer,)
    other = open_store(library._connection.path)  # type: ignore[attr-defined]
    assert [library.timer_rang(timer.id), Library(other, clock).timer_rang(timer.id)] == [True, False]  # type: ignore[arg-type]
    other.close()
    assert library.due_timers() == ()
    library.cancel_timer(later.id)
    with pytest.raises(NoArtifactError):
        library.cancel_timer(timer.id)


def test_a_purged_conversation_leaves_its_timers(library: Library, conversations: Conversations) -> None:
    place = conversations.create().id
    library.add_timer("tea", 5, conversation_id=place)
    conversations.purge(place)
    (timer,) = library.due_timers()
    assert timer.conversation_id is None


def test_the_calendar_reads_back(library: Library, tmp_path: Path) -> None:
    library.add_event("Meeting, with Dana; and\nSam", 1_800_000_000_000, 1_800_003_600_000)
    midnight_in_berlin = 1_799_967_600_000 - 1_799_967_600_000 % DAY + 23 * 3_600_000
    library.add_event("Holiday", midnight_in_berlin, midnight_in_berlin + DAY, all_day=True, zone="Europe/Berlin")
    library.mark_task(library.add_task("invoice", due_at=1_800_000_000_000).id)
    library.add_task("open end")
    library.export_calendar(tmp_path / "x.ics")
    calendar = Calendar.from_ical((tmp_path / "x.ics").read_bytes())
    events = {str(event["summary"]): event for event in calendar.walk("VEVENT")}
    assert set(events) == {"Meeting, with Dana; and Sam", "Holiday"}
    holiday = events["Holiday"]
    assert (holiday["dtend"].dt - holiday["dtstart"].dt).days == 1
    assert holiday["dtstart"].to_ical() == b"20270115"
    tasks = {str(task["summary"]): str(task["status"]) for task in calendar.walk("VTODO")}
    assert tasks == {"invoice": "COMPLETED", "open end": "NEEDS-ACTION"}
