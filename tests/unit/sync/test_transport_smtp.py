"""Mail, stage by stage, against a real server: TLS, login, recipients, what the text becomes."""

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from sync.transports.outcomes import (
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Limits
from sync.transports.smtp import Security, Smtp, SmtpAccount
from tests.sim.mailing import MailServer
from tests.unit.sync.certificates import self_signed
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)


def smtp(
    port: int, security: Security = "none", *, user: str | None = None, secret: str | None = None,
    context: ssl.SSLContext | None = None, limits: Limits = LIMITS,
) -> Smtp:  # fmt: skip
    account = SmtpAccount("work", "127.0.0.1", port, security, "me@example.org", user, secret)
    return Smtp(account, limits=limits, context=context)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and a client's that trusts it and nothing else."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    serving = self_signed(file)
    return serving, ssl.create_default_context(cafile=str(file))


def test_what_arrives_is_what_was_written(server: MailServer) -> None:
    body = "Grüße,\n\n.\n.. two dots\n" + "long " * 400 + "\nend"
    item = an_item(to="dana@example.org, Sam@Müller.example", subject="Vertrag – " + "ü" * 120, body=body)
    receipt = smtp(server.port).deliver(item, lambda: None)
    (message,) = server.kept
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == body
    assert message["Subject"] == "Vertrag – " + "ü" * 120
    assert message["To"] == "dana@example.org, Sam@xn--mller-kva.example"
    assert message["From"] == "me@example.org"
    assert message["Message-ID"] == f"<{item.id}@example.org>" == receipt.reference
    assert message["Date"].datetime.timestamp() == item.created_at / 1_000
    assert server.envelopes[0].rcpt_tos == ["dana@example.org", "Sam@xn--mller-kva.example"]
    assert all(len(line) <= 998 for line in server.raw[0].split(b"\r\n"))


def test_one_refused_recipient_stops_the_message_for_all(server: MailServer) -> None:
    server.script = ["refuse_recipient"]
    with pytest.raises(RejectedError, match=r"nobody@example.org: 550 5.1.1 No such mailbox"):
        smtp(server.port).deliver(an_item(to="dana@example.org, nobody@example.org"), pytest.fail)
    assert server.kept == []


@pytest.mark.parametrize(("fault", "error"), [("refuse_sender", RetryableError), ("hang_up", UnreachableError)])
def test_before_the_text_nothing_is_offered(server: MailServer, fault: str, error: type[Exception]) -> None:
    server.script = [fault]
    with pytest.raises(error):
        smtp(server.port).deliver(an_item(), pytest.fail)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"to": "dana"}, "the @ is missing"),
        ({"to": "dana@example.org\r\nBcc: all@example.org"}, "line break"),
        ({"to": ""}, "not an e-mail address"),
        ({"subject": "Hi\r\nBcc: all@example.org"}, "The subject holds a line break"),
        ({"subject": "x" * 1_000}, "longer than 900"),
        ({"body": "x" * 3_000_001}, "longer than 3 MB"),
    ],
)
def test_what_is_no_mail_is_refused_without_a_connection(payload: dict[str, str], words: str) -> None:
    with pytest.raises(RejectedError, match=words) as caught:
        smtp(1).deliver(an_item(**payload), pytest.fail)
    assert caught.value.todo or caught.value.where


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_with_login(certificate: tuple[ssl.SSLContext, ssl.SSLContext], implicit: bool) -> None:
    serving, trusting = certificate
    security: Security = "tls" if implicit else "starttls"
    with MailServer(context=serving, implicit=implicit, password="open") as server:
        smtp(server.port, security, user="me", secret="open", context=trusting).deliver(an_item(), lambda: None)
        assert len(server.kept) == 1
        assert server.logins == ["me"]
        with pytest.raises(RejectedError, match="535") as caught:
            smtp(server.port, security, user="me", secret="shut", context=trusting).deliver(an_item(), pytest.fail)
        assert "secret" in caught.value.todo
        assert "shut" not in str(caught.value)
        with pytest.raises(UnreachableError, match="certificate"):
            smtp(server.port, security, user="me", secret="open").deliver(an_item(), pytest.fail)


def test_a_server_without_tls_gets_nothing_where_tls_is_wanted(server: MailServer) -> None:
    with pytest.raises(UnreachableError, match="STARTTLS"):
        smtp(server.port, "starttls").deliver(an_item(), pytest.fail)
    assert server.kept == []


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (SmtpAccount("w", "mail.example.org", 25, "none", "me@example.org", "me", "pw"), "in the open"),
        (SmtpAccount("w", "127.0.0.1", 0, "none", "me@example.org"), "no port"),
        (SmtpAccount("w", "127.0.0.1", 25, "none", "me"), "the @ is missing"),
    ],
)
def test_an_account_that_cannot_work_says_so_before_anything_is_tried(account: SmtpAccount, words: str) -> None:
    with pytest.raises(NotConfiguredError, match=words) as caught:
        Smtp(account)
    assert "accounts.w" in caught.value.where
    assert "pw" not in repr(account)


@pytest.mark.parametrize(
    "silent_after", [b"", b"220 here\r\n", b"220 here\r\n250 hello\r\n250 ok\r\n250 ok\r\n354 go\r\n"]
)
def test_silence_ends_in_a_bounded_time(silent_after: bytes) -> None:
    """A server that stops talking, at three stages; the last one may have taken the message."""
    offers: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        talk = threading.Thread(target=_talk, args=(listening, silent_after))
        talk.start()
        transport = smtp(listening.getsockname()[1], limits=Limits(connect_s=0.3, read_s=0.3, total_s=0.6))
        with pytest.raises(UncertainError if b"354" in silent_after else UnreachableError):
            transport.deliver(an_item(), lambda: offers.append(1))
        assert offers == ([1] if b"354" in silent_after else [])
        talk.join(10)


def _talk(listening: socket.socket, words: bytes) -> None:
    """One line for each line that comes, then silence until the other side goes."""
    peer, _ = listening.accept()
    with peer:
        lines = words.splitlines(keepends=True)
        for n, line in enumerate(lines):
            peer.sendall(line)
            if n < len(lines) - 1 and not peer.recv(65_536):
                return
        while peer.recv(65_536):
            pass


def test_a_server_that_dribbles_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def dribble() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"220 here\r\n")
                try:
                    while not ended.wait(0.05):
                        peer.sendall(b"250-more\r\n")
                except OSError:
                    return

        talk = threading.Thread(target=dribble)
        talk.start()
        with pytest.raises(UnreachableError, match="too long"):
            smtp(listening.getsockname()[1], limits=Limits(1, 1, 0.5)).deliver(an_item(), pytest.fail)
        ended.set()
        talk.join(10)


def test_addresses_in_other_scripts_need_a_server_for_them(server: MailServer) -> None:
    smtp(server.port).deliver(an_item(to="jörg@example.org"), lambda: None)
    assert server.envelopes[0].rcpt_tos == ["jörg@example.org"]
