"""A page that does not come, from the message to the answer: the user is told within two seconds what does not work,
and takes it back, or puts it off and has the answer once the network is good."""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.network_commands import PutOffAttempt
from agent.protocol.network_events import AttemptStalled
from agent.protocol.records import CallStatus
from agent.session.opening import open_session
from agent.session.thread import SessionThread
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from tests.injection.scene import Outside
from tests.sim.lossy import Lossy

WAIT_S, DECISION_S = 20.0, 2.0


class Talk:
    """A front end."""

    def __init__(self, session: SessionThread, heard: "queue.Queue[Event]") -> None:
        self.session, self._heard = session, heard

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        until = time.monotonic() + WAIT_S
        while True:
            event = self._heard.get(timeout=max(until - time.monotonic(), 0.01))
            if wanted(event):
                return event

    def stall(self) -> AttemptStalled:
        event = self.wait_for(lambda event: isinstance(event, AttemptStalled) and bool(event.words))
        assert isinstance(event, AttemptStalled)
        return event

    def end(self) -> events.TurnEnded:
        event = self.wait_for(lambda event: isinstance(event, events.TurnEnded))
        assert isinstance(event, events.TurnEnded)
        return event


@pytest.fixture
def road() -> Iterator[Lossy]:
    with Outside() as outside, Lossy("127.0.0.1", int(outside.url.rpartition(":")[2])) as road:
        yield road


@contextmanager
def talking(paths: Paths, url: str) -> Iterator[Talk]:
    heard: queue.Queue[Event] = queue.Queue()
    starter = Scripted([Decision("called", 0.99, calls=(PointedCall("web.fetch", {"url": url}),))])
    session = SessionThread(lambda emit: open_session(paths, emit, starter=starter), heard.put)
    session.start()
    try:
        talk = Talk(session, heard)
        talk.wait_for(lambda event: isinstance(event, events.ConnectivityChanged))
        session.submit(commands.SendMessage(text=f"what does {url} say"))
        talk.wait_for(lambda event: isinstance(event, events.TurnStarted))
        yield talk
    finally:
        session.close()


def test_put_off_it_comes_once_the_network_is_good(paths: Paths, road: Lossy) -> None:
    road.fault = "stall after"
    with talking(paths, f"http://127.0.0.1:{road.port}/hours") as talk:
        began = time.monotonic()
        stall = talk.stall()
        assert time.monotonic() - began <= DECISION_S
        assert stall.words.startswith(f"No answer from 127.0.0.1:{road.port} for 1.5 s")
        assert stall.instead == "later"
        talk.session.submit(PutOffAttempt())
        waits = talk.end()
        assert waits.message.calls[0].status is CallStatus.QUEUED
        assert time.monotonic() - began <= DECISION_S + 1.5
        road.heal()
        answer = talk.end()
        assert "open from nine to five" in answer.message.text


def test_taken_back_it_is_over_at_once(paths: Paths, road: Lossy) -> None:
    road.fault = "syn black hole"
    with talking(paths, f"http://127.0.0.1:{road.port}/hours") as talk:
        began = time.monotonic()
        talk.stall()
        talk.session.submit(commands.CancelTurn())
        ended = talk.end()
        assert time.monotonic() - began <= DECISION_S + 1.5
        assert ended.message.calls[0].status is CallStatus.FAILED
        road.heal()
