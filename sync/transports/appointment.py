"""One appointment as every calendar reads it (RFC 5545), made from an item and read back from a calendar's answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync.item import Item

PRODUCT = "-//Carryon//Carryon//EN"
KEY = "X-CARRYON-KEY"  # an item's key, by which a later question knows its effect
READ_MAX = 500
TITLE_READ_MAX = 200  # characters
# What the library raises for a calendar that breaks the format; it knows no base for them.
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Seen:
    """An appointment that a calendar has. Times as it wrote them; a day without a time is a date."""

    uid: str
    title: str
    starts: date | datetime | None
    ends: date | datetime | None
    key: str = ""
    blocks: bool = True  # takes up its time: neither cancelled nor marked as free, nor whole days

    def said(self, zone: tzinfo) -> str:
        """ "Dentist, 2026-03-06 10:00 to 11:00"."""
        if not isinstance(self.starts, datetime):
            return f"{self.title}, {self.starts or 'at no time'}"
        starts = _in(self.starts, zone)
        said = f"{self.title}, {starts:%Y-%m-%d %H:%M}"
        if not isinstance(self.ends, datetime):
            return said
        ends = _in(self.ends, zone)
        return f"{said} to {ends:%H:%M}" if ends.date() == starts.date() else f"{said} to {ends:%Y-%m-%d %H:%M}"

    def facts(self) -> dict[str, str]:
        return {"uid": self.uid[:200], "title": self.title[:100], "starts": str(self.starts), "ends": str(self.ends)}


def written(item: Item) -> bytes:
    """The same bytes at every try."""
    from icalendar import Calendar, Event

    payload = item.payload
    calendar, event = Calendar(), Event()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    event.add("uid", str(payload["uid"]))
    event.add("summary", str(payload["title"]))
    event.add("dtstamp", datetime.fromtimestamp(item.created_at // 1_000, UTC))
    event.add("dtstart", moment(str(payload["starts"])))
    event.add("dtend", moment(str(payload["ends"])))
    event.add(KEY, item.idempotency_key)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def moment(said: str) -> date | datetime:
    """ISO 8601: a day, or a time with its offset, which becomes UTC. Raises ValueError."""
    return date.fromisoformat(said) if len(said) == len("2026-03-06") else datetime.fromisoformat(said).astimezone(UTC)


def read(text: str) -> Iterator[Seen]:
    """The appointments of one calendar text; one that cannot be read is one all the same, without a time."""
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(text).walk("VEVENT")[:READ_MAX]
    except UNREADABLE:
        yield Seen("", "Something that cannot be read", None, None)
        return
    yield from map(_seen, found)


def zone_of(payload: Mapping[str, Any]) -> tzinfo:
    try:
        return ZoneInfo(str(payload.get("zone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _seen(event: Any) -> Seen:
    starts = _time(event, "DTSTART")
    free = _text(event, "STATUS").upper() == "CANCELLED" or _text(event, "TRANSP").upper() == "TRANSPARENT"
    blocks = not free and (starts is None or isinstance(starts, datetime))
    title = " ".join(_text(event, "SUMMARY").split())[:TITLE_READ_MAX] or "Something without a name"
    return Seen(_text(event, "UID")[:300], title, starts, _end(event, starts), _text(event, KEY)[:100], blocks)


def _text(event: Any, name: str) -> str:
    """The first, where one is given that may stand there once."""
    said = event.get(name, "")
    return str(next(iter(said), "")) if isinstance(said, list) else str(said)


def _end(event: Any, starts: date | datetime | None) -> date | datetime | None:
    """As it is written, or so long after its beginning."""
    try:
        return _time(event, "DTEND") or (starts + event.decoded("DURATION") if starts else None)
    except UNREADABLE:
        return None


def _time(event: Any, name: str) -> date | datetime | None:
    try:
        value = event.decoded(name)
    except UNREADABLE:
        return None
    return value if isinstance(value, date) else None


def _in(at: datetime, zone: tzinfo) -> datetime:
    """A time without a zone is meant wherever one is; so is one at the very end of the calendar."""
    try:
        return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    except (OverflowError, ValueError):
        return at.replace(tzinfo=zone)
