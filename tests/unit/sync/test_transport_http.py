"""Webhooks and trackers: shapes, what each answer means, what never leaves."""

import socket
import threading
from datetime import datetime
from email.utils import formatdate
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.delivery import Round
from sync.leases import Leases
from sync.outbox import Outbox
from sync.states import State
from sync.transports import http, portal
from sync.transports.deadline import Deadline
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Mode, Transport
from sync.transports.retry_after import retry_after_s, tried_again
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker, issues_url
from sync.transports.ways import WAYS
from sync.transports.webhook import Shape, Webhook, shape_of
from tests.sim.profiles import NOON, HandClock, intent
from tests.sim.receiving import Receiver, Reply
from tests.unit.sync.certificates import self_signed
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=1, read_s=1, total_s=2)


def webhook(receiver: Receiver, mode: Mode = "none", limits: Limits = LIMITS, shape: Shape | None = None) -> Webhook:
    return Webhook("ops", f"{receiver.url}/hook", shape=shape, mode=mode, limits=limits, clock=lambda: NOON)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RejectedError), (401, RejectedError), (404, RejectedError), (409, RejectedError), (413, RejectedError),
        (422, RejectedError), (501, RejectedError), (301, RejectedError), (307, RejectedError),
        (408, RetryableError), (425, RetryableError), (429, RetryableError),
        (503, RetryableError), (511, RetryableError), (500, UncertainError), (502, UncertainError),
        (504, UncertainError), (300, UncertainError), (302, UncertainError), (303, UncertainError),
    ],
)  # fmt: skip
def test_what_each_answer_means(receiver: Receiver, status: int, error: type[DeliveryError]) -> None:
    receiver.script = [Reply(status, body={"error": "because of the moon"}, acts=False)]
    with pytest.raises(error) as caught:
        webhook(receiver).deliver(an_item(), lambda: None)
    assert caught.value.what
    assert caught.value.where
    assert caught.value.todo
    if status // 100 in (4, 5):
        assert f"answered {status}" in caught.value.what
        assert "because of the moon" in caught.value.what


def test_a_500_that_names_a_time_puts_it_off(receiver: Receiver) -> None:
    receiver.script = [Reply(500, {"Retry-After": "9"}, acts=False)]
    with pytest.raises(RetryableError) as caught:
        webhook(receiver).deliver(an_item(), lambda: None)
    assert caught.value.after_s == 9


@pytest.mark.parametrize("status", [500, 302, 303])
def test_one_that_did_it_and_broke_then_is_not_told_again_unasked(
    outbox: Outbox, leases: Leases, clock: HandClock, receiver: Receiver, status: int
) -> None:
    """At most once, where a repeat would not be recognised."""
    item = outbox.enqueue(intent("x", "webhook:ops"), approval=False)
    receiver.script = [Reply(status)] * 20
    for _ in range(20):
        Round(leases, "me", Connectivity(clock), clock, lambda _: None, lambda: False, []).run(
            "webhook:ops", webhook(receiver)
        )
        clock.turn(3_600)
    assert outbox.get(item.id).state is State.UNKNOWN
    assert len(receiver.effects) == 1


@pytest.mark.parametrize(("said", "seconds"), [("90", 90), (formatdate(NOON + 30, usegmt=True), 30), ("soon", None)])
def test_retry_after(receiver: Receiver, said: str, seconds: float | None) -> None:
    for status in (429, 503, 403):
        receiver.script = [Reply(status, {"Retry-After": said}, acts=False)]
        with pytest.raises(RetryableError) as caught:
            webhook(receiver).deliver(an_item(), lambda: None)
        assert caught.value.after_s == seconds


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("90", "It asked to be left alone until {soon} and is tried again then."),
        ("80000", "It asked to be left alone until {later} and is tried again then."),
        (None, "It is tried again."),
    ],
)
def test_it_says_until_when_it_is_left_alone(said: str | None, words: str, clock: HandClock) -> None:
    wait_s = retry_after_s(said, clock())
    soon, later = (datetime.fromtimestamp(clock() + s).astimezone() for s in (90, 80_000))
    told = tried_again(wait_s, clock())
    assert told == words.format(soon=f"{soon:%H:%M:%S}", later=f"{later:%Y-%m-%d %H:%M}")


