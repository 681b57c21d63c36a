"""A believable afternoon in recorded events: what the pictures show, and what tests look at. Names are invented.

The clock stands at Tuesday, 24 November 2026, 14:06 UTC, so that every picture comes out the same.
"""

from collections.abc import Iterator
from dataclasses import replace

from agent.protocol import events
from agent.protocol.events import Event, OptionShown
from agent.protocol.records import (
    AnswerLabel,
    Artifact,
    Call,
    CallStatus,
    Conversation,
    Message,
    Model,
    Outcome,
    PracticeMessage,
    ProductView,
    ResetPreview,
    Role,
    Version,
)
from app import demo_models, demo_outbox, demo_starts
from models.measured import Measured
from sync.item import Item
from sync.states import State

NOW = 1_795_529_160.0  # unix seconds
NOW_MS = int(NOW * 1000)
MINUTE = 60_000
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
STARTER_SHA = "86e6a082e33bd140f701aa05606fa658912cb6c8854285012fe6a25ecbbc753a"
THREAD = "demo-thread"


def clock() -> float:
    return NOW


def label(ms: float) -> AnswerLabel:
    return AnswerLabel("local", "starter", STARTER_SHA, "", "starter-1", "9c41d07be2", 0.97, ms * 0.8, ms)


def item(name: str, state: State, tool: str, args: dict[str, str], sentence: str, **changes: object) -> Item:
    """An outbox row as the store would give it."""
    made = Item(
        id=f"demo-{name}", seq=1, tool=tool, args=args, destination=DESTINATIONS[tool], payload=args, sentence=sentence,
        fingerprint="", state=state, needs_approval=state is State.WAITING_APPROVAL, approved_at=None,
        created_at=NOW_MS - 4 * MINUTE, updated_at=NOW_MS - 4 * MINUTE, expires_at=NOW_MS + 3 * DAY, attempts=0,
        offers=0, next_attempt_at=0, held_until=0, uncertain_since=None, mode="key", delivered_at=None, last_error=None,
        receipt=None, conversation_id=THREAD, turn_id=None, call_id=None, replaces=None,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


DESTINATIONS = {
    "email.send": "smtp:work",
    "message.post": "webhook:ops",
    "issue.create": "tracker:web",
    "web.fetch": "web:rates.example.org",
    "file.upload": "webdav:cloud",
}

OFFER_DIFF = """--- version 4
+++ version 5
@@ -7,5 +7,5 @@
 | Part | Days | Price |
-| Migration | 14 | 16,800 |
+| Migration | 12 | 14,400 |
 | Training | 2 | 2,400 |
"""
ITEMS: tuple[Item, ...] = (
    item("dana", State.WAITING_APPROVAL, "email.send",
         {"to": "dana@halden.example", "subject": "The contract is signed", "body": "Hello Dana,\n\nthe contract is "
          "signed. The countersigned copy follows on Friday, together with the invoice.\n\nBest,\nMira"},
         "E-mail Dana that the contract is signed"),
    item("ops", State.QUEUED, "message.post", {"channel": "#ops", "text": "Landing at 17:40, I will restart the import "
         "then."}, "Post to #ops", created_at=NOW_MS - 12 * MINUTE),
    item("issue", State.FAILED, "issue.create", {"project": "web", "title": "Checkout shows the wrong currency",
         "body": "Seen on the Swiss shop, basket above 1,000."}, "Open an issue in web", attempts=2,
         last_error="The tracker answered “try again later”.", next_attempt_at=NOW_MS + 6 * MINUTE,
         created_at=NOW_MS - 40 * MINUTE),
    item("sam", State.UNKNOWN, "email.send", {"to": "sam@halden.example", "subject": "Agenda for Thursday",
         "body": "Hi Sam, three points for Thursday…"}, "E-mail Sam", attempts=1, offers=1,
         uncertain_since=NOW_MS - 50 * MINUTE, mode="none", created_at=NOW_MS - HOUR,
         last_error="The connection broke after the text was handed over, before the answer came."),
    item("lena", State.DELIVERED, "email.send", {"to": "lena@halden.example", "subject": "Slides, second version",
         "body": "Dear Lena, here they are."}, "E-mail Lena", attempts=1, delivered_at=NOW_MS - 4 * MINUTE,
         receipt={"text": "accepted by mail.halden.example", "reference": "250 2.0.0 Ok: queued as 4F1D"},
         created_at=NOW_MS - 3 * HOUR),
    item("web", State.DELIVERED, "issue.create", {"project": "web", "title": "Footer links to the old terms"},
         "Open an issue in web", attempts=1, delivered_at=NOW_MS - 26 * HOUR, receipt={"url": "web#418"},
         created_at=NOW_MS - 27 * HOUR),
    item("late", State.EXPIRED, "message.post", {"channel": "#lunch", "text": "Pizza at noon?"}, "Post to #lunch",
         created_at=NOW_MS - 2 * DAY, expires_at=NOW_MS - DAY),
    item("offer", State.CONFLICT, "file.upload",
         {"title": "Offer Halden", "account": "cloud", "path": "Offers/halden.md"},
         "Put “Offer Halden” at Offers/halden.md", attempts=1, created_at=NOW_MS - 3 * HOUR,
         payload={"path": "Offers/halden.md", "attached": [{"artifact": "a3", "version": 4, "name": "halden.md",
                  "media_type": "text/markdown", "follow": "ask"}]},
         last_error="There is a newer version of halden.md than the one you decided on.",
         conflict={"what": "There is a newer version of halden.md than the one you decided on.",
                   "then": "halden.md: version 4 of 2026-11-24 10:31 UTC, 6.1 kB",
                   "now": f"halden.md: version 5 of 2026-11-24 11:12 UTC, 6.2 kB\n{OFFER_DIFF}",
                   "basis": {"versions": {"a3": 5}}}),
    item("rates", State.WAITING_APPROVAL, "email.send",
         {"to": "finance@halden.example", "subject": "Rate for the invoice", "body": "Hello,\n\nthe rate of today is "
          "EUR/CHF 0.9312; please use it for the invoice.\n\nMira"},
         "E-mail finance@halden.example the rate of today", created_at=NOW_MS - 7 * MINUTE,
         sources=("the page rates.example.org",)),
    item("bug", State.WAITING_APPROVAL, "issue.create", {"project": "web", "title": "Receipts show no VAT number",
         "body": "Since Monday, only for orders from Austria."}, "Open an issue in web",
         created_at=NOW_MS - 2 * MINUTE),
    item("tell", State.WAITING_APPROVAL, "message.post", {"channel": "#ops", "text": "The VAT number is missing on "
         "receipts: I opened receipt-issue-link."}, "Post to #ops", created_at=NOW_MS - 2 * MINUTE, waits_for=1),
    item("note", State.QUEUED, "message.post", {"channel": "#support", "text": "Sam has the agenda; ask him."},
         "Post to #support", created_at=NOW_MS - 55 * MINUTE, waits_for=1, destination="webhook:support",
         last_error="It waits for “E-mail Sam”, which may or may not have arrived. Settle that one, or change or "
         "cancel this one."),
)  # fmt: skip
COUNTS = {str(state): sum(row.state is state for row in ITEMS) for state in State}

TIMELINE = (
    {"at": NOW_MS - 4 * MINUTE, "state": "waiting_approval", "what": "Written down together with your message"},
)

CONVERSATIONS: tuple[Conversation, ...] = (
    Conversation(THREAD, "Contract with Halden", NOW_MS - HOUR, NOW_MS - 2 * MINUTE, 8, can_undo=False),
    Conversation("c2", "Trip to Lisbon", NOW_MS - DAY, NOW_MS - 3 * HOUR, 23),
    Conversation("c3", "Quarterly numbers", NOW_MS - 2 * DAY, NOW_MS - 22 * HOUR, 41, draft="And the figures for"),
    Conversation("c4", "Birthday for Mara", NOW_MS - 3 * DAY, NOW_MS - 2 * DAY, 12),
    Conversation("c5", "Import keeps failing at night", NOW_MS - 4 * DAY, NOW_MS - 3 * DAY, 17),
    Conversation("c6", "Reading list", NOW_MS - 9 * DAY, NOW_MS - 8 * DAY, 5),
)

ARTIFACTS: tuple[Artifact, ...] = (
    Artifact("a1", "task", "Invoice Dana", NOW_MS, NOW_MS - 4 * MINUTE, 1,
             data={"due_at": NOW_MS + 3 * DAY - 5 * HOUR}),
    Artifact("a2", "note", "Call with Halden, 24 November", NOW_MS - HOUR, NOW_MS - 20 * MINUTE, 3, ("halden", "sales"),
             "Dana signs today; two changes in section 4."),
    Artifact("a3", "document", "Offer Halden, second version", NOW_MS - DAY, NOW_MS - 3 * HOUR, 5, ("halden",),
             "Scope, price and dates of the migration."),
    Artifact("a4", "event", "Review with Sam", NOW_MS - DAY, NOW_MS - DAY, 1,
             data={"starts_at": NOW_MS + 2 * DAY - 4 * HOUR}),
    Artifact("a5", "task", "Renew the passport", NOW_MS - DAY, NOW_MS - DAY, 1, ("home",),
             data={"due_at": NOW_MS + 7 * DAY}),
    Artifact("a6", "task", "Send the slides to Lena", NOW_MS - DAY, NOW_MS - 3 * HOUR, 1, data={"done": True}),
    Artifact("a7", "note", "Ideas for Mara's birthday", NOW_MS - 3 * DAY, NOW_MS - 2 * DAY, 2, ("home",),
             "A day at the lake; the book about maps."),
    Artifact("a8", "page", "Exchange rates, 23 November", NOW_MS - DAY, NOW_MS - DAY, 1, snippet="EUR/CHF 0.9312"),
    Artifact("a9", "file", "floor-plan.pdf", NOW_MS - 5 * DAY, NOW_MS - 5 * DAY, 1),
)  # fmt: skip

NOTE = """## What we agreed

Dana signs **today**. Two changes went into section 4:

1. Payment within 30 days, not 14
2. Support until the end of March

| Part | Days | Price |
|---|---|---|
| Migration | 12 | 14,400 |
| Training | 2 | 2,400 |

> “If the import runs before Christmas, we are happy.” (Dana)

Next: send the countersigned copy, then the invoice.
"""
NOTE_DIFF = """--- version 2
+++ version 3
@@ -4,6 +4,6 @@
 Two changes went into section 4:

-1. Payment within 14 days
+1. Payment within 30 days, not 14
 2. Support until the end of March
"""
VERSIONS = (
    Version("a2", 3, "c0ffee", 412, "you", NOW_MS - 20 * MINUTE, None),
    Version("a2", 2, "c0ffee", 398, "carryon", NOW_MS - 50 * MINUTE, THREAD, "added from a conversation"),
    Version("a2", 1, "c0ffee", 210, "carryon", NOW_MS - HOUR, THREAD),
)


def message(number: int, role: Role, text: str, minutes_ago: int, **more: object) -> Message:
    made = Message(f"m{number}", THREAD, f"t{(number + 1) // 2}", role, text, NOW_MS - minutes_ago * MINUTE)
    answered = {"label": label(90 + number * 37 % 200), "outcome": Outcome.ANSWERED} if role is Role.AGENT else {}
    return replace(made, **{**answered, **more})  # type: ignore[arg-type]


MESSAGES: tuple[Message, ...] = (
    message(1, Role.USER, "what is 15% of 16800", 58),
    message(2, Role.AGENT, "15 % of 16,800 is **2,520**.", 58, calls=(
        Call("k1", "t1", "calc.evaluate", {"expression": "15/100*16800"}, CallStatus.DONE, "2,520"),)),
    message(3, Role.USER, "email Dana that the contract is signed, and remind me on Friday to invoice her", 4),
    message(4, Role.AGENT, "The reminder is set for Friday. The e-mail to Dana waits for your approval; once approved "
            "it leaves as soon as you are online.", 4, outcome=Outcome.CALLED, calls=(
                Call("k2", "t2", "task.add", {"title": "Invoice Dana", "due": "on Friday"}, CallStatus.DONE,
                     "Due Friday, 27 November, 09:00", artifact_id="a1"),
                Call("k3", "t2", "email.send", dict(ITEMS[0].args), CallStatus.WAITING, outbox_id=ITEMS[0].id))),
)  # fmt: skip

SECOND = (
    message(5, Role.USER, "post to #ops that I land at 17:40 and restart the import then", 12),
    message(6, Role.AGENT, "It waits in the outbox and goes out when you are online.", 12, outcome=Outcome.CALLED,
            calls=(Call("k4", "t3", "message.post", dict(ITEMS[1].args), CallStatus.QUEUED, outbox_id=ITEMS[1].id),)),
    message(7, Role.USER, "from now on answer tersely, please. And how do I list large files in Python?", 2),
    message(8, Role.AGENT, "The change waits for your word. For the files:\n\n```python\nfrom pathlib import Path\n\n"
            "for path in Path.home().rglob(\"*\"):\n    if path.is_file() and path.stat().st_size > 10_000_000:\n"
            "        print(path)  # above 10 MB\n```\n", 2, outcome=Outcome.CALLED, calls=(
                Call("k5", "t4", "rc.set", {"key": "tone", "value": "terse"}, CallStatus.PROPOSED,
                     facts={"diff": "@@ -1,3 +1,3 @@\n schema = 1\n-tone = \"neutral\"\n+tone = \"terse\"\n"}),)),
)  # fmt: skip

THIRD = (
    message(9, Role.USER, "put the offer into the folder that Halden can see", 180),
    message(10, Role.AGENT, "It waits in the outbox and is put there when you are online.", 180,
            outcome=Outcome.CALLED, calls=(
                Call("k6", "t5", "file.upload", dict(ITEMS[7].args), CallStatus.QUEUED, outbox_id=ITEMS[7].id),)),
    message(11, Role.USER, "and send Sam the agenda for Thursday", 60),
    message(12, Role.AGENT, "It leaves when you are online.", 60, outcome=Outcome.CALLED,
            label=replace(label(134), data_from=NOW_MS - 5 * HOUR), calls=(
                Call("k7", "t6", "email.send", dict(ITEMS[3].args), CallStatus.QUEUED, outbox_id=ITEMS[3].id),)),
)  # fmt: skip

AGENTRC = """schema = 1
tone = "terse"                 # neutral, terse, warm, formal
length = "short"
language = "en"
timezone = "Europe/Berlin"

[model]
default = "starter"

[tools]                        # first match wins
"email.*" = "ask"
"note.*" = "allow"

[accounts.work]
kind = "smtp"
host = "mail.halden.example"
port = 587
security = "starttls"
from = "mira@halden.example"
secret = "keyring:work"

[contacts]
Dana = "dana@halden.example"
Sam = "sam@halden.example"
"""
HOME_RC = "~/.agentrc"
OPTIONS: tuple[OptionShown, ...] = (
    OptionShown("tone", "terse", "choice", ("neutral", "terse", "warm", "formal"), "How it speaks", f"{HOME_RC}:2"),
    OptionShown("length", "short", "choice", ("short", "normal", "long"), "How much it says", f"{HOME_RC}:3"),
    OptionShown("format", "markdown", "choice", ("markdown", "plain", "bullets"), "The form of answers", "built-in"),
    OptionShown("language", "en", "text", (), "The language of answers", f"{HOME_RC}:4"),
    OptionShown("timezone", "Europe/Berlin", "text", (), "Where “9 o'clock” is", f"{HOME_RC}:5"),
    OptionShown("emoji", False, "bool", (), "Whether answers may hold emoji", "built-in"),
    OptionShown("model.default", "starter", "text", (), "The model that answers", f"{HOME_RC}:8"),
    OptionShown("network.mode", "auto", "choice", ("auto", "offline"), "Whether the network is used", "built-in"),
    OptionShown(
        "learning.corrections", False, "bool", (), "Whether what you correct is kept here, to learn from", "built-in"
    ),
)

MODELS: tuple[Model, ...] = (
    Model("starter", "/opt/carryon/models/starter/starter.gguf", 14_242_304, STARTER_SHA, "starter", True,
          "Ships with Carryon: decides what is to be done, in well under a second."),
    Model("granite-4.0-1b", "/home/mira/models/granite-4.0-1b-Q4_K_M.gguf", 981_000_000,
          "a81c55d0e2f94b7733f0c2", "chat", False, "For talk at length."),
)  # fmt: skip
DETAILS = {"parameters": 12_865_600, "context": 2048, "tokens_per_second": 4_100.0, "memory_bytes": 67_000_000,
           "llama_build": "b7021"}  # fmt: skip

MEASURED = Measured(
    "starter", STARTER_SHA, NOW_MS - DAY, "5f0c3a91be27", "Ryzen 5 7530U, 2 cores, 16 GB, Linux", 60, 7.9, 14.2, 12.4,
    24.8, 71.3, 67_000_000, 0.0131, 14_242_304,
)  # fmt: skip

PRACTICE: tuple[PracticeMessage, ...] = (
    PracticeMessage("p1", "email", "dana@practice.carryon", "The contract is signed",
                    "Hello Dana,\n\nthe contract is signed.\n\nBest,\nMira", NOW_MS - 4 * MINUTE),
    PracticeMessage("p2", "message", "#practice", "", "Landing at 17:40, I will restart the import then.",
                    NOW_MS - 9 * MINUTE),
)  # fmt: skip

RESET = ResetPreview(THREAD, 41, (*ARTIFACTS[:3], ARTIFACTS[6]), 2, ("the summary", "the model's memory of the thread"))


def product() -> ProductView:
    """The contract and the card as they are; measured on a machine of the demo's."""
    from agent.product import shown
    from models.starter.product import read

    return shown(read(), MEASURED)


def afternoon(*, first_run: bool = False) -> Iterator[Event]:
    """Everything that a core reports after the window opened."""
    text = "" if first_run else AGENTRC
    yield events.SettingsLoaded(path=HOME_RC, text=text, options=OPTIONS, problems=(), config_hash="9c41d07be2",
                                first_run=first_run, practice=not first_run)  # fmt: skip
    yield events.ConnectivityChanged(state="offline", manual=False, why="No network was found at 13:31")
    yield events.ModelStateChanged(state="ready", name="starter")
    yield events.ModelsListed(models=MODELS, details=DETAILS)
    yield from demo_models.more(MODELS)
    yield events.ProductShown(product=product())
    if first_run:
        yield events.ConversationsListed(conversations=(), query="")
        yield events.ItemsListed(items=(), counts={})
        return
    yield events.ItemsListed(items=ITEMS, counts=COUNTS)
    yield from demo_outbox.listed(ITEMS)
    yield events.ConversationsListed(conversations=CONVERSATIONS, query="")
    yield events.ConversationOpened(conversation=CONVERSATIONS[0], messages=MESSAGES)
    yield events.ArtifactsListed(artifacts=ARTIFACTS, query="")
    yield events.PracticeListed(enabled=True, messages=PRACTICE)
    yield demo_starts.shown()


def longer() -> Event:
    return events.ConversationOpened(conversation=CONVERSATIONS[0], messages=(*MESSAGES, *SECOND))


def undecided() -> Event:
    return events.ConversationOpened(conversation=CONVERSATIONS[0], messages=THIRD)


def note_opened() -> Event:
    return events.ArtifactOpened(artifact=ARTIFACTS[1], version=VERSIONS[0], text=NOTE, versions=VERSIONS)
