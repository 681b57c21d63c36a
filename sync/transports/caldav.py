"""Appointments into a calendar elsewhere (RFC 4791): PUT of one resource, asked about by its UID.

payload: uid, title, starts, ends (ISO 8601; days alone for whole days), zone; gone: it is taken out. basis: `busy`, the
appointments at that time that were known when it was decided; `etag`, of the resource as it was last sent; `was`, its
title, starts and ends, by which it is known where nobody told a tag. What is in the calendar at that time and was not
known makes a conflict, and so does a resource that is there, or was changed, against expectation. A server holds only
to a strong tag (RFC 9110, If-Match): by a weak one, or none, it is looked at first and then goes without a condition.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

from sync.item import Item
from sync.rows import Clock
from sync.transports.appointment import TITLE_READ_MAX, Seen, moment, read, written, zone_of
from sync.transports.calendars import calendar_url
from sync.transports.dav import CALDAV, DAV, XML, DavAccount, below, dav_door, entries
from sync.transports.http import Answer
from sync.transports.outcomes import ChangedError, RejectedError, UncertainError
from sync.transports.port import Limits, Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
TITLE_CHARACTERS_MAX = 1_000
SHOWN_MAX = 10
KNOWN_MAX = 25  # kept in a basis
NEW: Mapping[str, str] = MappingProxyType({"If-None-Match": "*"})
UNTOLD = "there"  # in place of a tag, of one that the user has seen and that has none
CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}
_QUERY = (
    '<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns:D="DAV:" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>{data}</D:prop><C:filter>'
    '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{filter}</C:comp-filter></C:comp-filter>'
    "</C:filter></C:calendar-query>"
)


class CalDav:
    """`calendar`: its name, where the account's url is not the calendar itself."""

    def __init__(
        self, account: DavAccount, *, calendar: str | None = None, limits: Limits | None = None,
        clock: Clock = time.time,
    ) -> None:  # fmt: skip
        self.name = account.name
        self.mode: Mode = "query"
        self.key_kept_s = KEY_KEPT_S
        self._calendar = calendar
        self._door = dav_door(account, limits, clock)
        self.loopback = self._door.loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        if item.payload.get("gone"):
            return self._take_out(item, offer)
        body = self._body(item)
        self._door = self._door.begun()
        url = calendar_url(self._door, self._calendar)
        if len(str(item.payload["starts"])) > len("2026-03-06"):
            self._expect_free(item, url)
        where = below(url, f"{item.payload['uid']}.ics")
        condition = self._condition(item, url)
        if condition is None:
            return self._refused(item, url, where)
        answer = self._door.send("PUT", where, body, {**CALENDAR, **condition}, offer, fine=(412,))
        if answer.status != 412:
            return self._receipt(answer.headers.get("ETag", ""), where, f"accepted it ({answer.status}).")
        return self._refused(item, url, where)

    def find(self, item: Item) -> Receipt | None:
        self._door = self._door.begun()
        url = calendar_url(self._door, self._calendar, asking=True)
        there = list(self._of_uid(item, url))
        if item.payload.get("gone"):
            return None if there else Receipt(f"{self._door.host} no longer has it.", "no longer there")
        for seen, etag in there:
            if seen.key == item.idempotency_key or _same(seen, item.payload):
                return self._receipt(
                    _tag_of(seen, etag, item), below(url, f"{item.payload['uid']}.ics"), "has it already."
                )
            if not _stands_on(item):
                raise UncertainError(
                    f"{self._door.host} has this appointment, but otherwise: {seen.said(zone_of(item.payload))}.",
                    self.name, "Look there.", answered=True,
                )  # fmt: skip
        return None

    def _take_out(self, item: Item, offer: Offer) -> Receipt:
        """Only as it was last sent; where nothing says how that was, it is looked at first, and shown."""
        self._door = self._door.begun()
        url = calendar_url(self._door, self._calendar)
        where = below(url, f"{item.payload['uid']}.ics")
        condition = self._condition(item, url)
        if condition in (None, NEW):
            if any(True for _ in self._of_uid(item, url, asking=False)):
                return self._refused(item, url, where)
            condition = {}
        answer = self._door.send("DELETE", where, None, condition or {}, offer, fine=(404, 410, 412))
        if answer.status == 412 and any(True for _ in self._of_uid(item, url)):
            return self._refused(item, url, where)
        return Receipt(f"{self._door.host} no longer has it ({answer.status}).", "no longer there")

    def _condition(self, item: Item, url: str) -> Mapping[str, str] | None:
        """Under which it goes: NEW, nothing of it was sent before; none, only a look could tell that it is as it was
        last sent, or the user has said so; None: it was sent, and is not there as it was."""
        basis = item.basis or {}
        tag, was = str(basis.get("etag") or ""), basis.get("was")
        if not tag and not was:
            return NEW
        if tag == UNTOLD or _is_strong(tag):
            return _if_match(tag)
        for seen, etag in self._of_uid(item, url, asking=False):
            if _alike(tag, etag) if tag and etag else was and _same(seen, was):
                return _if_match(etag)
        return None

    def _body(self, item: Item) -> bytes:
        title = str(item.payload.get("title", "")).strip()
        if not title or len(title) > TITLE_CHARACTERS_MAX:
            raise RejectedError(f"A title of {len(title)} characters is not accepted.", self.name, "Change it.")
        try:
            return written(item)
        except (KeyError, ValueError, TypeError) as error:
            raise RejectedError(f"This is no appointment: {error}.", self.name, "Change its time.") from error

    def _expect_free(self, item: Item, url: str) -> None:
        """Nothing at that time but what was known. Raises ChangedError with both sides."""
        basis = dict(item.basis or {})
        known = [dict(one) for one in basis.get("busy") or ()]
        there = [seen for seen in self._at(item, url) if seen.blocks and seen.uid != item.payload["uid"]]
        if not (news := [seen for seen in there if not _known(seen, known)]):
            return
        zone = zone_of(item.payload)
        shown = "\n".join(seen.said(zone) for seen in news[:SHOWN_MAX])
        raise ChangedError(
            f"The time is taken in the calendar at {self._door.host} by now.", item.destination,
            "Send it all the same, or change its time.",
            then="\n".join(str(one.get("title")) for one in known[:SHOWN_MAX]) or "free when you decided",
            now=shown, basis={**basis, "busy": [*known, *(seen.facts() for seen in news[:SHOWN_MAX])][-KNOWN_MAX:]},
        )  # fmt: skip

    def _refused(self, item: Item, url: str, where: str) -> Receipt:
        """412: it is there although it should not be yet, or not as it was."""
        then = "as you last sent it" if _stands_on(item) else "not there yet"
        known = {name: value for name, value in (item.basis or {}).items() if name != "was"}
        now, basis = "no longer there", {**known, "etag": ""}
        for seen, etag in self._of_uid(item, url):
            if seen.key == item.idempotency_key:
                return self._receipt(_tag_of(seen, etag, item), where, "has it already.")
            now, basis = seen.said(zone_of(item.payload)), {**known, "etag": etag or UNTOLD}
        raise ChangedError(
            f"The appointment at {self._door.host} is not what you decided on.", item.destination,
            "Send it all the same, which puts yours in its place or takes it out, or cancel it.",
            then=then, now=now, basis=basis,
        )  # fmt: skip

    def _at(self, item: Item, url: str) -> Iterator[Seen]:
        """What the calendar has at that time, repeating ones as they fall."""
        start, end = (_utc(str(item.payload[name])) for name in ("starts", "ends"))
        span = f'start="{start}" end="{end}"'
        data = f"<C:calendar-data><C:expand {span}/></C:calendar-data>"
        answer = self._report(url, _QUERY.format(data=data, filter=f"<C:time-range {span}/>"), asking=False)
        for entry in entries(answer, self._door.host):
            yield from read(entry.text(f"{CALDAV}calendar-data"))

    def _of_uid(self, item: Item, url: str, *, asking: bool = True) -> Iterator[tuple[Seen, str]]:
        match = (
            '<C:prop-filter name="UID"><C:text-match collation="i;octet">'
            f"{escape(str(item.payload['uid']))}</C:text-match></C:prop-filter>"
        )
        answer = self._report(url, _QUERY.format(data="<C:calendar-data/>", filter=match), asking=asking)
        for entry in entries(answer, self._door.host):
            for seen in read(entry.text(f"{CALDAV}calendar-data")):
                if seen.uid == item.payload["uid"]:  # the match may be of a part
                    yield seen, entry.text(f"{DAV}getetag")

    def _report(self, url: str, query: str, *, asking: bool) -> Answer:
        headers = {**XML, "Depth": "1"}
        if asking:
            return self._door.get(url, "REPORT", query.encode(), headers)
        return self._door.look("REPORT", url, query.encode(), headers)

    def _receipt(self, etag: str, url: str, what: str) -> Receipt:
        return Receipt(f"{self._door.host} {what}", etag or "in the calendar", url)