def test_a_429_tells_its_time(receiver: Receiver) -> None:
    receiver.script = [Reply(429, {"Retry-After": "90"}, acts=False)]
    with pytest.raises(RetryableError, match="left alone until"):
        Webhook("ops", receiver.url, limits=LIMITS).deliver(an_item(), lambda: None)


@pytest.mark.parametrize(
    ("posted", "location", "words"),
    [
        ("http://a.example/old", "/new", "/new at the same host"),
        ("http://a.example/old", "http://a.example/new?token=7", "/new at the same host"),
        ("https://a.example/hooks/s3cret", "/hooks/s3cret/v2", "/…/…/v2 at the same host"),
        ("http://a.example/old", "https://a.example/old", "https:// at the same host"),
        ("http://a.example/old", "https://b.example/s3cret", "b.example"),
        ("http://a.example/old", "javascript:alert(1)", "another page"),
        ("http://a.example/old", "http://[7", "another page"),
        ("http://a.example/old", "", "/… at the same host"),
    ],
)
def test_where_a_redirect_leads_is_named(posted: str, location: str, words: str) -> None:
    assert portal.new_place(posted, location) == words


def test_a_redirect_within_the_host_names_the_path(receiver: Receiver) -> None:
    receiver.script = [Reply(308, {"Location": "/elsewhere"}, acts=False)]
    with pytest.raises(RejectedError, match="has moved to /elsewhere at the same host"):
        Webhook("ops", receiver.url, limits=LIMITS).deliver(an_item(), lambda: None)


def test_what_is_no_http_is_told_in_plain_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line:
                line.recv(65_536)
                line.sendall(b"220 mail.example ESMTP\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/in"
        with pytest.raises(UncertainError) as caught:
            Webhook("ops", url, limits=LIMITS).deliver(an_item(), lambda: None)
        thread.join()
    assert "what it answered is not HTTP" in caught.value.what
    assert "bytearray" not in caught.value.what


def test_a_key_that_is_still_being_worked_on_may_take_effect_yet(receiver: Receiver) -> None:
    """So it is neither changed nor taken for undone; under its key it is told again."""
    receiver.script = [Reply(409, acts=False)]
    with pytest.raises(UncertainError):
        webhook(receiver, "key").deliver(an_item(), lambda: None)


def test_a_body_that_breaks_off_after_its_status_is_an_answer(receiver: Receiver) -> None:
    receiver.script = [Reply(201, cut="body")]
    assert webhook(receiver).deliver(an_item(), lambda: None).text.endswith("accepted it (201).")


def test_a_long_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    receiver.script = [Reply(200, body=b"x" * 3_000_000)]
    limits = Limits(1, 1, 2, answer_bytes_max=1_000)
    assert webhook(receiver, limits=limits).deliver(an_item(), lambda: None)


@pytest.mark.parametrize(("cut", "limits"), [("stall", Limits(1, 0.3, 5)), ("dribble", Limits(1, 1, 0.6))])
def test_silence_and_dribble_end_in_a_bounded_time(receiver: Receiver, cut: str, limits: Limits) -> None:
    receiver.script = [Reply(cut=cut)]
    with pytest.raises(UncertainError, match="too long"):
        webhook(receiver, limits=limits).deliver(an_item(), lambda: None)


def test_no_timer_is_left_behind(receiver: Receiver) -> None:
    webhook(receiver).deliver(an_item(), lambda: None)
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        receiver.script = [Reply(307, {"Location": f"{elsewhere.url}/other"}, acts=False)]
        with pytest.raises(RejectedError, match="has moved to"):
            Webhook("ops", receiver.url, secret="s3cret", limits=LIMITS).deliver(an_item(), lambda: None)
        assert elsewhere.requests == []


def test_the_request_carries_key_and_secret_and_errors_carry_neither_secret_nor_path(receiver: Receiver) -> None:
    transport = Webhook("ops", f"{receiver.url}/services/T0/B0/hidden", secret="s3cret", limits=LIMITS)
    item = an_item()
    transport.deliver(item, lambda: None)
    (seen,) = receiver.requests
    assert seen.headers["Idempotency-Key"] == item.id
    assert seen.headers["Authorization"] == "Bearer s3cret"
    assert seen.headers["User-Agent"] == "Carryon"
    assert seen.body == {"text": "It is signed.", "channel": "ops", "id": item.id}
    receiver.script = [Reply(400, acts=False)]
    with pytest.raises(RejectedError) as caught:
        transport.deliver(item, lambda: None)
    assert "hidden" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://hooks.slack.com/services/a/b/c", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://firm.webhook.office.com/webhookb2/x", "teams"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://chat.example.org/hooks/x", "generic"),
        ("https://hooks.slack.com.evil.example/x", "generic"),
    ],
)
def test_the_shape_follows_from_the_host(url: str, shape: Shape) -> None:
    assert shape_of(url) == shape


