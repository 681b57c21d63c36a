"""E-mail over SMTP, stage by stage, because what a failure means depends on how far it came.

Up to the answer to DATA nothing can have been sent; from the first byte of the text to the server's last answer it may
have been; then the server's own code decides. The Message-ID is made of the key, so a mailbox that deduplicates by it
shows one message; few servers promise that, so the mode is "none" unless the account says otherwise.
"""

import contextlib
import email.utils
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Literal, Protocol

from sync.addresses import checked_address, checked_header, checked_recipients
from sync.errors import InvalidIntentError
from sync.item import Item
from sync.transports import attempt, mail_dialling, portal
from sync.transports.attached import File, NoShelf, Shelf, files
from sync.transports.attempt import Stage
from sync.transports.deadline import Deadline
from sync.transports.outcomes import (
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Mode, Offer, Receipt

Security = Literal["none", "starttls", "tls"]
KEY_KEPT_S = 86_400.0
BODY_BYTES_MAX = 3_000_000
SLOWEST_BYTES_A_S = 400_000  # at which a large message must get through
LEASE_LEAVES_S = 100.0  # a delivery ends before its lease does


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """`secret`: the password, already resolved; without `user` there is no login. Security "none" with a login is
    refused unless the server is on this machine: the password would travel in the open."""

    name: str
    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    secret: str | None = field(default=None, repr=False)


class SentFolder(Protocol):
    """The folder in which the provider files what it sends (sync/transports/imap.py)."""

    def holds(self, message_id: str) -> bool: ...


class Smtp:
    def __init__(
        self, account: SmtpAccount, *, mode: Mode = "none", limits: Limits | None = None,
        context: ssl.SSLContext | None = None, shelf: Shelf | None = None, sent: "SentFolder | None" = None,
    ) -> None:  # fmt: skip
        """`sent`: where the provider files what it sends; a mail in doubt is looked for there."""
        self.name = account.name
        self.mode: Mode = "query" if sent and mode == "none" else mode
        self.key_kept_s = KEY_KEPT_S
        self.loopback = is_loopback(account.host)
        self._account = account
        self._limits = limits or Limits()
        self._context = context
        self._shelf = shelf or NoShelf()
        self._sent = sent
        _check(account, loopback=self.loopback)

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        message, recipients = self._compose(item, files(item, self._shelf))
        with Deadline(self._total_s(message)) as deadline, self._connected(deadline) as server:
            self._envelope(server, message, recipients)
            offer()
            return self._data(server, message)

    def find(self, item: Item) -> Receipt | None:
        if self._sent is None:
            raise NotImplementedError("a mail server cannot be asked")
        wanted = message_id(item.idempotency_key, self._account.sender)
        if not self._sent.holds(wanted):
            return None
        return Receipt(f"It is among what {self._account.host} has sent.", wanted)

    def _compose(self, item: Item, attached: tuple[File, ...]) -> tuple[EmailMessage, tuple[str, ...]]:
        payload = item.payload
        body = str(payload.get("body", ""))
        try:
            recipients = checked_recipients(payload.get("to", ""))
            subject = checked_header(str(payload.get("subject") or ""), "subject")
        except InvalidIntentError as error:
            raise RejectedError(error.what, error.where, error.todo) from error
        if len(body.encode()) > BODY_BYTES_MAX:
            raise RejectedError(f"The text is longer than {BODY_BYTES_MAX // 1_000_000} MB.", "e-mail", "Shorten it.")
        message = EmailMessage(policy=SMTPUTF8 if not all(name.isascii() for name in recipients) else SMTP)
        message["From"] = self._account.sender
        message["To"] = ", ".join(recipients)
        message["Subject"] = subject
        message["Date"] = email.utils.formatdate(item.created_at / 1_000)
        message["Message-ID"] = message_id(item.idempotency_key, self._account.sender)
        message.set_content(body, charset="utf-8")
        for file in attached:
            _attach(message, file)
        return message, recipients

    def _total_s(self, message: EmailMessage) -> float:
        """More time for what is attached, within the lease."""
        size = sum(len(part.get_payload() or "") for part in message.iter_attachments())
        return max(self._limits.total_s, min(LEASE_LEAVES_S, self._limits.total_s + size / SLOWEST_BYTES_A_S))

    @contextlib.contextmanager
    def _connected(self, deadline: Deadline) -> Iterator[smtplib.SMTP]:
        """A session up to the login; whatever fails in here is surely not sent."""
        account = self._account
        try:
            server = self._open(deadline)
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            if not self.loopback and (stranger := portal.stranger(error, account.host)):
                raise stranger from error
            why = deadline.why if deadline.passed or isinstance(error, TimeoutError) else _plain(error)
            raise UnreachableError(
                f"The mail server {account.host}:{account.port} could not be reached: {why}.",
                f"~/.agentrc, accounts.{account.name}",
                "It is tried again.",
            ) from error
        try:
            yield server
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.putcmd("quit")  # its answer is not waited for: the receipt should be on disk first
            server.close()

    def _open(self, deadline: Deadline) -> smtplib.SMTP:
        account = self._account
        limits = self._limits.before_offer(attempt.current().rung)
        context = self._context or ssl.create_default_context()
        way = mail_dialling.Way(account.host, limits, deadline)
        server = mail_dialling.greeted(way, account.port, context if account.security == "tls" else None)
        try:
            self._greet(server, deadline, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, deadline: Deadline, context: ssl.SSLContext) -> None:
        account = self._account
        read_s = self._limits.before_offer(attempt.current().rung).read_s
        _guard(server, deadline, read_s)
        self._stage(Stage.WAITING, read_s)
        server.ehlo_or_helo_if_needed()
        if account.security == "starttls":
            server.starttls(context=context)
            _guard(server, deadline, read_s)
            server.ehlo()
        self._stage(Stage.WAITING, read_s)
        if account.user:
            server.login(account.user, account.secret or "")

    def _stage(self, stage: Stage, within_s: float, tell_s: float = 0.0) -> None:
        attempt.current().stage(stage, self._account.host, within_s, max(tell_s, self._limits.tell_s))

    def _envelope(self, server: smtplib.SMTP, message: EmailMessage, recipients: tuple[str, ...]) -> None:
        """Sender and recipients, all or none: one that is refused stops the message for all."""
        utf8 = not all(name.isascii() for name in recipients)
        if utf8 and not server.has_extn("smtputf8"):
            raise RejectedError(
                f"{self._account.host} cannot send to addresses in other scripts.", self.name, "Use another address."
            )
        try:
            options = ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else []
            self._expect(*server.mail(checked_address(self._account.sender), options))
            for recipient in recipients:
                self._stage(Stage.WAITING, self._limits.read_s)
                self._expect(*server.rcpt(recipient), about=recipient)
            code, reply = server.docmd("DATA")
            if code != 354:
                raise self._refusal(code, reply)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise UnreachableError(
                f"The mail server {self._account.host} hung up before the message was sent: {_plain(error)}.",
                self.name, "It is tried again.",
            ) from error  # fmt: skip

    def _data(self, server: smtplib.SMTP, message: EmailMessage) -> Receipt:
        text = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
        text = text if text.endswith(b"\r\n") else text + b"\r\n"
        try:
            self._stage(Stage.SENDING, self._limits.total_s, len(text) / SLOWEST_BYTES_A_S)
            server.send(text + b".\r\n")
            self._stage(Stage.WAITING, self._limits.read_s)
            code, reply = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise UncertainError(
                f"The connection to {self._account.host} broke before it confirmed: {_plain(error)}.",
                self.name, "Look whether it arrived.",
            ) from error  # fmt: skip
        self._expect(code, reply)
        return Receipt(f"{self._account.host} accepted it: {code} {_said(reply)}", str(message["Message-ID"]))

    def _expect(self, code: int, reply: bytes, about: str = "") -> None:
        if code // 100 != 2:
            raise self._refusal(code, reply, about)

    def _refusal(self, code: int, reply: bytes | str, about: str = "") -> RetryableError | RejectedError:
        to = f" to {about}" if about else ""
        told = f"{self._account.host} answered{to}: {code} {_said(reply)}"
        if code // 100 == 5:
            hint = "Check user and secret of the account." if code in (530, 534, 535) else "Change it and try again."
            return RejectedError(told, self.name, hint)
        return RetryableError(told, self.name, "It is tried again.")


def _attach(message: EmailMessage, file: File) -> None:
    """As bytes, whatever they are: a server on the way may rewrite the line ends of what is declared as text."""
    kind, _, sub = file.media_type.partition("/")
    message.add_attachment(file.content, maintype=kind, subtype=sub, filename=file.name)


def message_id(key: str, sender: str) -> str:
    return f"<{key}@{sender.rpartition('@')[2]}>"


def _check(account: SmtpAccount, *, loopback: bool) -> None:
    where = f"~/.agentrc, accounts.{account.name}"
    try:
        checked_address(account.sender)
    except InvalidIntentError as error:
        raise NotConfiguredError(error.what, f"{where}.from", error.todo) from error
    if account.user and account.security == "none" and not loopback:
        raise NotConfiguredError(
            "The password would travel in the open.", where, 'Set security = "starttls" or "tls".'
        )  # fmt: skip
    if not account.host or not 0 < account.port < 65_536:
        raise NotConfiguredError("The account has no host or no port.", where, "Set host and port.")


def _guard(server: smtplib.SMTP, deadline: Deadline, read_s: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(read_s)
        deadline.guard(server.sock)


def _said(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:200]


def _plain(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
