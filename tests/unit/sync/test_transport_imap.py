"""What was sent, asked of a real mailbox: by Message-ID, in the folder that the provider files it in."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sync.transports.imap import ImapAccount, ImapSent
from sync.transports.outcomes import NotConfiguredError, RetryableError, UncertainError, UnreachableError
from sync.transports.port import Limits
from sync.transports.smtp import Smtp, SmtpAccount, message_id
from tests.sim.mailbox import SECRET, USER, mailbox, put_in
from tests.sim.mailing import MailServer
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)
SENDER = "me@example.org"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mailbox(tmp_path_factory.mktemp("imap") / "log") as port:
        yield port


def sent(port: int, folder: str = "Sent", secret: str = SECRET) -> ImapSent:
    return ImapSent(ImapAccount("work", "127.0.0.1", port, "none", USER, secret, folder), limits=LIMITS)


def file_in(port: int, key: str, folder: str = "Sent") -> None:
    text = f"From: {SENDER}\r\nMessage-ID: {message_id(key, SENDER)}\r\nSubject: x\r\n\r\nBody\r\n"
    put_in(port, text.encode(), folder)


def smtp(port: int, folder: ImapSent) -> Smtp:
    return Smtp(SmtpAccount("work", "127.0.0.1", port, "none", SENDER), limits=LIMITS, sent=folder)


def test_a_mail_in_doubt_is_found_where_it_was_sent(box: int) -> None:
    item = an_item()
    with MailServer() as server:
        server.script = ["lose_answer"]
        one = smtp(server.port, sent(box))
        assert one.mode == "query"
        with pytest.raises(UncertainError):
            one.deliver(item, lambda: None)
        assert one.find(item) is None
        file_in(box, item.id)
        found = one.find(item)
        assert found
        assert found.reference == message_id(item.id, SENDER)
        assert one.find(an_item()) is None


def test_a_folder_by_its_name_and_one_that_is_not_there(box: int) -> None:
    item = an_item()
    file_in(box, item.id, "Gone out")
    assert sent(box, "Gone out").holds(message_id(item.id, SENDER))
    assert not sent(box).holds(message_id(item.id, SENDER))
    with pytest.raises(NotConfiguredError, match=r"no such folder \(Away\)"):
        sent(box, "Away").holds(message_id(item.id, SENDER))


def test_a_wrong_password_says_nothing_about_the_mail(box: int) -> None:
    with pytest.raises(RetryableError, match="could not say") as caught:
        sent(box, secret="wr0ng").holds(message_id("k", SENDER))
    assert "wr0ng" not in str(caught.value)


def test_a_mailbox_that_is_not_there() -> None:
    with pytest.raises(UnreachableError, match="could not be reached"):
        sent(1).holds(message_id("k", SENDER))


@pytest.mark.parametrize("said", [b"* BYE busy\r\n", b"nonsense\r\n" * 3, b""])
def test_a_mailbox_that_talks_nonsense_or_nothing_ends_in_a_bounded_time(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        box = sent(listening.getsockname()[1])
        release = threading.Event()

        def serve() -> None:
            caller, _ = listening.accept()
            with caller:
                caller.sendall(said)
                release.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        began = time.monotonic()
        try:
            with pytest.raises((UnreachableError, RetryableError)):
                box.holds(message_id("k", SENDER))
            assert time.monotonic() - began < 8
        finally:
            release.set()
            thread.join()


@pytest.mark.parametrize(
    "flood", [b"* 1 EXISTS\r\n" * 1_000, b'* LIST () "/" {2000000000}\r\n' + b"x" * 1_000, b"\r\n" * 1_000]
)
def test_a_mailbox_that_floods_is_left_before_it_fills_the_memory(flood: bytes) -> None:
    sent_bytes = 0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        box = ImapSent(
            ImapAccount("work", "127.0.0.1", listening.getsockname()[1], "none", "u", "p"),
            limits=Limits(connect_s=2, read_s=2, total_s=30),
        )

        def serve() -> None:
            nonlocal sent_bytes
            caller, _ = listening.accept()
            with caller, contextlib.suppress(OSError):
                caller.sendall(b"* OK hello\r\n* 1 EXISTS\r\n")
                while sent_bytes < 300_000_000:
                    caller.sendall(flood)
                    sent_bytes += len(flood)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises((UnreachableError, RetryableError)):
            box.holds(message_id("k", SENDER))
        thread.join()
    assert sent_bytes < 100_000_000


def test_nothing_but_a_message_id_is_asked_for_and_no_password_travels_in_the_open(box: int) -> None:
    with pytest.raises(RetryableError, match="cannot be asked for"):
        sent(box).holds('<x@y>" OR ALL "')
    with pytest.raises(NotConfiguredError, match="in the open"):
        ImapSent(ImapAccount("work", "imap.example.org", 143, "none", "me", "pw"))


LISTED = {
    b'* LIST (\\HasNoChildren \\Sent) "/" "Gesendet"': "Gesendet",
    b"* LIST (\\Sent) NIL Sent": "Sent",
    b'* LIST (\\HasNoChildren) "/" "INBOX"': "",
}


@pytest.mark.parametrize(("row", "folder"), list(LISTED.items()))
def test_the_folder_that_the_mailbox_marks_is_found(row: bytes, folder: str) -> None:
    class Box:
        def list(self) -> tuple[str, list[bytes]]:
            return "OK", [row.removeprefix(b"* LIST ")]

    box = ImapSent(ImapAccount("work", "127.0.0.1", 1, "none", "me"))
    if folder:
        assert box._folder(Box()) == folder  # type: ignore[arg-type]
    else:
        with pytest.raises(NotConfiguredError):
            box._folder(Box())  # type: ignore[arg-type]