@pytest.mark.parametrize("shape", ["slack", "mattermost", "discord", "teams"])
def test_each_shape_carries_the_text_in_its_own_way(receiver: Receiver, shape: Shape) -> None:
    receiver.script = [Reply(200, body=b"ok")] if shape != "discord" else [Reply(204, body=b"")]
    webhook(receiver, shape=shape).deliver(an_item(), lambda: None)
    body = receiver.requests[0].body
    found = {
        "slack": lambda: body["text"],
        "mattermost": lambda: body["text"],
        "discord": lambda: body["content"],
        "teams": lambda: body["attachments"][0]["content"]["body"][0]["text"],
    }[shape]()
    assert found == "It is signed."


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001])
def test_a_text_that_the_channel_would_cut_is_refused_whole(receiver: Receiver, text: str) -> None:
    with pytest.raises(RejectedError, match="characters"):
        webhook(receiver, shape="discord").deliver(an_item(text=text), pytest.fail)
    assert receiver.requests == []


@pytest.mark.parametrize("url", ["", "ops", "ftp://x/y", "http://", "http://[::1", "http://a b/", "http://x:99999/"])
def test_an_address_that_is_not_one(url: str) -> None:
    with pytest.raises(NotConfiguredError, match="is not one"):
        Webhook("ops", url)


@pytest.mark.parametrize(
    ("kind", "url", "api"),
    [
        ("github", "https://github.com/o/r", "https://api.github.com/repos/o/r/issues"),
        ("github", "https://github.com/o/r/issues", "https://api.github.com/repos/o/r/issues"),
        ("github", "https://github.com/o/r.git", "https://api.github.com/repos/o/r/issues"),
        ("github", "https://api.github.com/repos/o/r", "https://api.github.com/repos/o/r/issues"),
        ("github", "https://git.firm.example/o/r", "https://git.firm.example/api/v3/repos/o/r/issues"),
        ("gitlab", "https://gitlab.com/g/s/p", "https://gitlab.com/api/v4/projects/g%2Fs%2Fp/issues"),
        ("gitlab", "https://gitlab.com/g/p/-/issues", "https://gitlab.com/api/v4/projects/g%2Fp/issues"),
        ("gitlab", "https://x/api/v4/projects/7/issues", "https://x/api/v4/projects/7/issues"),
        ("http", "http://127.0.0.1:1/issues", "http://127.0.0.1:1/issues"),
    ],
)
def test_where_issues_go(kind: str, url: str, api: str) -> None:
    assert issues_url(kind, url) == api  # type: ignore[arg-type]


def test_trackers_speak_their_own_language(receiver: Receiver) -> None:
    item = an_item(body="Body")
    made = {"number": 12, "iid": 12, "html_url": "http://x/12"}
    receiver.script = [Reply(201, body=made)] * 3
    receipts = [
        Tracker("web", kind, f"{receiver.url}/o/r", secret="t0ken", limits=LIMITS).deliver(item, lambda: None)  # type: ignore[arg-type]
        for kind in ("github", "gitlab", "http")
    ]
    github, gitlab, plain = receiver.requests
    assert github.path == "/api/v3/repos/o/r/issues"
    assert github.headers["Authorization"] == "Bearer t0ken"
    assert github.body["body"] == f"Body\n\n<!-- carryon:{item.id} -->"
    assert gitlab.path == "/api/v4/projects/o%2Fr/issues"
    assert gitlab.headers["PRIVATE-TOKEN"] == "t0ken"
    assert gitlab.body["description"].startswith("Body")
    assert plain.body == {"title": "The contract", "body": "Body", "project": "web", "id": item.id}
    assert [receipt.reference for receipt in receipts] == ["12"] * 3
    assert receipts[0].url == "http://x/12"


