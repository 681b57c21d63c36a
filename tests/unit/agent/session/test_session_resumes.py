"""What arrives lets conversations go on: once, behind what the user asked, and never in the way of closing."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile

import pytest

from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.outbox_events import ItemsDecided
from agent.protocol.records import AnswerLabel, Conversation, Message, Outcome, Role
from agent.session import thread as session_thread
from agent.session.thread import COMMANDS_WAITING_MAX, SessionThread
from sync.states import State
from tests.unit.sync.items import an_item

WAIT_S = 20.0
LABEL = AnswerLabel("rules", "", "", "", "", "", None, None, None)
PAGE = replace(an_item(), destination="web:pages", state=State.DELIVERED)
MAIL = replace(PAGE, destination="mail:work")


class Long:
    """A session whose ListItems lasts until `finish`; `turns`: of each resume, whether its turn was stopped."""

    def __init__(self, turns: list[bool]) -> None:
        self.handled: queue.Queue[commands.Command] = queue.Queue()
        self.finish = threading.Event()
        self.answer: Event | None = None
        self.tell: Callable[[Event], None] = lambda _: None
        self._turns = turns

    def handle(self, command: commands.Command) -> Iterator[Event]:
        self.handled.put(command)
        if isinstance(command, commands.ListItems):
            self.finish.wait(WAIT_S)
        if isinstance(command, commands.UndoConversation) and self.answer:
            yield self.answer
        if isinstance(command, commands.ResumeFetched) and self._turns:
            self.tell(events.ItemChanged(item=PAGE))  # another arrives meanwhile
            said = Message("m", "c", "t", Role.AGENT, "It has come.", 0)
            yield events.TurnEnded(
                turn_id="t", message=said, outcome=Outcome.CALLED, label=LABEL, cancelled=self._turns.pop(0)
            )

    def tick(self) -> float:
        return WAIT_S

    def cancel(self) -> None:
        """Does not reach what it waits for."""

    def kinds(self, until: commands.Command) -> list[type]:
        """What was handled before that one."""
        return [type(it) for it in takewhile(lambda it: it.id != until.id, iter(self._taken, None))]

    def _taken(self) -> commands.Command:
        return self.handled.get(timeout=WAIT_S)


@pytest.fixture
def heard() -> "queue.Queue[Event]":
    return queue.Queue()


@pytest.fixture
def busy(heard: "queue.Queue[Event]") -> Iterator[Callable[..., tuple[SessionThread, Long]]]:
    made: list[tuple[SessionThread, Long]] = []

    def start(*turns: bool) -> tuple[SessionThread, Long]:
        """One that has resumed at its start and is now at something long."""
        session = Long(list(turns))

        @contextmanager
        def opened(tell: Callable[[Event], None]) -> Iterator[Long]:
            session.tell = tell
            yield session

        thread = SessionThread(opened, heard.put)  # type: ignore[arg-type]
        thread.start()
        made.append((thread, session))
        assert isinstance(session.handled.get(timeout=WAIT_S), commands.ResumeFetched)
        thread.submit(long := commands.ListItems())
        while session.handled.get(timeout=WAIT_S).id != long.id:
            pass
        return thread, session

    yield start
    for thread, session in made:
        session.finish.set()
        thread.close()


def test_much_that_arrives_during_a_long_turn_keeps_no_command_out(
    busy: Callable[..., tuple[SessionThread, Long]], heard: "queue.Queue[Event]"
) -> None:
    thread, session = busy()
    for _ in range(COMMANDS_WAITING_MAX + 1):
        session.tell(events.ItemChanged(item=PAGE))
    asked, last = commands.ListPractice(), commands.ListPractice()
    thread.submit(asked)
    session.finish.set()
    assert session.kinds(until=asked) == [], "the user's comes first"
    assert isinstance(session.handled.get(timeout=WAIT_S), commands.ResumeFetched)
    thread.submit(last)
    assert session.kinds(until=last) == [], "one for all that arrived"
    assert not [event for event in heard.queue if isinstance(event, events.Failed)]


def test_a_mail_that_left_is_nothing_to_go_on_with(busy: Callable[..., tuple[SessionThread, Long]]) -> None:
    thread, session = busy()
    session.tell(events.ItemChanged(item=MAIL))
    session.finish.set()
    thread.close()
    assert session.handled.empty()


def test_stop_is_for_all_that_have_come(
    busy: Callable[..., tuple[SessionThread, Long]],
) -> None:
    thread, session = busy()
    session._turns = [False, True, False]
    session.tell(events.ItemChanged(item=PAGE))
    session.finish.set()
    for _ in range(2):  # the second was stopped
        assert isinstance(session.handled.get(timeout=WAIT_S), commands.ResumeFetched)
    session.finish.clear()
    thread.submit(last := commands.ListItems())
    assert session.kinds(until=last) == [], "the third comes behind it, if at all"
    assert (session._turns, thread._resume) == ([False], None), "Stop was for all that had come"


def test_closing_does_not_wait_for_room_and_loses_no_command(
    busy: Callable[..., tuple[SessionThread, Long]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_thread, "CLOSE_SECONDS_MAX", 0.01)
    thread, session = busy()
    asked = [commands.ListPractice() for _ in range(COMMANDS_WAITING_MAX)]
    for command in asked:
        thread.submit(command)
    closing = threading.Thread(target=thread.close, daemon=True)
    closing.start()
    closing.join(2.0)
    stuck = closing.is_alive()
    session.finish.set()
    assert not stuck
    thread._thread.join(WAIT_S)
    assert not thread._thread.is_alive()
    assert [command.id for command in session.handled.queue] == [command.id for command in asked]


HOURS = Conversation("c", "Hours", 0, 0)


@pytest.mark.parametrize(
    ("told", "goes_on"),
    [
        (events.ItemChanged(item=PAGE), True),
        (events.ItemChanged(item=replace(PAGE, state=State.UNKNOWN)), False),
        (events.ItemChanged(item=MAIL), False),
        (ItemsDecided(verb="delivered", done=("i",)), True),
        (ItemsDecided(verb="delivered", refused={"i": "no"}), False),
        (ItemsDecided(verb="cancel", done=("i",)), False),
        (events.ConversationRestored(conversation=HOURS), True),
        (events.ConversationTrashed(conversation=HOURS), False),
    ],
)  # fmt: skip
def test_so_does_the_user_s_own_word_and_what_comes_out_of_the_trash(
    busy: Callable[..., tuple[SessionThread, Long]], told: Event, goes_on: bool
) -> None:
    """Told by the answer to a command, not by the dispatcher."""
    thread, session = busy()
    session.answer = told
    thread.submit(commands.UndoConversation(conversation_id="c"))
    session.finish.set()
    assert isinstance(session.handled.get(timeout=WAIT_S), commands.UndoConversation)
    if goes_on:
        assert isinstance(session.handled.get(timeout=WAIT_S), commands.ResumeFetched)
    thread.submit(last := commands.ListPractice())
    assert session.kinds(until=last) == []
    thread.close()
    assert session.handled.empty()
