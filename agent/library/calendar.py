"""Events and tasks in the form that every calendar reads (RFC 5545), made by the icalendar library."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.protocol.records import Artifact

PRODUCT = "-//Carryon//Carryon//EN"


def as_ics(events: Iterable[Artifact], tasks: Iterable[Artifact]) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for event in events:
        calendar.add_component(_event(event))
    for task in tasks:
        calendar.add_component(_task(task))
    ics: bytes = calendar.to_ical()
    return ics


def _event(artifact: Artifact):  # type: ignore[no-untyped-def]
    from icalendar import Event

    event, data = Event(), artifact.data
    _name(event, artifact)
    if data["all_day"]:
        event.add("dtstart", _day(data["starts_at"], data["zone"]))
        event.add("dtend", _day(data["ends_at"], data["zone"]))
    else:
        event.add("dtstart", _moment(data["starts_at"]))
        event.add("dtend", _moment(data["ends_at"]))
    return event


def _task(artifact: Artifact):  # type: ignore[no-untyped-def]
    from icalendar import Todo

    todo, data = Todo(), artifact.data
    _name(todo, artifact)
    if data["due_at"] is not None:
        todo.add("due", _moment(data["due_at"]))
    if data["done"]:
        todo.add("status", "COMPLETED")
        todo.add("completed", _moment(data["done_at"]))
    else:
        todo.add("status", "NEEDS-ACTION")
    return todo


def _name(component, artifact: Artifact) -> None:  # type: ignore[no-untyped-def]
    component.add("uid", f"{artifact.id}@carryon")
    component.add("summary", artifact.title)
    component.add("dtstamp", _moment(artifact.updated_at))
    component.add("created", _moment(artifact.created_at))


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)


def _day(at_ms: int, zone: str) -> date:
    try:
        return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.fromtimestamp(at_ms / 1000, UTC).date()
