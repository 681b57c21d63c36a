"""Whether a mail is among what was sent, asked of the mailbox (RFC 9051) by its Message-ID.

Absence is an answer only where the provider itself files what goes through it, and keeps the Message-ID; an account
says so by naming the folder. The mailbox is opened for reading; nothing in it changes.
"""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync.transports import attempt
from sync.transports.deadline import Deadline
from sync.transports.mail_dialling import Mailbox, Way
from sync.transports.outcomes import DeliveryError, NotConfiguredError, RetryableError, UnreachableError
from sync.transports.places import is_loopback
from sync.transports.port import Limits

AUTO = "auto"
FOLDERS_MAX = 2_000
_MESSAGE_ID = re.compile(r"<[\w.+@-]{3,300}>")
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?P<name>.+)')


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """`security`: tls, starttls or none; `secret`: the password, already resolved; `folder`: its name, or auto for the
    one that the mailbox marks as the sent one (RFC 6154)."""

    name: str
    host: str
    port: int
    security: str
    user: str
    secret: str | None = field(default=None, repr=False)
    folder: str = AUTO


class ImapSent:
    def __init__(
        self, account: ImapAccount, *, limits: Limits | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        if account.security == "none" and not is_loopback(account.host):
            raise NotConfiguredError(
                "The password would travel in the open.", f"~/.agentrc, accounts.{account.name}",
                'Set imap_security = "tls" or "starttls".',
            )  # fmt: skip
        self._account = account
        self._limits = limits or Limits()
        self._context = context

    def holds(self, message_id: str) -> bool:
        """Raises UnreachableError, RetryableError, NotConfiguredError."""
        if not _MESSAGE_ID.fullmatch(message_id):
            raise RetryableError(f"{message_id[:80]!r} cannot be asked for.", self._account.name)
        account, late = self._account, Deadline(self._limits.total_s)
        try:
            with late, self._signed_in(late) as mailbox:
                return self._search(mailbox, message_id)
        except DeliveryError:
            raise
        except (imaplib.IMAP4.abort, OSError) as error:
            why = late.why if late.passed or isinstance(error, TimeoutError) else str(error)
            raise UnreachableError(
                f"The mailbox {account.host}:{account.port} could not be reached: {why}.",
                f"~/.agentrc, accounts.{account.name}", "It is tried again.",
            ) from error  # fmt: skip
        except imaplib.IMAP4.error as error:
            raise RetryableError(
                f"The mailbox {account.host} could not say whether it was sent: {str(error)[:200]}.",
                f"~/.agentrc, accounts.{account.name}", "Check user and secret of the account.",
            ) from error  # fmt: skip

    @contextlib.contextmanager
    def _signed_in(self, deadline: Deadline) -> Iterator[imaplib.IMAP4]:
        account = self._account
        limits = self._limits.before_offer(attempt.current().rung)
        context = self._context or ssl.create_default_context()
        way = Way(account.host, limits, deadline)
        mailbox: imaplib.IMAP4 = Mailbox(way, account.port, context if account.security == "tls" else None)
        try:
            self._guard(mailbox, deadline)
            if account.security == "starttls":
                mailbox.starttls(ssl_context=context)
                self._guard(mailbox, deadline)
            mailbox.login(account.user, account.secret or "")
            yield mailbox
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                mailbox.logout()

    def _guard(self, mailbox: imaplib.IMAP4, deadline: Deadline) -> None:
        mailbox.sock.settimeout(self._limits.read_s)
        deadline.guard(mailbox.sock)

    def _search(self, mailbox: imaplib.IMAP4, message_id: str) -> bool:
        folder = self._folder(mailbox)
        status, said = mailbox.select(_quoted(folder), readonly=True)
        if status != "OK":
            raise self._no_folder(folder, said)
        status, found = mailbox.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
        if status != "OK":
            raise RetryableError(f"The mailbox {self._account.host} could not be searched.", self._account.name)
        return any(part and part.split() for part in found if isinstance(part, bytes))

    def _folder(self, mailbox: imaplib.IMAP4) -> str:
        if self._account.folder != AUTO:
            return self._account.folder
        _, rows = mailbox.list()
        for row in rows[:FOLDERS_MAX]:
            listed = _LISTED.fullmatch(row) if isinstance(row, bytes) else None
            if listed and rb"\sent" in listed["flags"].lower().split():
                return listed["name"].strip().removeprefix(b'"').removesuffix(b'"').decode("ascii", "replace")
        raise self._no_folder("auto", rows)

    def _no_folder(self, folder: str, said: object) -> NotConfiguredError:
        return NotConfiguredError(
            f"The mailbox {self._account.host} has no such folder ({folder}).",
            f"~/.agentrc, accounts.{self._account.name}.imap_sent", "Write the folder's name as the mailbox has it.",
        )  # fmt: skip


def _quoted(folder: str) -> str:
    """A quoted string; names in other scripts are written as the mailbox lists them (modified UTF-7)."""
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
