"""What the practice destinations received, as lines to read."""

from dataclasses import dataclass

from agent.protocol.records import PracticeMessage
from app.presenters.wording import one_line, when

ICONS = {"email": "mail", "message": "channel", "issue": "issue"}


@dataclass(frozen=True, slots=True)
class PracticeRow:
    id: str
    icon: str
    title: str
    about: str
    body: str


def practice_row(message: PracticeMessage, now_ms: int) -> PracticeRow:
    return PracticeRow(
        id=message.id,
        icon=ICONS.get(message.kind, "mail"),
        title=one_line(message.subject or message.body) or "Without a subject",
        about=f"to {message.to} · {when(message.received_at, now_ms)}",
        body=message.body,
    )
