"""The outbox: everything on its way out, grouped by how much it needs the user, and the item in hand to the letter."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.protocol import commands, events
from agent.protocol.records import PracticeMessage
from app.presenters import states, tools
from app.presenters.cards import by_id, item_words
from app.presenters.origins import warning
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.states import Action
from app.presenters.wording import count, exactly, one_line, when
from sync.item import Item


@dataclass(frozen=True, slots=True)
class ItemRow:
    id: str
    icon: str
    title: str
    about: str
    words: str
    tone: str
    group: str
    destination: str


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """All there is to know about one item: `what` is exactly what will be sent, whole."""

    id: str
    icon: str
    title: str
    words: str
    tone: str
    what: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    timeline: tuple[tuple[str, str, str], ...]  # when, state, what
    trouble: str
    todo: str
    actions: tuple[Action, ...]
    editable: tuple[tuple[str, str], ...]
    warning: str = ""  # strangers' words were read before it was decided


KINDS = {"smtp": "e-mail account", "webhook": "channel", "tracker": "tracker", "web": "web"}
SAID = {"Waiting for your approval": "Waits for your approval", "Queued until online": "Queued"}  # the store's words


@dataclass(frozen=True, slots=True)
class PracticeRow:
    id: str
    icon: str
    title: str
    about: str
    body: str


class OutboxPresenter(AreaPresenter):
    """Parts that change: "rows", "detail", "practice", "edit" (the user wants to change the item in hand), "mailto"."""

    area = "outbox"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._items: dict[str, Item] = {}
        self.counts: Mapping[str, int] = {}
        self.group, self.query = "", ""
        self.item_id = ""
        self._timeline: tuple[Mapping[str, Any], ...] = ()
        self.practice_enabled = False
        self._practice: tuple[PracticeMessage, ...] = ()
        self.mailto = ""

    def handlers(self) -> Handlers:
        return {
            events.ItemsListed: self._listed,
            events.ItemChanged: self._one_changed,
            events.ItemShown: self._shown,
            events.PracticeListed: self._practice_listed,
            events.MailProgramRequested: self._mail_program,
        }

    # The list

    @property
    def rows(self) -> tuple[ItemRow, ...]:
        """Grouped, most urgent first; within a group the newest first."""
        now = self.now_ms()
        order = [name for name, _ in states.GROUPS]
        rows = (_row(item, now) for item in sorted(self._items.values(), key=lambda item: -item.created_at))
        return tuple(sorted((row for row in rows if self._wanted(row)), key=lambda row: order.index(row.group)))

    def refresh(self) -> None:
        self._submit(commands.ListItems())
        self._submit(commands.ListPractice())
        if self.item_id:
            self._submit(commands.ShowItem(item_id=self.item_id))

    def filter(self, *, group: str | None = None, query: str | None = None) -> None:
        self.group = self.group if group is None else group
        self.query = self.query if query is None else query
        self._changed("rows")

    def group_count(self, group: str) -> int:
        return sum(self.counts.get(state, 0) for state in dict(states.GROUPS)[group])

    # The item in hand

    def open(self, item_id: str) -> None:
        self.item_id, self._timeline = item_id, ()
        self._submit(commands.ShowItem(item_id=item_id))
        self._changed("detail")

    @property
    def detail(self) -> ItemDetail | None:
        item = self._items.get(self.item_id)
        return _detail(item, self._timeline, self.now_ms()) if item else None

    def act(self, item_id: str, action: str) -> None:
        """Do what a button of the item says; `edit` opens the editor instead."""
        if action == "edit":
            self.open(item_id)
            self._changed("edit")
            return
        if command := _command(item_id, action):
            self._submit(command)

    def change(self, item_id: str, args: Mapping[str, Any]) -> None:
        self._submit(commands.EditItem(item_id=item_id, args=dict(args)))

    def flush(self) -> None:
        self._submit(commands.FlushOutbox())

    # Practice

    @property
    def practice_rows(self) -> tuple[PracticeRow, ...]:
        now = self.now_ms()
        return tuple(_practice_row(message, now) for message in self._practice)

    def set_practice(self, enabled: bool) -> None:
        self._submit(commands.SetPractice(enabled=enabled))

    # What happened

    def _listed(self, event: events.ItemsListed) -> None:
        self._items = by_id(event.items)
        self.counts = event.counts
        if not self.item_id and not self.is_resting and self.rows:
            self.open(self.rows[0].id)  # the most urgent one
        self._changed("rows")
        self._changed("detail")

    def _one_changed(self, event: events.ItemChanged) -> None:
        self._items[event.item.id] = event.item
        self._changed("rows")
        if event.item.id == self.item_id:
            self._submit(commands.ShowItem(item_id=self.item_id))
            self._changed("detail")

    def _shown(self, event: events.ItemShown) -> None:
        self._items[event.item.id] = event.item
        if event.item.id == self.item_id:
            self._timeline = event.timeline
            self._changed("detail")

    def _practice_listed(self, event: events.PracticeListed) -> None:
        self.practice_enabled, self._practice = event.enabled, event.messages
        self._changed("practice")

    def _mail_program(self, event: events.MailProgramRequested) -> None:
        self.mailto = event.mailto
        self._changed("mailto")

    def _wanted(self, row: ItemRow) -> bool:
        words = f"{row.title} {row.about} {row.destination}".lower()
        return self.group in ("", row.group) and self.query.lower() in words


_COMMANDS: Mapping[str, type[Any]] = {
    "approve": commands.ApproveItem,
    "cancel": commands.CancelItem,
    "retry": commands.RetryItem,
    "mail_program": commands.HandToMailProgram,
}


def _command(item_id: str, action: str) -> commands.Command | None:
    if action == "flush":
        return commands.FlushOutbox()
    if action.startswith("resolve_"):
        return commands.ResolveItem(item_id=item_id, verdict=action.removeprefix("resolve_"))
    kind = _COMMANDS.get(action)
    made: commands.Command | None = kind(item_id=item_id) if kind else None
    return made


def _group(state: str) -> str:
    return next((name for name, members in states.GROUPS if state in members), states.GROUPS[-1][0])


def _row(item: Item, now: int) -> ItemRow:
    face = states.item_face(str(item.state))
    subject = item.args.get("subject") or item.args.get("body") or item.args.get("text") or item.sentence
    return ItemRow(
        id=item.id,
        icon=tools.face(item.tool).icon,
        title=tools.title(item.tool, item.args),
        about=one_line(str(subject), 70) or item.destination,
        words=item_words(item, now),
        tone=face.tone,
        group=_group(str(item.state)),
        destination=item.destination,
    )


def _detail(item: Item, timeline: tuple[Mapping[str, Any], ...], now: int) -> ItemDetail:
    state = str(item.state)
    face = states.item_face(state)
    return ItemDetail(
        id=item.id,
        icon=tools.face(item.tool).icon,
        title=tools.title(item.tool, item.args),
        words=item_words(item, now),
        tone=face.tone,
        what=tuple(
            (tools.label(key), str(value)) for key, value in tools.in_order(item.payload) if value not in (None, "")
        ),
        facts=_facts(item, now),
        timeline=tuple(_step(row, now) for row in timeline),
        trouble=str(item.last_error or "") if state not in ("delivered", "cancelled") else "",
        todo=states.WHAT_TO_DO.get(state, ""),
        actions=_actions(item, face.actions),
        editable=tuple((key, str(value)) for key, value in tools.in_order(item.args) if isinstance(value, str)),
        warning=warning(None, item),
    )


def _actions(item: Item, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    more: list[Action] = []
    if item.state == "queued":
        more.append(states.TRY_NOW)
    if item.tool == "email.send" and item.state in ("waiting_approval", "queued", "failed", "rejected", "expired"):
        more.append(states.MAIL_PROGRAM)
    return (*actions, *more)


def _facts(item: Item, now: int) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Goes to", _place(item.destination)),
        ("Decided", exactly(item.created_at)),
        ("Held back after", when(item.expires_at, now)),
        ("Attempts", count(item.attempts, "attempt") if item.attempts else "none yet"),
        ("Key", str(item.idempotency_key)),
    ]
    if receipt := _receipt(item):
        facts.append(("Receipt", receipt))
    return tuple(facts)


def _place(destination: str) -> str:
    """ "smtp:work" as people say it: "work (e-mail)"."""
    kind, _, name = destination.partition(":")
    if name == "practice":
        return "the practice mailbox on this machine"
    return f"{name} ({KINDS[kind]})" if name and kind in KINDS else destination


def _receipt(item: Item) -> str:
    return one_line(", ".join(str(value) for value in (item.receipt or {}).values() if value), 160)


def _step(row: Mapping[str, Any], now: int) -> tuple[str, str, str]:
    words, what = states.item_face(str(row.get("state", ""))).words, str(row.get("what", "") or "")
    return when(int(row.get("at", now)), now), words, "" if what.rstrip(".") in (words, SAID.get(words)) else what


_PRACTICE_ICONS = {"email": "mail", "message": "channel", "issue": "issue"}


def _practice_row(message: PracticeMessage, now: int) -> PracticeRow:
    return PracticeRow(
        id=message.id,
        icon=_PRACTICE_ICONS.get(message.kind, "mail"),
        title=one_line(message.subject or message.body) or "Without a subject",
        about=f"to {message.to} · {when(message.received_at, now)}",
        body=message.body,
    )
