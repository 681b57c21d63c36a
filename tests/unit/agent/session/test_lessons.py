"""What the user does in the chat and the outbox becomes something to learn from, with consent alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from agent.compose import build
from agent.corrections import How
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.session.handling import Session
from models.contracts import Decision, Follow, PointedCall, ToolCall
from models.scripted import INFO, Says, Scripted

CONSENT = """[learning]
corrections = true
[contacts]
Dana = "dana@example.org"
Sam = "sam@example.org"
[practice]
enabled = true
"""
TEXT = "email Dana that the contract is signed"
Open = Callable[..., Session]


def email(to: str = "Dana", body: str = "the contract is signed") -> PointedCall:
    return PointedCall("email.send", {"to": to, "body": body})


def called(*calls: PointedCall, follow: Follow | None = None) -> Decision:
    return Decision("called", 0.95, calls=calls, follow=follow)


@pytest.fixture
def session(paths: Paths) -> Iterator[Open]:
    with ExitStack() as undo:

        def opened(*script: Decision, agentrc: str = CONSENT) -> Session:
            paths.agentrc.write_text(agentrc)
            starter = Scripted(script, info=replace(INFO, name="starter"))
            return Session(undo.enter_context(build(paths, starter=starter, offline=True)))

        yield opened


def ask(session: Session, text: str = TEXT, **more: Any) -> list[Event]:
    return list(session.handle(commands.SendMessage(text=text, **more)))


def first(heard: list[Event], kind: type[Any]) -> Any:
    return next(event for event in heard if isinstance(event, kind))


def test_an_edited_item_is_a_pair_of_what_was_decided_and_what_was_meant(session: Open) -> None:
    here = session(called(email(body="the contract")))
    item = first(ask(here), events.CallSettled).item
    list(here.handle(commands.EditItem(item_id=item.id, args={"body": "the contract is signed"})))
    (pair,) = here.runtime.corrections.list()
    assert (pair.text, pair.how) == (TEXT, How.EDITED)
    assert pair.decided == (email(body="the contract"),)
    assert pair.corrected == (email(),)
    assert pair.situation.known == (("contact", "Dana"),)
    assert (pair.model_sha256, pair.config_hash) == ("0" * 64, here.runtime.settings.config_hash)


def test_edits_of_two_items_of_one_message_are_one_pair(session: Open) -> None:
    here = session(called(email(body="it"), email("Sam", "it")))
    items = [event.item for event in ask(here) if isinstance(event, events.CallSettled)]
    for item, body in zip(items, ("it is signed", "it is late"), strict=True):
        list(here.handle(commands.EditItem(item_id=item.id, args={"body": body})))
    (pair,) = here.runtime.corrections.list()
    assert pair.corrected == (email(body="it is signed"), email("Sam", "it is late"))


def test_without_consent_nothing_is_kept(session: Open) -> None:
    here = session(called(email(body="the contract")), agentrc=CONSENT.replace("true", "false", 1))
    heard = ask(here)
    list(here.handle(commands.EditItem(item_id=first(heard, events.CallSettled).item.id, args={"body": "x"})))
    (marked,) = here.handle(commands.MarkMisread(message_id=first(heard, events.TurnEnded).message.id))
    assert isinstance(marked, events.MisreadMarked)
    assert not marked.kept
    assert "learning.corrections" in marked.why
    assert here.runtime.corrections.count() == 0


def test_an_item_whose_thread_was_reset_is_still_edited(session: Open) -> None:
    here = session(called(email(body="the contract")))
    heard = ask(here)
    item = first(heard, events.CallSettled).item
    list(here.handle(commands.ResetConversation(conversation_id=item.conversation_id)))
    list(here.handle(commands.EditItem(item_id=item.id, args={"body": "the contract is signed"})))
    assert here.runtime.outbox.get(item.id).args["body"] == "the contract is signed"
    assert here.runtime.corrections.count() == 0


@pytest.mark.parametrize(
    ("again", "decision", "kept"),
    [
        ("email Dana that the contract is signed please", called(email(body="the contract is signed")), True),
        ("email Dana that the contract is signed please", called(email(body="the contract")), False),
        ("timer 12 minutes", called(PointedCall("timer.set", {"duration": "12 minutes"})), False),
        ("email Dana that the contract was signed", Decision("handoff", 0.9), False),
    ],
)
def test_asking_again_teaches_when_another_decision_comes_of_it(
    session: Open, again: str, decision: Decision, kept: bool
) -> None:
    here = session(called(email(body="the contract")), decision)
    asked = first(ask(here), events.TurnStarted).message
    list(here.handle(commands.EditMessage(message_id=asked.id, text=again)))
    pairs = here.runtime.corrections.list()
    assert bool(pairs) is kept
    if kept:
        (pair,) = pairs
        assert (pair.how, pair.text) == (How.ASKED_AGAIN, TEXT)
        assert pair.corrected == decision.calls


def test_asking_again_learns_the_calls_of_that_message_alone(session: Open) -> None:
    made = called(PointedCall("task.add", {"title": "call", "due": "friday"}))
    changes = [called(PointedCall("task.add", {"due": day}), follow="amend") for day in ("monday", "tuesday")]
    here = session(made, *changes)
    place = first(ask(here, "remind me on friday to call"), events.TurnStarted).message.conversation_id
    asked = first(ask(here, "make that monday", conversation_id=place), events.TurnStarted).message
    list(here.handle(commands.EditMessage(message_id=asked.id, text="make that tuesday")))
    pair = next(pair for pair in here.runtime.corrections.list() if pair.how is How.ASKED_AGAIN)
    assert pair.corrected == (PointedCall("task.add", {"title": "call", "due": "tuesday"}),)


def test_the_users_word_that_it_was_wrong_is_kept(session: Open) -> None:
    here = session(called(email()))
    answer = first(ask(here), events.TurnEnded).message
    (marked,) = here.handle(commands.MarkMisread(message_id=answer.id))
    assert isinstance(marked, events.MisreadMarked)
    assert marked.kept
    (pair,) = here.runtime.corrections.list()
    assert (pair.how, pair.decided, pair.corrected) == (How.SAID_WRONG, (email(),), None)


CHAT = '[model]\ndefault = "talker"\n' + CONSENT


def test_what_a_chat_model_called_is_no_lesson_for_the_starter(paths: Paths) -> None:
    """Its call is edited in the outbox, and marked as misread: both are done, and neither teaches."""
    paths.agentrc.write_text(CHAT)
    call = ToolCall("c1", "email_send", {"to": "Dana", "body": "the contract"})
    models = {
        "starter": Scripted([Decision("handoff", 0.9)], info=replace(INFO, name="starter")),
        "talker": Scripted([Says("", (call,)), "Done."], info=replace(INFO, name="talker", kind="chat")),
    }
    with build(paths, environ={}, open_model=models.__getitem__, offline=True) as runtime:
        here = Session(runtime)
        heard = ask(here)
        answer = first(heard, events.TurnEnded).message
        item = first(heard, events.CallSettled).item
        assert answer.label.model == "talker"
        list(here.handle(commands.EditItem(item_id=item.id, args={"body": "the contract is signed"})))
        assert runtime.outbox.get(item.id).args["body"] == "the contract is signed"
        (marked,) = here.handle(commands.MarkMisread(message_id=answer.id))
        assert isinstance(marked, events.MisreadMarked)
        assert (marked.kept, "only what the starter decides" in marked.why) == (False, True)
        assert runtime.corrections.count() == 0


def test_a_reset_lets_go_of_what_was_corrected_there(session: Open) -> None:
    here = session(called(email()))
    answer = first(ask(here), events.TurnEnded).message
    list(here.handle(commands.MarkMisread(message_id=answer.id)))
    list(here.handle(commands.ResetConversation(conversation_id=answer.conversation_id)))
    assert here.runtime.corrections.count() == 0
