"""Cards of an old conversation, with thousands of items behind it: each stands as its item stands now, and no more is
asked about than is on the screen."""

from collections.abc import Iterator

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol import call_commands, events
from agent.protocol.records import Call, CallStatus, Message, Role
from agent.runtime import Runtime
from agent.session.handling import Session
from app.presenters.desk import Desk
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from sync.intent import Intent

NEWER = 2_000
MAIL = Decision("called", 0.99, (PointedCall("email.send", {"to": "dana@example.org", "body": "Hi."}),))
TURNS = 3


@pytest.fixture
def runtime(paths: Paths) -> Iterator[Runtime]:
    with build(paths, environ={}, offline=True, starter=Scripted([MAIL] * TURNS)) as built:
        yield built


class Asked:
    """A desk over the real session, and what it asked of it."""

    def __init__(self, runtime: Runtime) -> None:
        self.session, self.commands, self.waiting = Session(runtime), list[object](), list[object]()
        self.desk = Desk(self._submit)

    def _submit(self, command: object) -> None:
        self.commands.append(command)
        self.waiting.append(command)

    def work(self) -> None:
        while self.waiting:
            for event in self.session.handle(self.waiting.pop(0)):  # type: ignore[arg-type]
                self.desk.handle(event)

    @property
    def looked_up(self) -> list[call_commands.ListCallItems]:
        return [one for one in self.commands if isinstance(one, call_commands.ListCallItems)]


def old_conversation(runtime: Runtime) -> list[Call]:
    """Three mails, the first edited twice and cancelled, the second edited, the third as it was; then many newer."""
    calls, place = list[Call](), None
    for _ in range(TURNS):
        for event in runtime.turn(Request("mail Dana", place)):
            if isinstance(event, events.TurnStarted):
                place = event.message.conversation_id
            if isinstance(event, events.CallSettled):
                calls.append(event.call)
    first, second = (str(call.outbox_id) for call in calls[:2])
    twice = runtime.edit_item(runtime.edit_item(first, {"body": "Hello."}).id, {"body": "Good morning."})
    runtime.outbox.cancel(twice.id)
    runtime.outbox.approve(runtime.edit_item(second, {"body": "Bye."}).id)
    for number in range(NEWER):
        intent = Intent("message.post", {"text": str(number)}, "webhook:team", {"text": str(number)}, f"Post {number}")
        runtime.outbox.enqueue(intent, approval=False)
    return calls


def states(asked: Asked, row_key: str) -> list[str]:
    row = asked.desk.chat.row(row_key)
    assert row is not None
    return [view.words for view in asked.desk.chat.cards(row)]


def test_old_cards_stand_as_their_items_do(runtime: Runtime) -> None:
    calls = old_conversation(runtime)
    (conversation,) = runtime.conversations.list()
    asked = Asked(runtime)
    asked.desk.start()
    asked.work()
    asked.desk.chat.open(conversation.id)
    asked.work()
    chat = asked.desk.chat
    answers = [row for row in chat.rows if row.calls]
    assert [states(asked, row.key) for row in answers] == [["Waiting for your approval"]] * TURNS, "as last stored"
    chat.look_up(answers)
    asked.work()
    assert [states(asked, row.key) for row in answers] == [
        ["Cancelled"], ["Queued until online"], ["Waiting for your approval"]
    ]  # fmt: skip
    (question,) = asked.looked_up
    assert question.call_ids == tuple(call.id for call in calls)
    chat.look_up(answers)
    assert len(asked.looked_up) == 1, "what is known is not asked for again"


def test_only_what_is_on_the_screen_is_asked_for_and_again_when_the_outbox_changes(runtime: Runtime) -> None:
    calls = old_conversation(runtime)
    (conversation,) = runtime.conversations.list()
    asked = Asked(runtime)
    asked.desk.chat.open(conversation.id)
    asked.work()
    newest = [row for row in asked.desk.chat.rows if row.calls][-1:]
    asked.desk.chat.look_up(newest)
    asked.work()
    assert [one.call_ids for one in asked.looked_up] == [(calls[2].id,)]
    runtime.outbox.cancel(str(calls[2].outbox_id))
    asked.desk.handle(events.StoreChanged(areas=frozenset({"outbox"})))
    asked.work()
    assert asked.looked_up[-1].call_ids == (calls[2].id,)
    assert states(asked, newest[0].key) == ["Cancelled"]


def test_a_call_that_is_gone_has_no_item(runtime: Runtime) -> None:
    session = Session(runtime)
    (listed,) = session.handle(call_commands.ListCallItems(call_ids=("nowhere",)))
    assert listed.items == {}  # type: ignore[attr-defined]


def test_a_question_names_so_many_calls_at_most(runtime: Runtime) -> None:
    asked = Asked(runtime)
    calls = tuple(Call(f"c{n}", "t", "email.send", {}, CallStatus.QUEUED, outbox_id=f"i{n}") for n in range(600))
    message = Message("m", "c", "t", Role.AGENT, "", 0, calls=calls)
    opened = events.ConversationOpened(conversation=runtime.conversations.create("one"), messages=(message,))
    asked.desk.handle(opened)
    asked.desk.chat.look_up(asked.desk.chat.rows)
    assert [len(one.call_ids) for one in asked.looked_up] == [call_commands.CALLS_ASKED_MAX]


def test_however_many_are_asked_about_it_is_two_questions_to_the_disk(runtime: Runtime) -> None:
    calls = old_conversation(runtime)
    asked, session = list[str](), Session(runtime)
    runtime.connection.set_trace_callback(asked.append)
    ids = (*(call.id for call in calls), *(f"nowhere-{n}" for n in range(400)))
    (listed,) = session.handle(call_commands.ListCallItems(call_ids=ids))
    runtime.connection.set_trace_callback(None)
    items = [listed.items[call.id] for call in calls]  # type: ignore[attr-defined]
    assert [item.id for item in items] == [runtime.outbox.newest(str(call.outbox_id)).id for call in calls]
    assert [item.payload["body"] for item in items] == ["Good morning.", "Bye.", "Hi."]
    assert len(asked) == 2
