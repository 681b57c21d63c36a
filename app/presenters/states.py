"""How each state of a call or of an outbox item is said, coloured, and what the user may do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.protocol.records import CallStatus


@dataclass(frozen=True, slots=True)
class Action:
    """A button: `name` is what the presenter is told, `kind` one of primary, quiet, danger."""

    name: str
    label: str
    kind: str = "quiet"


@dataclass(frozen=True, slots=True)
class StateFace:
    words: str
    tone: str  # good, wait, info, bad, muted
    icon: str
    actions: tuple[Action, ...] = ()


APPROVE = Action("approve", "Approve", "primary")
EDIT = Action("edit", "Edit…")
CANCEL = Action("cancel", "Cancel", "danger")
RETRY = Action("retry", "Try again", "primary")
RETRY_NOW = Action("retry_now", "Send now all the same")
TRY_NOW = Action("flush", "Try now")
MAIL_PROGRAM = Action("mail_program", "Use my mail program")
ACCEPT = Action("accept", "Accept", "primary")
DECLINE = Action("decline", "Decline")
OPEN = Action("open", "Open")
SHOW = Action("show", "Details")
SIGN_IN = Action("sign_in", "Sign in", "primary")
WAS_DELIVERED = Action("resolve_delivered", "It arrived", "primary")
SEND_AGAIN = Action("resolve_retry", "Send again")
LET_GO = Action("resolve_cancel", "Let it go", "danger")
HAPPENED = Action("call_happened", "It happened", "primary")
DO_AGAIN = Action("call_again", "Do it again")
NOT_HAPPENED = Action("call_not_happened", "It did not happen")
ALL_THE_SAME = Action("resolve_send", "Send it all the same", "primary")
FREE = Action("free", "Send without waiting")

ITEM_STATES: Mapping[str, StateFace] = {
    "waiting_approval": StateFace("Waiting for your approval", "wait", "clock", (APPROVE, EDIT, CANCEL)),
    "queued": StateFace("Queued until online", "info", "outbox", (EDIT, CANCEL)),
    "sending": StateFace("Sending…", "info", "outbox"),
    "delivered": StateFace("Delivered", "good", "check"),
    "failed": StateFace("Not delivered yet, will try again", "wait", "warning", (RETRY, EDIT, CANCEL)),
    "rejected": StateFace("Not accepted", "bad", "warning", (EDIT, RETRY, CANCEL)),
    "unknown": StateFace("May have arrived: you decide", "wait", "help", (WAS_DELIVERED, SEND_AGAIN, LET_GO)),
    "conflict": StateFace("Something changed: you decide", "wait", "warning", (ALL_THE_SAME, EDIT, CANCEL)),
    "expired": StateFace("Too old, held back", "muted", "clock", (RETRY, CANCEL)),
    "cancelled": StateFace("Cancelled", "muted", "close"),
}

CALL_STATES: Mapping[CallStatus, StateFace] = {
    CallStatus.DONE: StateFace("Done", "good", "check"),
    CallStatus.BEGUN: StateFace("Under way…", "info", "outbox"),
    CallStatus.UNKNOWN: StateFace("May have happened: you decide", "wait", "help", (HAPPENED, DO_AGAIN, NOT_HAPPENED)),
    CallStatus.PROPOSED: StateFace("Your decision", "wait", "settings", (ACCEPT, DECLINE)),
    CallStatus.QUEUED: StateFace("Queued until online", "info", "outbox"),
    CallStatus.WAITING: StateFace("Waiting for your approval", "wait", "clock"),
    CallStatus.REFUSED: StateFace("Not done", "muted", "close"),
    CallStatus.FAILED: StateFace("Failed", "bad", "warning"),
    CallStatus.UNDONE: StateFace("Taken back", "muted", "reset"),
}

QUESTION = StateFace("A question for you", "wait", "help")
ANSWERED = StateFace("Answered", "muted", "check")

# How the Outbox view groups the states, most urgent first.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Needs you", ("waiting_approval", "unknown", "conflict", "rejected")),
    ("On its way", ("sending", "queued", "failed")),
    ("Delivered", ("delivered",)),
    ("Put aside", ("expired", "cancelled")),
)
SENDING_TOOLS = (
    "email.send",
    "message.post",
    "issue.create",
    "web.fetch",
    "file.upload",
    "repository.push",
    "calendar.add",
)
WAITING_STATES = ("waiting_approval", "queued", "sending", "failed", "unknown", "conflict")

WHAT_TO_DO: Mapping[str, str] = {
    "waiting_approval": "Nothing leaves this machine before you approve it.",
    "queued": "It goes out by itself, once, when the connection is back.",
    "sending": "The destination has been asked; its answer is awaited.",
    "delivered": "The destination confirmed it.",
    "failed": "Carryon tries again by itself. You may also try now, change it, or cancel it.",
    "rejected": "The destination said no. Change what is wrong and try again, or cancel it.",
    "unknown": "The connection broke before the answer came. Look at the destination, then say what is true.",
    "conflict": "The world changed since you decided. Nothing was sent: compare both sides, then decide.",
    "expired": "It became too old to be sent without asking. Try again if it still holds.",
    "cancelled": "It will not be sent.",
}

LEFT_ALONE = "Its destination asked to be left alone for a while. It goes by itself when that is over."


def item_face(state: str) -> StateFace:
    return ITEM_STATES.get(state) or StateFace(state, "muted", "info")
