"""The transcript: messages as rows, the answer that is being written, cards that follow their outbox items."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from agent.protocol import call_commands, commands, events, network_commands, server_commands
from agent.protocol.network_events import AttemptStalled
from agent.protocol.outbox_events import CallItemsListed, ItemsDecided
from agent.protocol.records import Call, Conversation, Message, Role, Summary
from agent.protocol.server_events import ServersListed, SignInEnded, SignInWanted
from app.presenters.cards import NO_DOORS, CardView, Doors, card
from app.presenters.footnote import footnote, provenance
from app.presenters.kept_items import KeptItems
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.servers import SIGNED_IN, WANTED
from sync.item import Item

THINKING_CHARACTERS_MAX = 40_000  # of one answer, the newest


@dataclass(frozen=True, slots=True)
class Row:
    """One message as it is shown. `key` is its id; of an answer being written, the id of its turn."""

    key: str
    role: Role
    text: str
    at: int
    calls: tuple[Call, ...] = ()
    footnote: str = ""
    provenance: str = ""
    writing: bool = False
    complete: bool = True
    choices: tuple[str, ...] = ()  # answers that its question offers
    thinking: str = ""  # what the model said to itself; shown on request, as long as the window is open
    folding: int = 0  # so many older messages are being summed up before the answer begins
    summary: Summary | None = None  # what a notice tells of
    stalled: str = ""  # what it waits for at the network and does not come
    instead: str = ""  # of that: "later", "copy", or "" where there is nothing but to wait
    sources: tuple[str, ...] = ()  # who wrote some of it besides the user


class ChatPresenter(Presenter):
    """Parts that change: "opened" (all rows), "added" (a row at the end), "row" (one row, by key), "turn", "title",
    "call" (be shown the card of this call)."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.conversation: Conversation | None = None
        self.rows: list[Row] = []
        self.running_turn = ""  # id of the turn that is being answered, here or elsewhere
        self._items = KeptItems(self.now_ms)
        self._on_screen: tuple[str, ...] = ()  # keys of rows
        self._doors = NO_DOORS
        self._sought = ""  # a call to be shown once its conversation is open
        self._asked: set[str] = set()  # calls of this conversation whose items were asked for

    def handlers(self) -> Handlers:
        return {
            events.ConversationOpened: self._opened,
            events.TurnStarted: self._started,
            events.NoticeAdded: self._noticed,
            events.TokenArrived: self._token,
            events.ThinkingArrived: self._thought,
            events.FoldingStarted: self._folding,
            AttemptStalled: self._stalled,
            events.CallSettled: self._settled,
            events.TurnEnded: self._ended,
            events.ItemsListed: self._items_listed,
            CallItemsListed: self._call_items_listed,
            ItemsDecided: lambda _: self._look_again(frozenset()),
            ServersListed: self._servers_listed,
            SignInWanted: lambda _: self._submit(server_commands.ListServers()),
            SignInEnded: self._sign_in_ended,
            events.ItemChanged: lambda event: self._item(event.item),
            events.ItemShown: lambda event: self._item(event.item),
            events.ConversationTrashed: self._trashed,
            events.ConversationsListed: self._listed,
        }

    # What the view asks

    @property
    def conversation_id(self) -> str | None:
        return self.conversation.id if self.conversation else None

    def row(self, key: str) -> Row | None:
        return next((row for row in reversed(self.rows) if row.key == key), None)

    def cards(self, row: Row) -> tuple[CardView, ...]:
        """What the answer itself says is not repeated on its cards."""
        now = self.now_ms()
        made = (card(call, self._item_of(call), now, doors=self._doors) for call in row.calls)
        return tuple(replace(view, detail="") if view.detail in row.text else view for view in made)

    def choices(self, row: Row) -> tuple[str, ...]:
        """What can be picked: only under the newest message, which is what the next one answers."""
        return row.choices if self.rows and self.rows[-1].key == row.key else ()

    def look_up(self, rows: Iterable[Row]) -> None:
        """These are on the screen now: what their calls wait for, which may be older than any list, is asked for."""
        shown = tuple(rows)
        self._on_screen = tuple(row.key for row in shown)
        self._ask_for(
            call.id
            for row in shown
            for call in row.calls
            if call.outbox_id and call.id not in self._asked and self._item_of(call) is None
        )

    def last_own_message(self) -> Row | None:
        return next((row for row in reversed(self.rows) if row.role is Role.USER), None)

    # What the user does

    def open(self, conversation_id: str) -> None:
        self._submit(commands.OpenConversation(conversation_id=conversation_id))

    def show_call(self, conversation_id: str, call_id: str) -> None:
        """Its card, in its conversation as that stands now."""
        self._sought = call_id
        self.open(conversation_id)

    def begin_new(self) -> None:
        """An empty page; the conversation exists once its first message does."""
        self.conversation = None
        self.rows = []
        self._changed("opened")

    def cancel(self) -> None:
        if self.running_turn:
            self._submit(commands.CancelTurn())

    def put_off(self) -> None:
        """No more waiting for what does not come."""
        if self.running_turn:
            self._submit(network_commands.PutOffAttempt())

    def choose(self, key: str, place: int) -> None:
        """The words of a choice are the next message; the core knows them for what they are."""
        row = self.row(key)
        offered = self.choices(row) if row else ()
        if row and place < len(offered):
            self._put(replace(row, choices=()))  # picked once: pressed again it would be a request of its own
            self._submit(commands.SendMessage(text=offered[place], conversation_id=self.conversation_id))

    def regenerate(self, key: str) -> None:
        self._submit(commands.Regenerate(message_id=key))

    def mark_misread(self, key: str) -> None:
        self._submit(commands.MarkMisread(message_id=key))

    def edit(self, key: str, text: str) -> None:
        row = self.row(key)
        self._submit(commands.EditMessage(message_id=key, text=text, sources=row.sources if row else ()))

    def branch(self, key: str) -> None:
        self._submit(commands.BranchConversation(message_id=key))

    def undo(self) -> None:
        if self.conversation:
            self._submit(commands.UndoConversation(conversation_id=self.conversation.id))

    def export(self, path: str) -> None:
        if self.conversation:
            self._submit(commands.ExportConversation(conversation_id=self.conversation.id, path=path))

    def rename(self, title: str) -> None:
        if self.conversation and title.strip():
            self.conversation = replace(self.conversation, title=title.strip())
            self._submit(commands.RenameConversation(conversation_id=self.conversation.id, title=title.strip()))
            self._changed("title")

    def edit_summary(self, key: str, text: str) -> None:
        """The user's own words for what the model is told of the oldest messages."""
        if (row := self.row(key)) and row.summary and text.strip():
            self._submit(commands.EditSummary(summary_id=row.summary.id, text=text))

    def switch_summary(self, key: str, *, on: bool) -> None:
        if (row := self.row(key)) and row.summary:
            self._submit(commands.SwitchSummary(summary_id=row.summary.id, on=on))

    def decide(self, call_id: str, *, accept: bool) -> None:
        self._submit(commands.DecideProposal(call_id=call_id, accept=accept))

    def resolve(self, call_id: str, verdict: str) -> None:
        """The user's word on a call that may have been done."""
        row = self._row_of_call(call_id)
        for call in row.calls if row else ():
            if call.id == call_id:
                self._submit(call_commands.ResolveCall(call_id=call_id, verdict=verdict, tries=call.tries))

    # What happened

    def _opened(self, event: events.ConversationOpened) -> None:
        self._asked.clear()
        self.conversation = event.conversation
        self.rows = [_row(message) for message in event.messages]
        self._changed("opened")
        sought, self._sought = self._sought, ""
        if sought and self._row_of_call(sought):
            self._changed("call", sought)

    def place_of(self, call_id: str) -> int | None:
        """Of its row."""
        places = (place for place, row in enumerate(self.rows) if any(call.id == call_id for call in row.calls))
        return next(places, None)

    def _listed(self, event: events.ConversationsListed) -> None:
        fresh = next((c for c in event.conversations if c.id == self.conversation_id), None)
        if fresh and self.conversation and fresh.title != self.conversation.title:
            self.conversation = replace(self.conversation, title=fresh.title)
            self._changed("title")

    def _trashed(self, event: events.ConversationTrashed) -> None:
        if event.conversation.id == self.conversation_id:
            self.begin_new()

    def _started(self, event: events.TurnStarted) -> None:
        self.running_turn = event.turn_id
        message = event.message
        if self.conversation is None and not self.rows:
            self.conversation = Conversation(message.conversation_id, "", message.created_at, message.created_at)
            self._changed("title")
        if message.conversation_id == self.conversation_id:
            asked = self.rows[-1].key if self.rows and self.rows[-1].choices else ""
            self._append(_row(message))
            if asked:
                self._changed("row", asked)  # answered: there is nothing to pick any more
            self._append(Row(event.turn_id, Role.AGENT, "", message.created_at, writing=True))
        self._changed("turn")

    def _noticed(self, event: events.NoticeAdded) -> None:
        """Before the answer that is being written: it says which model writes it."""
        if event.message.conversation_id != self.conversation_id:
            return
        writing = bool(self.rows) and self.rows[-1].writing
        self.rows.insert(len(self.rows) - writing, _row(event.message))
        self._changed("opened")

    def _token(self, event: events.TokenArrived) -> None:
        if row := self.row(event.turn_id):
            self._put(replace(row, text=row.text + event.text, folding=0))

    def _thought(self, event: events.ThinkingArrived) -> None:
        if row := self.row(event.turn_id):
            thinking = (row.thinking + event.text)[-THINKING_CHARACTERS_MAX:]
            self._put(replace(row, thinking=thinking, folding=0))

    def _folding(self, event: events.FoldingStarted) -> None:
        if event.summed and (row := self.row(event.turn_id)):
            self._put(replace(row, folding=event.messages))

    def _stalled(self, event: AttemptStalled) -> None:
        if (row := self.row(self.running_turn)) and row.writing:
            self._put(replace(row, stalled=event.words, instead=event.instead))

    def _settled(self, event: events.CallSettled) -> None:
        if event.item:
            self._keep(event.item)
        row = self.row(event.turn_id) or self._row_of_call(event.call.id)
        if row:
            others = tuple(call for call in row.calls if call.id != event.call.id)
            position = next((i for i, call in enumerate(row.calls) if call.id == event.call.id), len(others))
            self._put(replace(row, calls=(*others[:position], event.call, *others[position:])))

    def _ended(self, event: events.TurnEnded) -> None:
        if self.running_turn == event.turn_id:
            self.running_turn = ""
        if row := self.row(event.turn_id):
            stored = _row(event.message)
            self._put(replace(stored, calls=stored.calls or row.calls, thinking=row.thinking), key=event.turn_id)
        self._changed("turn")

    def _items_listed(self, event: events.ItemsListed) -> None:
        shown = self._shown_items()
        self._keep(*event.items)
        self._tell_changed(shown)
        if event.items:  # the outbox has changed: what is too old for the list may have, too
            self._look_again(frozenset(item.id for item in event.items))

    def _call_items_listed(self, event: CallItemsListed) -> None:
        shown = self._shown_items()
        self._keep(*event.items.values())
        for call in (call for row in self.rows for call in row.calls if call.id in event.items):
            if call.outbox_id and (newest := event.items[call.id].id) != call.outbox_id:
                self._items.lead(call.outbox_id, newest)  # however often it was edited
        self._tell_changed(shown)

    def _servers_listed(self, event: ServersListed) -> None:
        by_state = {state: {one.name for one in event.servers if one.sign_in == state} for state in (WANTED, SIGNED_IN)}
        self._stand_at(Doors(frozenset(by_state[WANTED]), frozenset(by_state[SIGNED_IN])))

    def _sign_in_ended(self, event: SignInEnded) -> None:
        if event.signed_in:
            self._stand_at(Doors(self._doors.shut - {event.server}, self._doors.open | {event.server}))

    def _stand_at(self, doors: Doors) -> None:
        if doors != self._doors:
            self._doors = doors
            for row in self.rows:
                if row.calls:
                    self._changed("row", row.key)

    def _shown_items(self) -> dict[str, Item | None]:
        return {call.id: self._item_of(call) for row in self.rows for call in row.calls}

    def _tell_changed(self, shown: Mapping[str, Item | None]) -> None:
        for row in self.rows:
            if any(self._item_of(call) != shown[call.id] for call in row.calls):
                self._changed("row", row.key)

    def _look_again(self, known: frozenset[str]) -> None:
        """At what is on the screen, but for the items that are `known` to be as they are."""
        rows = (row for key in self._on_screen if (row := self.row(key)))
        held = ((call, self._item_of(call)) for row in rows for call in row.calls)
        self._ask_for(call.id for call, item in held if call.outbox_id and (item is None or item.id not in known))

    def _ask_for(self, call_ids: Iterable[str]) -> None:
        wanted = tuple(islice(call_ids, call_commands.CALLS_ASKED_MAX))
        if wanted:
            self._asked.update(wanted)
            self._submit(call_commands.ListCallItems(call_ids=wanted))

    def _item(self, item: Item) -> None:
        self._keep(item)
        for row in self.rows:
            if any(self._item_of(call) == item for call in row.calls):
                self._changed("row", row.key)

    def _keep(self, *items: Item) -> None:
        if self._items.keep(*items):
            self._asked.clear()  # what was forgotten is asked for again when it is looked at

    def _item_of(self, call: Call) -> Item | None:
        return self._items.newest(call.outbox_id or "")

    # Rows

    def _row_of_call(self, call_id: str) -> Row | None:
        return next((row for row in self.rows if any(call.id == call_id for call in row.calls)), None)

    def _append(self, row: Row) -> None:
        self.rows.append(row)
        self._changed("added", row.key)

    def _put(self, row: Row, key: str = "") -> None:
        """Replace the row of that key; a finished answer trades its turn's id for its own."""
        key = key or row.key
        index = next(i for i, old in enumerate(self.rows) if old.key == key)
        self.rows[index] = row
        self._changed("row", row.key if row.key == key else f"{key}>{row.key}")


def _row(message: Message) -> Row:
    return Row(
        key=message.id,
        role=message.role,
        text=message.text,
        at=message.created_at,
        calls=message.calls,
        footnote=footnote(message),
        provenance=provenance(message),
        complete=message.complete,
        choices=tuple(choice.words for choice in message.question.choices) if message.question else (),
        summary=message.summary,
        sources=message.sources,
    )
