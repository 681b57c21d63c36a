"""Appointments into a real calendar server: the free slot, what is there against expectation, what a server may say."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sync.transports.caldav import CalDav
from sync.transports.dav import DavAccount
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Limits
from tests.sim.between import FAULTS, Between, Fault, Rewrites, untagged, weakened
from tests.sim.calendar_server import CalendarServer
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)
TEN = {"starts": "2026-05-06T10:00:00+02:00", "ends": "2026-05-06T11:00:00+02:00", "zone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with CalendarServer(tmp_path_factory.mktemp("radicale"), password="pw") as server:
        yield server


@pytest.fixture
def server(running: CalendarServer) -> CalendarServer:
    running.empty()
    return running


def caldav(url: str, secret: str = "pw", calendar: str | None = None) -> CalDav:
    return CalDav(DavAccount("home", url, "me", secret), calendar=calendar, limits=LIMITS)


def nothing() -> None:
    pass


def test_the_appointment_is_there_for_every_other_client(server: CalendarServer) -> None:
    item = an_item(**TEN, title="Dentist; upstairs, left")
    receipt = caldav(server.url).deliver(item, nothing)
    (text,) = server.kept()
    assert f"UID:{item.payload['uid']}" in text
    assert "DTSTART:20260506T080000Z" in text
    assert r"SUMMARY:Dentist\; upstairs\, left" in text
    assert receipt.reference.startswith('"')
    assert receipt.url.startswith(server.url)


def test_whole_days_are_days(server: CalendarServer) -> None:
    server.put_in("x", "Dentist", ":20260506T080000Z", ":20260506T090000Z")
    caldav(server.url).deliver(an_item(starts="2026-05-06", ends="2026-05-08", title="Fair"), nothing)
    assert any("DTSTART;VALUE=DATE:20260506" in text and "SUMMARY:Fair" in text for text in server.kept())


@pytest.mark.parametrize(
    ("starts", "ends", "more", "shown"),
    [
        (":20260506T083000Z", ":20260506T093000Z", "", "Dentist, 2026-05-06 10:30 to 11:30"),
        (";TZID=Europe/Berlin:20260506T103000", ";TZID=Europe/Berlin:20260506T113000", "",
         "Dentist, 2026-05-06 10:30 to 11:30"),
        (":20260429T083000Z", ":20260429T093000Z", "RRULE:FREQ=WEEKLY;COUNT=5", "Dentist, 2026-05-06 10:30 to 11:30"),
    ],
)  # fmt: skip
def test_a_slot_that_was_taken_since_is_a_conflict(
    server: CalendarServer, starts: str, ends: str, more: str, shown: str
) -> None:
    server.put_in("elsewhere", "Dentist", starts, ends, more)
    item, offered = an_item({"busy": []}, **TEN), []
    with pytest.raises(ChangedError, match="taken") as caught:
        caldav(server.url).deliver(item, lambda: offered.append(1))
    assert offered == []
    assert caught.value.then == "free when you decided"
    assert caught.value.now == shown
    assert len(server.kept()) == 1
    caldav(server.url).deliver(replace(item, basis=caught.value.basis), nothing)
    assert len(server.kept()) == 2, "send it all the same"


@pytest.mark.parametrize("more", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_takes_no_time_is_no_conflict(server: CalendarServer, more: str) -> None:
    server.put_in("elsewhere", "Dentist", ":20260506T080000Z", ":20260506T090000Z", more)
    server.put_in("holiday", "Holiday", ";VALUE=DATE:20260506", ";VALUE=DATE:20260507")
    assert caldav(server.url).deliver(an_item(**TEN), nothing)


def test_what_was_known_at_that_time_is_no_news(server: CalendarServer) -> None:
    server.put_in("elsewhere", "Dentist", ":20260506T080000Z", ":20260506T090000Z")
    by_title = {"uid": "local@carryon", "title": "Dentist", "starts": "2026-05-06T10:00:00+02:00"}
    by_uid = {"uid": "elsewhere", "title": "Other", "starts": "2026-01-01T10:00:00+02:00"}
    for known in (by_title, by_uid):
        assert caldav(server.url).deliver(an_item({"busy": [known]}, **TEN, title="Lunch"), nothing)
        server.empty()
        server.put_in("elsewhere", "Dentist", ":20260506T080000Z", ":20260506T090000Z")


def test_one_that_is_there_against_expectation_is_never_written_over(server: CalendarServer) -> None:
    item = an_item(**TEN, title="Ours")
    server.put_in(str(item.payload["uid"]), "Theirs", ":20270101T080000Z", ":20270101T090000Z")
    with pytest.raises(ChangedError) as caught:
        caldav(server.url).deliver(item, nothing)
    assert (caught.value.then, caught.value.now) == ("not there yet", "Theirs, 2027-01-01 09:00 to 10:00")
    caldav(server.url).deliver(replace(item, basis=caught.value.basis), nothing)
    assert "SUMMARY:Ours" in server.kept()[0]


def test_a_change_goes_to_the_one_as_it_was_last_sent(server: CalendarServer) -> None:
    first = an_item(**TEN, title="Dentist")
    etag = caldav(server.url).deliver(first, nothing).reference
    moved = an_item({"etag": etag}, **{**TEN, "uid": first.payload["uid"]}, title="Dentist, again")
    assert caldav(server.url).find(moved) is None, "what is there is what was before"
    newer = caldav(server.url).deliver(moved, nothing).reference
    assert newer != etag
    assert caldav(server.url).find(moved)
    stale = an_item({"etag": etag}, **{**TEN, "uid": first.payload["uid"]}, title="Late")
    with pytest.raises(ChangedError) as caught:
        caldav(server.url).deliver(stale, nothing)
    assert caught.value.then == "as you last sent it"
    assert caught.value.now.startswith("Dentist, again")


def test_one_that_was_deleted_since_is_a_conflict_and_can_be_made_anew(server: CalendarServer) -> None:
    first = an_item(**TEN, title="Dentist")
    etag = caldav(server.url).deliver(first, nothing).reference
    server.ask("DELETE", f"/me/work/{first.payload['uid']}.ics")
    moved = an_item({"etag": etag}, **{**TEN, "uid": first.payload["uid"]})
    with pytest.raises(ChangedError) as caught:
        caldav(server.url).deliver(moved, nothing)
    assert caught.value.now == "no longer there"
    assert caldav(server.url).deliver(replace(moved, basis=caught.value.basis), nothing)


def test_a_calendar_is_found_by_its_name(server: CalendarServer) -> None:
    home = f"http://127.0.0.1:{server.port}/"
    caldav(home, calendar="Work").deliver(an_item(**TEN), nothing)
    assert len(server.kept()) == 1
    with pytest.raises(NotConfiguredError, match=r"no calendar named Private at .*; there is: (me/)?work"):
        caldav(home, calendar="Private").deliver(an_item(**TEN), nothing)


def test_a_wrong_password_is_said_and_not_repeated(server: CalendarServer) -> None:
    with pytest.raises(RejectedError, match="401") as caught:
        caldav(server.url, "wrong-pw").deliver(an_item(**TEN), nothing)
    assert "secret" in caught.value.todo
    assert "wrong-pw" not in str(caught.value)
    with pytest.raises(RetryableError):
        caldav(server.url, "wrong-pw").find(an_item(**TEN))


def test_a_password_does_not_travel_in_the_open() -> None:
    with pytest.raises(NotConfiguredError, match="in the open"):
        caldav("http://calendar.example.org/me/")


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


GARBAGE = [BOMB, BOMB.decode().encode("utf-16"), b"<html>Sign in", b"\xff\xfe", b"<a><b>" * 40_000]


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_instead_of_a_calendar_is_refused_before_anything_is_sent(server: CalendarServer, body: bytes) -> None:
    with Between(server.port) as between:
        between.asking = [Fault(200, {}, body)]
        with pytest.raises(RejectedError, match="does"):
            caldav(f"{between.url}/me/work/").deliver(an_item(**TEN), nothing)
    assert server.kept() == []


def test_an_appointment_that_cannot_be_read_is_something_at_that_time(server: CalendarServer) -> None:
    answer = (
        b'<multistatus xmlns="DAV:"><response><href>/x.ics</href><propstat><prop><calendar-data '
        b'xmlns="urn:ietf:params:xml:ns:caldav">BEGIN:VCALENDAR nonsense</calendar-data></prop>'
        b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    with Between(server.port) as between:
        between.asking = [Fault(207, {}, answer)]
        with pytest.raises(ChangedError) as caught:
            caldav(f"{between.url}/me/work/").deliver(an_item(**TEN), nothing)
    assert "cannot be read" in caught.value.now


CALENDAR = (
    '<multistatus xmlns="DAV:"><response><href>/x.ics</href><propstat><prop><calendar-data '
    'xmlns="urn:ietf:params:xml:ns:caldav">BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Walk\r\n'
    "{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n</calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat>"
    "</response></multistatus>"
)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("DTSTART:20260506T080000Z", "Walk, 2026-05-06 10:00"),
        ("DTSTART:20260506T080000Z\r\nDURATION:PT90M", "Walk, 2026-05-06 10:00 to 11:30"),
        ("DTSTART:20260506T080000Z\r\nDURATION:nonsense", "Walk, 2026-05-06 10:00"),
        ("DTSTART:99991231T235959Z", "Walk, 9999-12-31 23:59"),
        ("DTSTART;VALUE=TIME:100000", "Walk, at no time"),
        ("DTSTART:20260506T080000Z\r\nUID:y\r\nSTATUS:CONFIRMED\r\nSTATUS:CANCELLED", "Walk, 2026-05-06 10:00"),
    ],
)
def test_an_appointment_without_an_end_or_with_a_strange_time_is_a_conflict_too(
    server: CalendarServer, lines: str, words: str
) -> None:
    with Between(server.port) as between:
        between.asking = [Fault(207, {}, CALENDAR.format(lines).encode())]
        with pytest.raises(ChangedError) as caught:
            caldav(f"{between.url}/me/work/").deliver(an_item(**TEN), nothing)
    assert caught.value.now == words


def test_an_address_that_is_none_is_refused(server: CalendarServer) -> None:
    answer = (
        b'<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal>'
        b"<href>http://[bad/</href></current-user-principal></prop>"
        b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    with Between(server.port) as between:
        between.asking = [Fault(207, {}, answer)]
        with pytest.raises(RejectedError, match="an address that is none"):
            caldav(f"{between.url}/", calendar="work").deliver(an_item(**TEN), nothing)


def test_a_server_that_leads_elsewhere_is_not_followed(server: CalendarServer) -> None:
    answer = (
        b'<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal>'
        b"<href>http://evil.example.org/me/</href></current-user-principal></prop>"
        b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    with Between(server.port) as between:
        between.asking = [Fault(207, {}, answer)]
        with pytest.raises(RejectedError, match=r"sends us on to evil\.example\.org"):
            caldav(f"{between.url}/", calendar="work").deliver(an_item(**TEN), nothing)


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault(429, {"Retry-After": "7"}), RetryableError, 0), (Fault(503), RetryableError, 0),
        (Fault(502), UncertainError, 0), (Fault(403), RejectedError, 0),
        (Fault(307, {"Location": "/elsewhere"}), RejectedError, 0), (FAULTS["stall"], UncertainError, 0),
        (FAULTS["lose_answer"], UncertainError, 1),
    ],
)  # fmt: skip
def test_what_may_have_happened_is_asked_by_uid(
    server: CalendarServer, fault: Fault, error: type[DeliveryError], arrived: int
) -> None:
    item = an_item(**TEN)
    with Between(server.port) as between:
        between.script = [fault]
        transport = caldav(f"{between.url}/me/work/")
        with pytest.raises(error):
            transport.deliver(item, nothing)
        assert bool(transport.find(item)) == bool(arrived)
    assert len(server.kept()) == arrived


@pytest.mark.parametrize("fault", [Fault(502), Fault(429), FAULTS["lose_request"], FAULTS["stall"]])
def test_a_question_before_it_that_fails_has_sent_nothing(server: CalendarServer, fault: Fault) -> None:
    offered: list[int] = []
    with Between(server.port) as between:
        between.asking = [fault]
        with pytest.raises((RetryableError, UnreachableError)):
            caldav(f"{between.url}/me/work/").deliver(an_item(**TEN), lambda: offered.append(1))
    assert offered == []
    assert server.kept() == []


@pytest.mark.parametrize("payload", [{"title": ""}, {"title": "x" * 2_000}, {"starts": "soon"}])
def test_what_is_no_appointment_is_not_sent(payload: dict[str, str]) -> None:
    with pytest.raises(RejectedError):
        caldav("http://127.0.0.1:1/").deliver(an_item(**{**TEN, **payload}), nothing)


def test_all_requests_of_a_delivery_share_its_time(server: CalendarServer) -> None:
    slow = Limits(connect_s=2, read_s=2, total_s=1.5)
    with Between(server.port) as between:
        between.asking = [Fault(pause_s=0.6)] * 5
        transport = CalDav(DavAccount("home", f"{between.url}/", "me", "pw"), calendar="work", limits=slow)
        began = time.monotonic()
        with pytest.raises(UnreachableError, match="too long"):
            transport.deliver(an_item(**TEN), nothing)
        assert time.monotonic() - began < 3
    assert server.kept() == []


def test_one_is_taken_out_only_as_it_was_last_sent(server: CalendarServer) -> None:
    first = an_item(**TEN, title="Dentist")
    etag = caldav(server.url).deliver(first, nothing).reference
    same = {**TEN, "uid": first.payload["uid"], "gone": True}
    for stale in ("", '"long ago"'):
        with pytest.raises(ChangedError) as caught:
            caldav(server.url).deliver(an_item({"etag": stale}, **same), nothing)
        assert caught.value.now == "Dentist, 2026-05-06 10:00 to 11:00"
    assert caldav(server.url).find(an_item({"etag": etag}, **same)) is None
    caldav(server.url).deliver(an_item({"etag": etag}, **same), nothing)
    assert server.kept() == []
    assert caldav(server.url).find(an_item({"etag": etag}, **same))
    assert "no longer" in caldav(server.url).deliver(an_item({"etag": etag}, **same), nothing).text, "gone already"


WAS = {"title": "Dentist", "starts": TEN["starts"], "ends": TEN["ends"]}


def test_without_a_tag_it_is_known_by_what_was_sent(server: CalendarServer) -> None:
    first = an_item(**TEN, title=" Dentist ")
    caldav(server.url).deliver(first, nothing)
    same = {**TEN, "uid": first.payload["uid"]}
    moved = an_item({"was": WAS}, **same, title="Dentist, again")
    assert caldav(server.url).find(moved) is None, "what is there is what was before"
    caldav(server.url).deliver(moved, nothing)
    assert r"Dentist\, again" in server.kept()[0]
    offered: list[int] = []
    for gone in (False, True):
        stale = an_item({"was": WAS}, **same, title="Late", gone=gone)
        with pytest.raises(ChangedError) as caught:
            caldav(server.url).deliver(stale, lambda: offered.append(1))
        assert (caught.value.then, caught.value.now[:14]) == ("as you last sent it", "Dentist, again")
    assert offered == []
    caldav(server.url).deliver(replace(stale, basis=caught.value.basis), nothing)
    assert server.kept() == [], "all the same"


def test_without_a_tag_one_that_was_deleted_since_is_not_made_anew_unasked(server: CalendarServer) -> None:
    item = an_item({"was": WAS}, **TEN, title="Dentist, again")
    with pytest.raises(ChangedError) as caught:
        caldav(server.url).deliver(item, nothing)
    assert caught.value.now == "no longer there"
    assert caldav(server.url).deliver(replace(item, basis=caught.value.basis), nothing)


def test_what_was_changed_there_after_a_lost_answer_is_not_gone_over_later(server: CalendarServer) -> None:
    """It arrived, so it is not sent again; but what stands there is no longer what was sent."""
    item = an_item(**TEN, title="Dentist")
    caldav(server.url).deliver(item, nothing)
    assert caldav(server.url).find(item).reference.startswith('"')  # type: ignore[union-attr]
    key = f"X-CARRYON-KEY:{item.idempotency_key}"
    server.put_in(str(item.payload["uid"]), "Theirs", ":20260506T080000Z", ":20260506T090000Z", key)
    assert caldav(server.url).find(item).reference == "in the calendar"  # type: ignore[union-attr]


@pytest.mark.parametrize("tags", [weakened, untagged])
def test_without_a_strong_tag_nothing_is_a_conflict_for_ever(server: CalendarServer, tags: Rewrites) -> None:
    """If-Match with a weak one never matches; so it is looked at, and goes without a condition."""
    with Between(server.port) as between:
        between.rewrites = tags
        home = caldav(f"{between.url}/me/work/")
        first = an_item(**TEN, title="Dentist")
        reference = home.deliver(first, nothing).reference
        sent = {"was": WAS, **({"etag": reference} if reference.startswith("W/") else {})}
        same = {**TEN, "uid": first.payload["uid"]}
        home.deliver(an_item(sent, **same, title="Second"), nothing)
        assert "SUMMARY:Second" in server.kept()[0]
        for gone in (False, True):
            stale = an_item(sent, **same, title="Late", gone=gone)
            with pytest.raises(ChangedError) as caught:
                home.deliver(stale, pytest.fail)
            assert caught.value.then == "as you last sent it"
            home.deliver(replace(stale, basis=caught.value.basis), nothing)
        assert server.kept() == []


def test_by_a_weak_tag_what_changed_since_both_sides_were_seen_is_a_conflict_again(server: CalendarServer) -> None:
    item = an_item(**TEN, title="Ours")
    uid = str(item.payload["uid"])
    server.put_in(uid, "Theirs", ":20270101T080000Z", ":20270101T090000Z")
    with Between(server.port) as between:
        between.rewrites = weakened
        home = caldav(f"{between.url}/me/work/")
        with pytest.raises(ChangedError) as seen:
            home.deliver(item, nothing)
        server.put_in(uid, "Later", ":20270101T080000Z", ":20270101T090000Z")
        with pytest.raises(ChangedError) as again:
            home.deliver(replace(item, basis=seen.value.basis), nothing)
    assert again.value.now.startswith("Later")


@pytest.mark.parametrize("gone", [True, False])
def test_a_question_before_a_change_that_fails_has_sent_nothing(server: CalendarServer, gone: bool) -> None:
    whole_days = {"starts": "2026-05-06", "ends": "2026-05-07", "gone": gone}  # whose time is not asked about
    with Between(server.port) as between:
        between.asking = [Fault(502)]
        with pytest.raises((RetryableError, UnreachableError)):
            caldav(f"{between.url}/me/work/").deliver(an_item({"was": WAS}, **whole_days), nothing)
