"""The practice mailbox, channel and tracker: real servers, one file, no trace afterwards."""

import http.client
import json
import smtplib
import stat
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.practice import PracticeServer
from sync.practice import store as practice_store
from sync.transports.port import Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webhook import Webhook
from tests.sim.profiles import HandClock
from tests.unit.sync.items import an_item


@pytest.fixture
def practice(tmp_path: Path, clock: HandClock) -> Iterator[PracticeServer]:
    with PracticeServer(tmp_path / "data" / "practice.db", clock) as running:
        yield running


def transports(practice: PracticeServer) -> dict[str, Transport]:
    return {
        "email": Smtp(SmtpAccount("practice", "127.0.0.1", practice.smtp_port, "none", "me@example.org"), mode="key"),
        "message": Webhook("ops", f"{practice.http_url}/channels/ops%20team", mode="key"),
        "issue": Tracker("web", "http", f"{practice.http_url}/issues", mode="key"),
    }


def test_each_keeps_what_it_gets_once(practice: PracticeServer, clock: HandClock) -> None:
    for transport in transports(practice).values():
        item = an_item(text="Grüße 🎉", body="Grüße\n.\n🎉")
        receipts = [transport.deliver(item, lambda: None) for _ in range(2)]
        assert receipts[0].reference == receipts[1].reference
        clock.turn(1)
    issue, message, mail = practice.delivered()
    assert (mail.kind, mail.to, mail.subject, mail.body) == (
        "email",
        "dana@example.org",
        "The contract",
        "Grüße\n.\n🎉\n",
    )
    assert (message.kind, message.to, message.body) == ("message", "ops team", "Grüße 🎉")
    assert (issue.kind, issue.to, issue.subject, issue.body) == ("issue", "web", "The contract", "Grüße\n.\n🎉")
    assert issue.received_at - mail.received_at == 2_000
    assert practice.delivered(limit=1) == [issue]


def test_it_is_private_and_leaves_no_trace(practice: PracticeServer, tmp_path: Path) -> None:
    for transport in transports(practice).values():
        transport.deliver(an_item(text="a secret wish", body="a secret wish"), lambda: None)
    file = tmp_path / "data" / "practice.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert b"a secret wish" in file.read_bytes()
    practice.erase()
    assert list(file.parent.iterdir()) == []
    assert practice.delivered() == []
    assert list(file.parent.iterdir()) == [], "looking does not bring it back"


def test_what_was_received_outlives_the_servers(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    with PracticeServer(path) as practice:
        transports(practice)["message"].deliver(an_item(), lambda: None)
        ports = (practice.smtp_port, practice.http_url)
    assert len(PracticeServer(path).delivered()) == 1
    with pytest.raises(SyncError, match="Turn them on"):
        _ = practice.smtp_port
    for port in (ports[0], urllib.parse.urlsplit(str(ports[1])).port):
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()


def post(url: str, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(url).port, timeout=5)
    connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_an_issue_has_a_link_that_tells_nothing_of_it(practice: PracticeServer) -> None:
    receipt = transports(practice)["issue"].deliver(an_item(title="a secret wish"), lambda: None)
    parts = urllib.parse.urlsplit(receipt.url)
    assert urllib.parse.urlsplit(practice.http_url).path.strip("/") not in receipt.url, "the random word stays here"
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0, timeout=5)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    assert (answer.status, b"secret" in answer.read()) == (200, False)
    connection.request("GET", "/elsewhere")
    assert connection.getresponse().status == 404
    connection.close()


def test_strangers_and_nonsense_are_turned_away(practice: PracticeServer) -> None:
    url = practice.http_url
    inside = urllib.parse.urlsplit(url).path
    key = {"Idempotency_Key": "k"}
    assert post(url, "/channels/ops", b"{}", **key)[0] == 404
    assert post(url, f"{inside}/elsewhere", b"{}", **key)[0] == 404
    assert post(url, f"{inside}/issues", b"not json", **key)[0] == 400
    assert post(url, f"{inside}/issues", b"[]", **key)[0] == 400
    assert post(url, f"{inside}/issues", b"{}")[0] == 400
    assert post(url, f"{inside}/issues", b"{}", Content_Length="9999999", **key)[0] == 413
    assert practice.delivered() == []


def test_it_keeps_a_bounded_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_store, "MESSAGES_MAX", 3)
    monkeypatch.setattr(practice_store, "TEXT_CHARACTERS_MAX", 10)
    store = practice_store.PracticeStore(tmp_path / "practice.db", lambda: 0.0)
    for n in range(5):
        store.receive(str(n), "message", "ops", "", "x" * 100)
    assert [kept.key for kept in store.newest(100)] == ["4", "3", "2"]
    assert store.newest(1)[0].body == "x" * 10


def test_a_mail_without_a_message_id_is_refused(practice: PracticeServer) -> None:
    with smtplib.SMTP("127.0.0.1", practice.smtp_port, timeout=5) as server, pytest.raises(smtplib.SMTPDataError):
        server.sendmail("me@example.org", ["you@example.org"], "Subject: x\r\n\r\nx")
    assert practice.delivered() == []


def test_the_address_of_all_channels_keeps_which_one_was_meant(practice: PracticeServer) -> None:
    transport = Webhook("practice", f"{practice.http_url}/channels/practice", mode="key")
    transport.deliver(an_item(text="hello", channel="ops"), lambda: None)
    transport.deliver(an_item(text="hello", channel=""), lambda: None)
    assert {message.to for message in practice.delivered()} == {"ops", "practice"}
