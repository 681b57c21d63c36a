"""A change of settings that was asked for with a yes in advance: made at once, and said as made."""

from collections.abc import Iterator

import pytest

from agent.compose import build
from agent.errors import BadRequestError
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled, TurnEnded
from agent.protocol.records import Call, CallStatus
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


NOTE = Decision("called", 0.99, (PointedCall("note.create", {"title": "milk", "body": "two litres"}),))


@pytest.fixture
def asking(paths: Paths) -> Iterator[Runtime]:
    paths.agentrc.write_text('schema = 1\n[tools]\n"note.*" = "ask"\n')
    with build(paths, environ={}, starter=Scripted([NOTE])) as built:
        yield built


def proposed(runtime: Runtime) -> Call:
    told = list(runtime.turn(Request("note milk")))
    (call,) = [event.call for event in told if isinstance(event, CallSettled)]
    assert call.status is CallStatus.PROPOSED
    return call


def test_the_row_is_settled_with_the_effect(asking: Runtime) -> None:
    """A process that dies right after the effect leaves nothing that a second yes would repeat."""
    call = proposed(asking)
    context = asking.context(Request("note milk", approve=True), "", call.turn_id, call.id)
    made = asking.hands.run_approved(call, context).call
    stored = asking.conversations.call(call.id)
    assert (stored.status, stored.artifact_id) == (CallStatus.DONE, made.artifact_id)
    assert stored.result == made.result


def test_two_that_read_the_proposal_do_it_once(asking: Runtime) -> None:
    call = proposed(asking)
    context = asking.context(Request("note milk", approve=True), "", call.turn_id, call.id)
    asking.hands.run_approved(call, context)
    with pytest.raises(BadRequestError, match="decided before"):
        asking.hands.run_approved(call, context)
    for accept in (True, False):
        with pytest.raises(BadRequestError, match="decided before"):
            asking.decide_proposal(call, accept=accept)
    assert len(asking.library.list()) == 1
    assert asking.conversations.call(call.id).status is CallStatus.DONE


def test_a_change_of_settings_is_decided_once(runtime: Runtime) -> None:
    settled, _ = ask(runtime, approve=False)
    runtime.decide_proposal(settled.call, accept=False)
    with pytest.raises(BadRequestError, match="decided before"):
        runtime.decide_proposal(settled.call, accept=True)
    assert runtime.settings.tone == "neutral"


def test_a_yes_to_an_old_proposal_heeds_what_the_settings_deny_now(asking: Runtime) -> None:
    call = proposed(asking)
    asking.change_settings({'tools."note.*"': "deny"})
    with pytest.raises(BadRequestError, match=r"deny note\.create"):
        asking.decide_proposal(call, accept=True)
    assert asking.conversations.call(call.id).status is CallStatus.PROPOSED, "it stays to be decided"
    assert asking.library.list() == ()
    asking.change_settings({'tools."note.*"': "ask"})
    assert asking.decide_proposal(call, accept=True).status is CallStatus.DONE


def test_a_denied_change_of_settings_is_not_made_by_an_old_yes(runtime: Runtime) -> None:
    settled, _ = ask(runtime, approve=False)
    runtime.change_settings({'tools."rc.*"': "deny"})
    with pytest.raises(BadRequestError, match=r"deny rc\.set"):
        runtime.decide_proposal(settled.call, accept=True)
    assert runtime.settings.tone == "neutral"
    assert runtime.decide_proposal(settled.call, accept=False).status is CallStatus.REFUSED
