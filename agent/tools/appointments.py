"""calendar.add and calendar.list. What is added stands in the calendar here at once; where the settings have a calendar
elsewhere, a copy of it waits in the outbox."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from agent.protocol.records import Artifact
from agent.times import Kind, When, duration, resolve, resolve_range
from agent.tools.calendar_copies import copied
from agent.tools.context import ToolContext
from agent.tools.facts import milliseconds, moment_fact
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.titles import one_line

USUAL = timedelta(hours=1)
COMING = timedelta(days=7)
EVENTS_MAX = 100
DAY = timedelta(days=1)


def add(args: Mapping[str, str], context: ToolContext) -> Result:
    when = resolve(args["when"], context.now, context.settings.language)
    if when is None:
        return NeedsClarification("time", {"said": args["when"]})
    length = duration(args["duration"]) if "duration" in args else None
    if "duration" in args and length is None:
        return NeedsClarification("duration", {"said": args["duration"]})
    start, end, all_day = _span(when, length)
    title = one_line(args["title"])
    clashes = _clashing(start, end, context) if not all_day else []
    event = _put(title, start, end, {"all_day": all_day, "said": args["when"], "zone": str(context.zone)}, context)
    facts = {**_row(event, context), "said": args["when"], "clashes": [other.title for other in clashes]}
    return Done(facts, event.id, copied(event, clashes, args, context))


def _put(title: str, start: datetime, end: datetime, more: Mapping[str, Any], context: ToolContext) -> Artifact:
    """A new appointment, or the one that is to be changed."""
    library, span = context.library, (milliseconds(start), milliseconds(end))
    if not context.target:
        return library.add_event(title, *span, **more, conversation_id=context.conversation_id)
    library.rename(context.target, title)
    return library.move_event(context.target, *span, **more)


def _span(when: When, length: timedelta | None) -> tuple[datetime, datetime, bool]:
    """Start, end, and whether it takes whole days: no time of day was said, or a length of days was."""
    if not when.has_time or (length and length >= DAY):
        midnight = when.start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = midnight + timedelta(days=max(1, (length or DAY) // DAY))
        said_end = when.end if when.kind is Kind.PERIOD else None
        return midnight, max(end, said_end or end), True
    said_end = when.end if when.kind is Kind.MOMENT else None
    if length or not said_end:
        return when.start, _later(when.start, length or USUAL), False
    return when.start, said_end, False


def _later(start: datetime, length: timedelta) -> datetime:
    """Counted on the clock, so that an hour is an hour on the day summer time ends."""
    return datetime.fromtimestamp(start.timestamp() + length.total_seconds(), start.tzinfo)


def _clashing(start: datetime, end: datetime, context: ToolContext) -> list[Artifact]:
    others = context.library.events(milliseconds(start), milliseconds(end))
    return [event for event in others if not event.data.get("all_day") and event.id != context.target]


def listing(args: Mapping[str, str], context: ToolContext) -> Result:
    said = args.get("when")
    now = context.now
    span: tuple[datetime, datetime] | None = (now, now + COMING)
    if said:
        span = resolve_range(said, now, context.settings.language)
    if span is None:
        return NeedsClarification("time", {"said": said})
    since, until = (milliseconds(moment) for moment in span)
    events = context.library.events(since, until)
    return Done(
        {
            "when": said,
            "from": moment_fact(since, context.zone),
            "until": moment_fact(until, context.zone),
            "count": len(events),
            "events": [{"id": event.id, **_row(event, context)} for event in events[:EVENTS_MAX]],
        }
    )


def _row(event: Artifact, context: ToolContext) -> dict[str, Any]:
    all_day = bool(event.data.get("all_day"))
    starts, ends = (moment_fact(event.data[name], context.zone, whole_day=all_day) for name in ("starts_at", "ends_at"))
    return {"title": event.title, "starts": starts, "ends": ends, "all_day": all_day}
