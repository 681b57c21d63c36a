"""Numbers and times as people say them. Times come as unix milliseconds and are shown in the given zone."""

from datetime import datetime, tzinfo
from html import escape

from sync.steering import shown

_UNITS = ("B", "KB", "MB", "GB", "TB")


def count(number: int, one: str, many: str = "") -> str:
    """`count(1, "document")` is "1 document", `count(4, "document")` "4 documents"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int | None) -> str:
    """Bytes in decimal units, as file managers show them."""
    if number is None:
        return "unknown"
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {_UNITS[unit]}"


def duration(ms: float | None) -> str:
    if ms is None:
        return "unknown"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def local(ms: int, zone: tzinfo | None = None) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=zone) if zone else datetime.fromtimestamp(ms / 1000).astimezone()


def when(ms: int, now_ms: int, zone: tzinfo | None = None) -> str:
    """Short, and only as exact as needed: "14:02", "Yesterday 14:02", "Fri 09:00", "3 Nov", "3 Nov 2024"."""
    at, now = local(ms, zone), local(now_ms, zone)
    days = (at.date() - now.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days in _NEAR:
        return f"{_NEAR[days]} {at:%H:%M}"
    if -7 < days < 7:
        return f"{at:%a %H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"


_NEAR = {-1: "Yesterday", 1: "Tomorrow"}


def exactly(ms: int, zone: tzinfo | None = None) -> str:
    return f"{local(ms, zone):%A, %d %B %Y, %H:%M:%S}"


def one_line(text: str, most: int = 90) -> str:
    """The beginning of a text on one line, what is unseen made visible; never more than `most` characters."""
    line = shown(" ".join(text[: most * 4].split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def hint(text: str) -> str:
    """For what is said when something is pointed at: words that look like HTML would be drawn as such there."""
    plain = shown(text)
    return f'<span style="white-space: pre-wrap">{escape(plain)}</span>' if "<" in plain else plain


def notified(text: str) -> str:
    """For a notification of the desktop, which may draw tags and open what they name."""
    return shown(text).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
