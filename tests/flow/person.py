"""Words for the journeys: a mail server that takes what comes, and what the `carryon` command said."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Post:
    """What a mail server took."""

    letters: list[Message] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.letters.append(message_from_bytes(envelope.content or b""))
        return "250 taken"


@dataclass
class Mailbox:
    post: Post
    port: int

    @property
    def letters(self) -> list[Message]:
        return self.post.letters


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Carryon = Callable[..., Said]
