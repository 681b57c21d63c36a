"""Which collection an account's calendar is (RFC 5397, RFC 4791): the url itself, or the one of that name among the
calendars of whoever is signed in. Nothing is kept between two deliveries, so a calendar that moved is found again."""

from collections.abc import Iterator

from sync.transports.dav import CALDAV, DAV, XML, Entry, entries, same_host
from sync.transports.http import Door
from sync.transports.outcomes import NotConfiguredError

SHOWN_MAX = 10
_ASK = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>{}</D:prop></D:propfind>'
)


def calendar_url(door: Door, calendar: str | None, *, asking: bool = False) -> str:
    """`asking`: about an earlier try, so that an answer that says nothing leaves it open."""
    if calendar is None:
        return door.url
    home = _named_in(door, door.url, f"{DAV}current-user-principal", "<D:current-user-principal/>", asking=asking)
    home = _named_in(door, home, f"{CALDAV}calendar-home-set", "<C:calendar-home-set/>", asking=asking)
    found = list(_calendars(door, home, asking=asking))
    wanted = calendar.strip().casefold()
    for name, url in found:
        if name.casefold() == wanted or url.rstrip("/").rpartition("/")[2].casefold() == wanted:
            return url
    names = ", ".join(name for name, _ in found[:SHOWN_MAX]) or "none"
    raise NotConfiguredError(
        f"There is no calendar named {calendar} at {door.host}; there is: {names}.", "~/.agentrc",
        "Correct calendar, or write the calendar's own address as url.",
    )  # fmt: skip


def _named_in(door: Door, url: str, prop: str, ask: str, *, asking: bool) -> str:
    for entry in _propfind(door, url, ask, "0", asking=asking):
        holder = entry.holding(prop)
        if holder is not None and (href := (holder.findtext(f"{DAV}href") or "").strip()):
            return same_host(url, href, door.host)
    return url


def _calendars(door: Door, home: str, *, asking: bool) -> Iterator[tuple[str, str]]:
    for entry in _propfind(door, home, "<D:displayname/><D:resourcetype/>", "1", asking=asking):
        kind = entry.holding(f"{DAV}resourcetype")
        if kind is not None and kind.find(f"{CALDAV}calendar") is not None:
            yield entry.text(f"{DAV}displayname") or entry.last_name, same_host(home, entry.href, door.host)


def _propfind(door: Door, url: str, ask: str, depth: str, *, asking: bool) -> Iterator[Entry]:
    body, headers = _ASK.format(ask).encode(), {**XML, "Depth": depth}
    answer = door.get(url, "PROPFIND", body, headers) if asking else door.look("PROPFIND", url, body, headers)
    return entries(answer, door.host)
