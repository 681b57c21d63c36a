"""A change of settings that was asked for with a yes in advance: made at once, and said as made."""

from collections.abc import Iterator

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled, TurnEnded
from agent.protocol.records import CallStatus
from agent.runtime import Runtime
from models.contracts import Decision, PointedCall
from models.scripted import Scripted

TERSE = Decision("called", 0.99, (PointedCall("rc.set", {"key": "tone", "value": "terse"}),))


@pytest.fixture
def runtime(paths: Paths) -> Iterator[Runtime]:
    with build(paths, environ={}, starter=Scripted([TERSE, TERSE])) as built:
        yield built


def ask(runtime: Runtime, *, approve: bool) -> tuple[CallSettled, TurnEnded]:
    events = list(runtime.turn(Request("set tone to terse", approve=approve)))
    (settled,) = [event for event in events if isinstance(event, CallSettled)]
    assert isinstance(events[-1], TurnEnded)
    return settled, events[-1]


def test_without_a_yes_it_stays_a_proposal(runtime: Runtime) -> None:
    settled, ended = ask(runtime, approve=False)
    assert settled.call.status is CallStatus.PROPOSED
    assert "would" in ended.message.text
    assert runtime.settings.tone == "neutral"


def test_with_a_yes_it_is_made(runtime: Runtime) -> None:
    settled, ended = ask(runtime, approve=True)
    assert settled.call.status is CallStatus.DONE
    assert runtime.settings.tone == "terse"
    assert ended.message.text == "tone = terse."
    assert runtime.conversations.call(settled.call.id).status is CallStatus.DONE


def test_a_proposal_accepted_later_is_said_as_made(runtime: Runtime) -> None:
    settled, _ = ask(runtime, approve=False)
    accepted = runtime.decide_proposal(settled.call, accept=True)
    assert accepted.status is CallStatus.DONE
    assert accepted.result == "tone = terse."
