"""A network that wants a sign-in first: told in one sentence, over with the first answer; it sees neither text nor
secret where the destination is reached over TLS."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.connectivity import Connectivity, NetworkState
from sync.dispatcher import Dispatcher
from sync.events import ConnectivityChanged
from sync.item import State
from sync.observing import stored
from sync.outbox import Outbox
from sync.transports.outcomes import RejectedError, RetryableError, SignInError, UncertainError, UnreachableError
from sync.transports.port import Limits, Transport
from sync.transports.portal import is_page, page_address, stranger
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webhook import Webhook
from tests.sim.lossy import Lossy
from tests.sim.mailing import MailServer
from tests.sim.profiles import HandClock, intent, open_connection
from tests.sim.receiving import Receiver, Reply
from tests.sim.wrong_names import leading_here
from tests.unit.sync.certificates import self_signed
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)
FAR = "chat.example"
PORTAL = "http://hotel.example/login"


@pytest.fixture(autouse=True)
def names() -> Iterator[None]:
    with leading_here(FAR, "mail.example", "other.example"):
        yield


def webhook(port: int, scheme: str = "http") -> Webhook:
    return Webhook("ops", f"{scheme}://{FAR}:{port}/hook", secret="s3cret", limits=LIMITS)


def webhook_open(port: int) -> Webhook:
    return Webhook("ops", f"http://{FAR}:{port}/hook", limits=LIMITS)


def test_a_strangers_certificate_sees_neither_text_nor_secret(tmp_path: Path) -> None:
    with Receiver(tls=self_signed(tmp_path / "both.pem")) as hotel, Lossy("127.0.0.1", hotel.port) as road:
        with pytest.raises(SignInError, match=r"Somebody else answers in place of chat\.example") as caught:
            webhook(road.port, "https").deliver(an_item(), pytest.fail)
        assert "may want you to sign in" in caught.value.what
        assert not caught.value.sure
        assert hotel.requests == []
        assert b"s3cret" not in road.seen
        assert b"signed" not in road.seen


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_kept_from_a_stranger_too(tmp_path: Path, security: str) -> None:
    serving = self_signed(tmp_path / "both.pem")
    with MailServer(context=serving, implicit=security == "tls", password="s3cret") as hotel:
        account = SmtpAccount("work", "mail.example", hotel.port, security, "me@example.org", "me", "s3cret")  # type: ignore[arg-type]
        with pytest.raises(SignInError, match=r"in place of mail\.example"):
            Smtp(account, limits=LIMITS).deliver(an_item(), pytest.fail)
        assert (hotel.kept, hotel.logins) == ([], [])


@pytest.mark.parametrize("reason", [9, 10])
def test_a_certificate_out_of_its_time_is_no_portal(reason: int) -> None:
    error = ssl.SSLCertVerificationError("expired")
    error.verify_code = reason
    assert stranger(error, FAR) is None


@pytest.mark.parametrize(
    ("reply", "url"),
    [
        (Reply(302, {"Location": PORTAL + "?mac=00:11:22"}, acts=False), PORTAL),
        (Reply(511, acts=False), "http://{here}/"),
        (Reply(302, {"Location": "javascript:alert(1)"}, acts=False), ""),
    ],
)
def test_what_a_portal_says_by_itself(receiver: Receiver, reply: Reply, url: str) -> None:
    receiver.listing = lambda _: reply
    with pytest.raises(SignInError) as caught:
        webhook_open(receiver.port).deliver(an_item(), pytest.fail)
    assert caught.value.url == url.format(here=f"{FAR}:{receiver.port}"), "without what tells who you are"
    assert caught.value.sure
    receiver.listing, receiver.script = None, [Reply(511, acts=False)]
    with pytest.raises(SignInError):
        webhook_open(receiver.port).deliver(an_item(), lambda: None)


@pytest.mark.parametrize(
    ("location", "words", "page"),
    [("/done/7", "sends us on to /done/7", False), (PORTAL, r"sent us on to hotel\.example", True)],
)
@pytest.mark.parametrize("status", [302, 303])
def test_a_redirect_after_the_offer_is_a_perhaps(
    database: Path, outbox: Outbox, receiver: Receiver, clock: HandClock, connectivity: Connectivity,
    location: str, words: str, page: bool, status: int,
) -> None:  # fmt: skip
    """The way was proven, so it may be the word of a receiver that did it: told again, it would do it again."""
    receiver.dedupes = False
    receiver.script = [Reply(status, {"Location": location})] * 7
    with pytest.raises(UncertainError, match=words) as caught:
        webhook_open(receiver.port).deliver(an_item(), lambda: None)
    assert caught.value.page == page
    item = outbox.enqueue(intent(), approval=False)
    dispatcher = Dispatcher(
        lambda: open_connection(database), lambda _: webhook_open(receiver.port), connectivity, clock
    )
    for _ in range(6):
        dispatcher.flush_once()
        clock.turn(31)
    assert (outbox.get(item.id).state, receiver.effects[1:]) == (State.UNKNOWN, [item.id])


@pytest.mark.parametrize("status", [301, 307, 308])
def test_one_that_says_where_to_send_it_instead_has_not_done_it(receiver: Receiver, status: int) -> None:
    receiver.script = [Reply(status, {"Location": f"https://{FAR}:{receiver.port}/hook"}, acts=False)]
    with pytest.raises(RejectedError, match="has moved to https:// at the same host"):
        webhook_open(receiver.port).deliver(an_item(), lambda: None)
    receiver.script = [Reply(status, {"Location": PORTAL})]
    with pytest.raises(UncertainError, match=r"sent us on to hotel\.example"):
        webhook_open(receiver.port).deliver(an_item(), lambda: None)


def test_a_page_is_no_answer_but_a_word_of_text_is(receiver: Receiver) -> None:
    page = Reply(200, {"Content-Type": "text/html"}, body=b"\n<!DOCTYPE html><p>Welcome", acts=False)
    receiver.script = [page, Reply(200, {"Content-Type": "text/html"}, body=b"ok")]
    with pytest.raises(UncertainError, match="A web page came instead") as caught:
        webhook_open(receiver.port).deliver(an_item(), lambda: None)
    assert caught.value.page
    assert webhook_open(receiver.port).deliver(an_item(), lambda: None)


@pytest.mark.parametrize("fault", ["portal", "portal page"])
def test_in_doubt_a_portal_does_not_say_that_it_did_not_arrive(receiver: Receiver, fault: str) -> None:
    with Lossy("127.0.0.1", receiver.port) as road:
        road.fault = fault
        with pytest.raises(RetryableError):
            Tracker("web", "github", f"http://{FAR}:{road.port}/o/r", limits=LIMITS).find(an_item())


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (PORTAL, PORTAL), ("HTTPS://Hotel.example/a?b#c", "https://Hotel.example/a"), ("/login", ""), ("", ""),
        ("file:///etc/passwd", ""), ("http://you@hotel.example/", ""), ("http://[::1", ""), ("http://h/a b", ""),
    ],
)  # fmt: skip
def test_only_an_address_of_a_page_is_shown(said: str, shown: str) -> None:
    assert page_address(said) == shown


@pytest.mark.parametrize(
    ("kind", "body", "page"),
    [("text/html", b"<p>", True), ("text/html", b"ok", False), ("", b"<!doctype html>", True),
     ("application/json", b"{}", False), ("application/xml", b"<a/>", False)],
)  # fmt: skip
def test_what_a_page_is(kind: str, body: bytes, page: bool) -> None:
    assert is_page(kind, body) == page


# The state of the network


def test_signing_in_is_wanted_once_and_over_with_the_first_answer(
    database: Path, outbox: Outbox, receiver: Receiver, clock: HandClock, connectivity: Connectivity
) -> None:
    items = [outbox.enqueue(intent(destination=f"webhook:{n}"), approval=False) for n in range(3)]
    receiver.listing = lambda _: Reply(302, {"Location": PORTAL}, acts=False)
    told: list[ConnectivityChanged] = []

    def hear(event: object) -> None:
        if isinstance(event, ConnectivityChanged):
            told.append(event)

    def there(name: str) -> Transport:
        return webhook_open(receiver.port)

    dispatcher = Dispatcher(lambda: open_connection(database), there, connectivity, clock, hear)
    dispatcher.flush_once()
    assert {outbox.get(item.id).state for item in items} == {State.QUEUED}
    assert "sent us on to hotel.example" in str(outbox.get(items[0].id).last_error)
    standing = connectivity.standing
    assert (standing.state, standing.sign_in, standing.sign_in_url) == (NetworkState.DEGRADED, True, PORTAL)
    assert [event.sign_in for event in told] == [True]
    assert told[0].sign_in_url == PORTAL
    receiver.listing = None
    dispatcher.flush_once()
    assert {outbox.get(item.id).state for item in items} == {State.DELIVERED}
    assert connectivity.standing.state is NetworkState.ONLINE
    assert not connectivity.standing.sign_in
    assert sorted(receiver.effects) == sorted(item.id for item in items)
    with open_connection(database) as connection:
        assert [one.outcome for one in stored(connection)] == ["delivered"] * 3 + ["sign-in"] * 3
    assert connectivity.observations()[0].endpoint.startswith("webhook:")


def test_a_portal_that_stays_gives_nothing_up(
    database: Path, outbox: Outbox, receiver: Receiver, clock: HandClock, connectivity: Connectivity
) -> None:
    item = outbox.enqueue(intent(), approval=False)
    receiver.listing = lambda _: Reply(302, {"Location": PORTAL}, acts=False)
    dispatcher = Dispatcher(
        lambda: open_connection(database), lambda _: webhook_open(receiver.port), connectivity, clock
    )
    for _ in range(15):
        dispatcher.flush_once()
        kept = outbox.get(item.id)
        assert kept.state is State.QUEUED
        assert kept.next_attempt_at <= clock() * 1_000 + 30_000
    receiver.listing = None
    dispatcher.flush_once()
    assert outbox.get(item.id).state is State.DELIVERED


def test_one_bad_certificate_is_no_portal_where_another_answered_just_now(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    connectivity.report("good", reached=True, loopback=False)
    assert connectivity.wants_sign_in("Somebody else answers.", sure=False) is None
    assert not connectivity.standing.sign_in
    clock.turn(600)
    event = connectivity.wants_sign_in("Somebody else answers.", sure=False)
    assert event
    assert event.sign_in
    assert connectivity.report("bad", reached=False, loopback=False) is None, "it is not that destination's fault"
    again = connectivity.report("good", reached=True, loopback=False)
    assert again
    assert (again.state, again.sign_in) == ("online", False)


def test_the_users_switch_comes_before_a_sign_in(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    connectivity.wants_sign_in("Sign in.", PORTAL)
    connectivity.switch(offline=True)
    assert (connectivity.standing.state, connectivity.standing.sign_in) == (NetworkState.OFFLINE, False)


def test_a_new_network_may_want_none(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    connectivity.wants_sign_in("Sign in.", PORTAL)
    connectivity.hint(False)
    connectivity.hint(True)
    assert connectivity.state is NetworkState.ONLINE


def test_unreachable_is_not_a_sign_in(connectivity: Connectivity) -> None:
    with pytest.raises(UnreachableError):
        webhook_open(1).deliver(an_item(), pytest.fail)
