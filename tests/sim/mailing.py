"""A real mail server on loopback that follows a script of faults and counts what it accepted."""

import email
import email.policy
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.any_port import AnyPort


class MailServer:
    """`script` holds the fault of each next message: none, put_off, reject, lose_request, lose_answer; or of an earlier
    stage: refuse_sender, refuse_recipient, hang_up. `context`: offers STARTTLS, or speaks TLS from the start where
    `implicit`."""

    def __init__(
        self, *, dedupes: bool = False, context: ssl.SSLContext | None = None, implicit: bool = False,
        password: str | None = None,
    ) -> None:  # fmt: skip
        self.script: list[str] = []
        self.kept: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.envelopes: list[Any] = []
        self.logins: list[str] = []
        self.dedupes = dedupes
        self._password = password
        mail = self

        class Server(AnyPort):
            def session(self) -> SMTP:
                options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
                if password:
                    options |= {"authenticator": mail.check, "auth_required": not implicit}
                    options["auth_require_tls"] = not implicit
                if context and not implicit:
                    options |= {"tls_context": context, "require_starttls": True}
                return SMTP(mail, **options)

        self._server = Server(self, ssl_context=context if implicit else None)

    @property
    def port(self) -> int:
        return int(self._server.port)

    def __enter__(self) -> "MailServer":
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self._password, handled=False)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.script[:1] == ["refuse_sender"]:
            self.script.pop(0)
            return "451 4.7.1 Greylisted"
        if self.script[:1] == ["hang_up"]:
            self.script.pop(0)
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.script[:1] == ["refuse_recipient"] and address.startswith("nobody"):
            self.script.pop(0)
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        fault = self.script.pop(0) if self.script else "none"
        if fault == "put_off":
            return "452 4.3.1 Mailbox busy"
        if fault == "reject":
            return "554 5.7.1 Not wanted"
        if fault != "lose_request":
            self._keep(envelope)
        if fault in ("lose_request", "lose_answer"):
            server.transport.abort()
        return "250 2.0.0 Accepted"

    def _keep(self, envelope: Any) -> None:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        if self.dedupes and any(known["Message-ID"] == message["Message-ID"] for known in self.kept):
            return
        self.kept.append(message)
        self.raw.append(envelope.content)
        self.envelopes.append(envelope)
