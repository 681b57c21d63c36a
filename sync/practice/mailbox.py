"""The practice mailbox: a real SMTP server on loopback that keeps what it gets and passes nothing on."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from sync.practice.store import PracticeStore

if TYPE_CHECKING:
    from aiosmtpd.controller import Controller

MESSAGE_BYTES_MAX = 5_000_000
READY_S = 10.0


def open_mailbox(store: PracticeStore) -> "Controller":
    """A running server on a free port of 127.0.0.1; `port` says which, `stop()` ends it."""
    from aiosmtpd.controller import Controller

    class Mailbox(Controller):
        """Port 0 is a wish for any free port; which one it became is known once the server stands."""

        def _trigger_server(self) -> None:
            assert isinstance(self.server, asyncio.Server)
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()  # type: ignore[no-untyped-call]

    mailbox = Mailbox(
        _Keeper(store), hostname="127.0.0.1", port=0, ready_timeout=READY_S, data_size_limit=MESSAGE_BYTES_MAX,
        enable_SMTPUTF8=True, server_hostname="localhost", ident="Carryon practice mailbox",
    )  # fmt: skip
    mailbox.start()
    return mailbox


class _Keeper:
    def __init__(self, store: PracticeStore) -> None:
        self._store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name for it
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        key = str(message.get("Message-ID", "")).strip()
        if not key:
            return "550 5.6.0 A message needs a Message-ID here"
        body = message.get_body(("plain", "html"))
        text = str(body.get_content() if body else "") + "".join(map(_told, message.iter_attachments()))
        number, new = self._store.receive(
            key, "email", ", ".join(envelope.rcpt_tos), str(message.get("Subject", "")), text.replace("\r\n", "\n")
        )
        return f"250 2.0.0 Kept as {number}" if new else f"250 2.0.0 Kept already as {number}"


def _told(part: Any) -> str:
    """What came along, named: the practice mailbox keeps words only."""
    content = part.get_payload(decode=True) or b""
    return f"\n[attached: {part.get_filename() or 'a file'}, {len(content)} bytes]"