@pytest.mark.parametrize(
    ("location", "link"),
    [
        ("/o/r/7", "{url}/o/r/7"), ("{url}/o/r/7", "{url}/o/r/7"), ("7", "{url}/7"), ("", ""),
        ("https://elsewhere.example/7", ""), ("javascript:alert(1)", ""), ("//elsewhere.example/7", ""),
        ("/" + "x" * 600, ""), ("http://[7", ""), ("/a b", ""),
    ],
)  # fmt: skip
def test_where_only_the_header_names_what_was_made_it_is_the_link(receiver: Receiver, location: str, link: str) -> None:
    receiver.script = [Reply(201, headers={"Location": location.format(url=receiver.url)} if location else {})]
    receipt = Tracker("web", "http", f"{receiver.url}/issues", limits=LIMITS).deliver(an_item(), lambda: None)
    assert receipt.url == link.format(url=receiver.url)


def test_a_link_in_the_answer_counts_before_the_header(receiver: Receiver) -> None:
    receiver.script = [Reply(201, headers={"Location": "/o/r/7"}, body={"id": 7, "url": "http://x/7"})]
    receipt = Tracker("web", "http", f"{receiver.url}/issues", limits=LIMITS).deliver(an_item(), lambda: None)
    assert receipt.url == "http://x/7"


@pytest.mark.parametrize("payload", [{"title": ""}, {"title": "x" * 251}, {"title": "a\nb"}, {"body": "x" * 60_001}])
def test_an_issue_that_is_none_is_refused_before_anything_is_sent(receiver: Receiver, payload: dict[str, str]) -> None:
    with pytest.raises(RejectedError):
        Tracker("web", "http", receiver.url).deliver(an_item(**payload), pytest.fail)


def test_in_doubt_a_tracker_that_cannot_be_read_leaves_the_doubt(receiver: Receiver) -> None:
    tracker = Tracker("web", "github", f"{receiver.url}/o/r", limits=LIMITS)
    receiver.listing = {"message": "moved"}
    with pytest.raises(UncertainError):
        tracker.find(an_item())
    receiver.listing = [{"number": 1, "body": None}] * 100
    with pytest.raises(UncertainError, match="Too many"):
        tracker.find(an_item())
    with pytest.raises(UnreachableError):
        Tracker("web", "github", "http://127.0.0.1:1/o/r", limits=LIMITS).find(an_item())


def test_tls_is_checked_and_a_firms_own_authority_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(tls=self_signed(tmp_path / "both.pem")) as receiver:
        http._certificates.cache_clear()
        with pytest.raises(UnreachableError, match="certificate"):
            webhook(receiver).deliver(an_item(), pytest.fail)
        http._certificates.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "both.pem"))
        assert webhook(receiver).deliver(an_item(), lambda: None)
        receiver.script = [Reply(cut="dribble")]
        with pytest.raises(UncertainError, match="too long"):
            webhook(receiver, limits=Limits(1, 1, 0.6)).deliver(an_item(), lambda: None)
        http._certificates.cache_clear()


def test_far_places_are_reached_by_the_systems_proxy_and_a_portal_is_not_taken_for_them(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", receiver.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    far = Webhook("ops", "http://chat.example.org/hook", limits=LIMITS)
    assert not far.loopback
    far.deliver(an_item(), lambda: None)
    assert receiver.requests[0].path == "http://chat.example.org/hook"
    WAYS.forget()
    receiver.listing = lambda _: Reply(302, {"Location": "http://hotel.example/login"})
    with pytest.raises(RetryableError, match=r"sent us on to hotel\.example"):
        far.deliver(an_item(), pytest.fail)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True),
        ("LOCALHOST.", True), ("x.localhost", True), ("::ffff:127.0.0.1", True), ("128.0.0.1", False),
        ("localhost.example.org", False), ("example.org", False), ("0.0.0.0", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_on_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) == here


def test_the_deadline_strikes_sockets_that_come_too_late() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0.01) as deadline:
        deadline.guard(ours)
        assert theirs.recv(1) == b""
        assert deadline.passed
        late, peer = socket.socketpair()
        with late, peer:
            deadline.guard(late)
            assert peer.recv(1) == b""


@pytest.mark.parametrize(
    "transport", [Webhook("w", "http://127.0.0.1:1"), Smtp(SmtpAccount("a", "h", 1, "tls", "a@b.org"))]
)
def test_what_cannot_be_asked_is_never_asked(transport: Transport) -> None:
    with pytest.raises(NotImplementedError):
        transport.find(an_item())
