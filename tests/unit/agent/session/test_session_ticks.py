"""Between commands the session's thread looks around, at the session's pace; a look that fails ends nothing."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.session.thread import SessionThread

WAIT_S = 20.0


class Looking:
    """A session that only looks around: it says how often, and fails when told to."""

    def __init__(self, fails_at: int = 0) -> None:
        self.looks: queue.Queue[int] = queue.Queue()
        self._count, self._fails_at = 0, fails_at

    def tick(self) -> float:
        self._count += 1
        self.looks.put(self._count)
        if self._count == self._fails_at:
            raise RuntimeError("the machine says nothing")
        return 0.001

    def handle(self, command: commands.Command) -> Iterator[Event]:
        if not isinstance(command, commands.ResumeFetched):  # the thread's own, at the beginning
            yield events.Exported(cause=command.id, path="done")

    def cancel(self) -> None:
        pass


def started(session: Looking, heard: "queue.Queue[Event]") -> SessionThread:
    @contextmanager
    def opened(_emit: object) -> Iterator[Looking]:
        yield session

    thread = SessionThread(opened, heard.put)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_it_looks_again_and_again_and_serves_commands_meanwhile() -> None:
    heard: queue.Queue[Event] = queue.Queue()
    session = Looking()
    thread = started(session, heard)
    for _ in range(3):
        session.looks.get(timeout=WAIT_S)
    asked = commands.ListItems()
    thread.submit(asked)
    assert heard.get(timeout=WAIT_S).cause == asked.id
    thread.close()


def test_a_look_that_fails_is_told_once_and_commands_go_on() -> None:
    heard: queue.Queue[Event] = queue.Queue()
    session = Looking(fails_at=2)
    thread = started(session, heard)
    assert isinstance(heard.get(timeout=WAIT_S), events.Failed)
    for _ in range(3):
        asked = commands.ListItems()
        thread.submit(asked)
        assert heard.get(timeout=WAIT_S).cause == asked.id
    assert session.looks.qsize() == 2, "it does not look again"
    thread.close()