def _same(seen: Seen, sent: Mapping[str, Any]) -> bool:
    """For a calendar that keeps no properties of others, or tells no tag."""
    starts, ends = moment(str(sent["starts"])), moment(str(sent["ends"]))
    return (seen.title, seen.starts, seen.ends) == (
        " ".join(str(sent["title"]).split())[:TITLE_READ_MAX], starts, ends,
    )  # fmt: skip


def _tag_of(seen: Seen, etag: str, item: Item) -> str:
    """None for what somebody has changed since it arrived, so that a later change of ours does not go over theirs."""
    return etag if _same(seen, item.payload) else ""


def _is_strong(tag: str) -> bool:
    return tag.startswith('"')


def _if_match(tag: str) -> Mapping[str, str]:
    return {"If-Match": tag} if _is_strong(tag) else {}


def _alike(one: str, other: str) -> bool:
    """By the weak comparison (RFC 9110): who packs an answer weakens its tag on the way."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def _stands_on(item: Item) -> bool:
    """It changes, or takes out, what was sent before."""
    return bool((item.basis or {}).get("etag") or (item.basis or {}).get("was"))


def _known(seen: Seen, known: list[dict[str, Any]]) -> bool:
    return any(_is(seen, one) for one in known)


def _is(seen: Seen, one: Mapping[str, Any]) -> bool:
    if seen.uid and seen.uid[:200] == one.get("uid"):
        return True
    try:
        return seen.title[:100] == one.get("title") and seen.starts == moment(str(one.get("starts")))
    except ValueError:
        return False


def _utc(said: str) -> str:
    at = moment(said)
    assert isinstance(at, datetime), "whole days are not asked about"
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
