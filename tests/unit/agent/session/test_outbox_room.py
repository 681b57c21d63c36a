"""The outbox room over a real profile: one place is tried now, and decisions about many have a stop of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import Runtime, build
from agent.errors import BadRequestError
from agent.outbox import deciding
from agent.paths import Paths
from agent.protocol import commands, events, outbox_commands, outbox_events
from agent.session.handling import Session
from sync.intent import Intent, Need
from sync.item import Item
from sync.leases import Leases

NOW = 1_800_000_000.0


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    with build(paths, offline=True, clock=lambda: NOW) as opened:
        yield opened


def put(
    runtime: Runtime, text: str, channel: str = "ops", *, approval: bool = False, needs: tuple[Need, ...] = ()
) -> Item:
    args = {"channel": channel, "text": text}
    intent = Intent("message.post", args, f"webhook:{channel}", args, f"Message to {channel}: {text}", needs=needs)
    return runtime.outbox.enqueue(intent, approval=approval)


def try_now(runtime: Runtime) -> list[str]:
    told = Session(runtime).handle(commands.FlushOutbox(destination="webhook:ops"))
    return [event.item.id for event in told if isinstance(event, events.ItemChanged)]


def test_try_now_is_about_the_one_that_goes_next(runtime: Runtime) -> None:
    needed = put(runtime, "first", "dev")
    put(runtime, "waits for it", needs=(Need(needed.id),))
    behind = put(runtime, "goes next")
    assert try_now(runtime) == [behind.id]


def test_where_all_wait_for_others_there_is_none(runtime: Runtime) -> None:
    needed = put(runtime, "first", "dev")
    put(runtime, "waits for it", needs=(Need(needed.id),))
    with pytest.raises(BadRequestError, match="Nothing waits"):
        try_now(runtime)


@pytest.mark.parametrize(("seconds", "held"), [(1, True), (-1, False)])
def test_a_pause_is_told_by_the_clock_that_it_was_written_with(runtime: Runtime, seconds: int, held: bool) -> None:
    item = put(runtime, "x")
    until = int((NOW + seconds) * 1_000)
    runtime.connection.execute("UPDATE outbox_item SET held_until = ?", (until,))
    if held:
        with pytest.raises(BadRequestError, match="left alone"):
            try_now(runtime)
    else:
        assert try_now(runtime) == [item.id]


def test_what_is_being_sent_is_not_tried_again(runtime: Runtime) -> None:
    put(runtime, "on its way")
    put(runtime, "behind it")
    assert Leases(runtime.connection, lambda: NOW).lease("me", "webhook:ops", "none")
    assert try_now(runtime) == []


def test_a_stop_of_a_decision_about_many_is_its_own(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "PART", 2)
    ids = tuple(put(runtime, str(number), approval=True).id for number in range(6))
    session = Session(runtime)
    going = session.handle(outbox_commands.DecideItems(verb="approve", ids=ids))
    assert isinstance(next(going), outbox_events.ItemsDeciding)
    session.cancel()
    (decided,) = [event for event in going if isinstance(event, outbox_events.ItemsDecided)]
    assert (decided.done, decided.left) == (ids[:2], True)
    assert not runtime.minds.is_stopped()
    session.cancel()
    assert runtime.minds.is_stopped(), "nothing is decided any more: a turn is meant"


def test_after_a_decision_about_many_the_next_one_starts_without_the_stop(runtime: Runtime) -> None:
    session = Session(runtime)
    runtime.minds.cancel()
    list(session.handle(outbox_commands.DecideItems(verb="approve", ids=())))
    assert runtime.minds.is_stopped(), "the stop of a turn is not taken back by it"


def test_what_a_command_said_has_changed_is_passed_on(runtime: Runtime) -> None:
    heard = list[frozenset[str]]()
    session = Session(runtime, on_change=heard.append)
    list(session.handle(commands.ListArtifacts()))
    list(session.handle(commands.SaveArtifact(artifact_id=None, title="t", text="x")))
    assert heard == [frozenset(), frozenset({"library"})]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_pause_that_was_asked_for_ends_by_a_word_of_its_own(runtime: Runtime, at_once: bool) -> None:
    item, until = put(runtime, "x"), int((NOW + 3_600) * 1_000)
    runtime.connection.execute("UPDATE outbox_item SET state = 'failed', held_until = ?", (until,))
    list(Session(runtime).handle(commands.RetryItem(item_id=item.id, at_once=at_once)))
    assert (runtime.outbox.get(item.id).next_attempt_at == until) is not at_once
