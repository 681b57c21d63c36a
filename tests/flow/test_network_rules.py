"""Settings, hints and words of the network, through the whole core: what waits on a metered connection, and that a
pause which a destination asked for is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from agent.compose import build
from agent.errors import BadRequestError
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.commands import Command
from agent.protocol.events import Event
from agent.protocol.network_commands import ReportNetworkHint
from agent.runtime import Runtime
from agent.session.handling import Session
from models.scripted import Scripted
from sync.item import Item
from sync.states import State
from sync.transports.ways import WAYS
from tests.sim.profiles import intent
from tests.sim.receiving import Receiver, Reply
from tests.sim.wrong_names import leading_here

FAR = "far.example"
LARGE = "x" * 600_000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running, leading_here(FAR):
        yield running


@contextmanager
def opened(paths: Paths, receiver: Receiver, more: str = "") -> Iterator[Runtime]:
    paths.agentrc.write_text(
        f'schema = 1\n{more}\n[channels.ops]\nkind = "webhook"\nurl = "http://{FAR}:{receiver.port}/in"\n'
    )
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        yield runtime


def put(runtime: Runtime, text: str, **more: object) -> Item:
    return runtime.outbox.enqueue(intent(text[:50], payload={"text": text, "channel": "ops", **more}), approval=False)


def do(runtime: Runtime, command: Command) -> list[Event]:
    return list(Session(runtime).handle(command))


def metered(runtime: Runtime, yes: bool = True) -> None:
    (told,) = do(runtime, ReportNetworkHint(reachable=True, metered=yes))
    assert isinstance(told, events.ConnectivityChanged)


def test_another_network_is_no_longer_the_one_that_was_proven(paths: Paths) -> None:
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        runtime.connectivity.wants_sign_in("Sign in.", "http://hotel.example/welcome")
        WAYS.prove("http://chat.example/")
        do(runtime, ReportNetworkHint(reachable=True))
        assert runtime.connectivity.standing.sign_in
        (told,) = do(runtime, ReportNetworkHint(reachable=True, moved=True))
        assert isinstance(told, events.ConnectivityChanged)
        assert not told.sign_in
        assert WAYS.needs_proof("http://chat.example/")


def test_on_a_metered_connection_what_is_large_waits_until_it_is_told_to_go(paths: Paths, receiver: Receiver) -> None:
    with opened(paths, receiver) as runtime:
        metered(runtime)
        small, large = put(runtime, "short"), put(runtime, LARGE)
        runtime.flush()
        assert runtime.outbox.get(small.id).state is State.DELIVERED
        kept = runtime.outbox.get(large.id)
        assert kept.state is State.QUEUED
        assert "this connection is metered and it is large (0.6 MB)" in str(kept.last_error)
        do(runtime, commands.RetryItem(item_id=large.id))
        runtime.flush()
        assert runtime.outbox.get(large.id).state is State.DELIVERED


def test_a_better_network_sends_it_by_itself_and_so_does_the_command_line(paths: Paths, receiver: Receiver) -> None:
    with opened(paths, receiver, '[network]\nmetered = "none"') as runtime:
        metered(runtime)
        item = put(runtime, "short")
        assert [one.state for one in runtime.flush()] == [State.QUEUED]
        metered(runtime, False)
        assert [one.state for one in runtime.flush()] == [State.DELIVERED]
        metered(runtime)
        item = put(runtime, "second")
        runtime.flush()
    with opened(paths, receiver, '[network]\nmetered = "none"') as anew:
        assert [(one.id, one.state) for one in anew.flush()] == [(item.id, State.DELIVERED)], "nobody gives it a hint"


def test_what_is_attached_is_weighed(paths: Paths, receiver: Receiver) -> None:
    with opened(paths, receiver) as runtime:
        film = runtime.library.create("file", "Film", content=b"\xff" * 700_000)
        metered(runtime)
        entry = {"artifact": film.id, "version": 1, "name": "film", "media_type": "video/mp4", "follow": "latest"}
        item = put(runtime, "short", attached=[entry])
        runtime.flush()
        assert "it is large (0.7 MB)" in str(runtime.outbox.get(item.id).last_error)
        do(runtime, commands.FlushOutbox(destination="webhook:ops"))
        runtime.flush()
        assert runtime.outbox.get(item.id).state is State.DELIVERED


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_outlives_a_restart_and_the_press_on_try_now(paths: Paths, receiver: Receiver, as_date: bool) -> None:
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    head = {"Retry-After": "60"}
    if as_date:  # by the destination's own clock, which is years away from ours
        head = {"Date": f"{moment:%a, %d %b %Y %H:%M:%S} GMT", "Retry-After": f"{moment:%a, %d %b %Y %H:09:%S} GMT"}
    receiver.script = [Reply(429, head, acts=False)]
    with opened(paths, receiver) as runtime:
        item = put(runtime, "short")
        runtime.flush()
        paused = runtime.outbox.get(item.id)
        assert 50_000 <= paused.held_until - paused.updated_at <= 60_000
    with opened(paths, receiver) as anew:
        assert anew.flush() == ()
        with pytest.raises(BadRequestError, match="asked to be left alone until"):
            do(anew, commands.FlushOutbox(destination="webhook:ops"))
        assert anew.outbox.get(item.id).held_until == paused.held_until
