"""What a request is read with, from the profile's own parts."""

from dataclasses import replace
from typing import Any

import pytest

from agent.agentrc.settings import Settings
from agent.agentrc.sources import builtin, session
from agent.agentrc.stack import Stack
from agent.conversation import Conversations
from agent.library import Library
from agent.loop.ports import Request, Situation
from agent.loop.recall import StoredRecall
from agent.protocol.records import AnswerLabel, Call, CallStatus, Message, Outcome, Question
from agent.store import Store
from agent.tools.registry import Registry
from agent.tools.shipped import SHIPPED
from agent.tools.spec import Kind, Param
from models.contracts import KNOWN_NAMES_MAX, CardArgument, ToolCard
from sync.outbox import Outbox

LABEL = AnswerLabel("local", "starter", "", "", "1", "", 0.9, None, None)
ARGUMENTS = (Param("number", Kind.TITLE, "The tracking number."), Param("by", Kind.TITLE, "Who.", False))
OWN = replace(SHIPPED[0], name="parcel.track", about="Shows where a parcel is.", params=ARGUMENTS)


def settings(**sets: Any) -> Settings:
    return Stack([builtin(), session([f"{key}={value}" for key, value in sets.items()])]).settings()


@pytest.fixture
def recall(store: Store, conversations: Conversations, library: Library, clock) -> StoredRecall:
    return StoredRecall(conversations, library, Outbox(store, clock), Registry(), settings)


def turn(
    conversations: Conversations, place: str | None, *calls: tuple[str, CallStatus], question: Question | None = None,
    **facts: Any,
) -> str:  # fmt: skip
    asked = conversations.begin_turn(place, "do it")
    for number, (tool, status) in enumerate(calls):
        conversations.add_call(Call(f"{asked.turn_id}{number}", asked.turn_id, tool, {"a": "b"}, status, facts=facts))
    conversations.end_turn(asked.turn_id, "done", Outcome.CALLED, LABEL, question=question)
    return asked.conversation_id


def before(recall: StoredRecall, conversations: Conversations, place: str) -> tuple[list[str], Question | None]:
    asked: Message = conversations.begin_turn(place, "next")
    found = recall.situation(Request("next", place), asked)
    conversations.end_turn(asked.turn_id, "", Outcome.ANSWERED, LABEL)
    return [call.tool for call in found.calls], found.question


def test_the_latest_turn_that_made_calls(recall: StoredRecall, conversations: Conversations) -> None:
    place = turn(conversations, None, ("task.add", CallStatus.DONE))
    turn(conversations, place, ("note.create", CallStatus.DONE), ("email.send", CallStatus.WAITING))
    assert before(recall, conversations, place)[0] == ["note.create", "email.send"]
    assert before(recall, conversations, place)[0] == ["note.create", "email.send"], "one turn back"
    assert before(recall, conversations, place)[0] == ["note.create", "email.send"], "two turns back"
    assert before(recall, conversations, place)[0] == []


@pytest.mark.parametrize("status", [CallStatus.UNDONE, CallStatus.REFUSED])
def test_what_does_not_stand_is_passed_over(recall: StoredRecall, conversations: Conversations, status: Any) -> None:
    place = turn(conversations, None, ("task.add", CallStatus.DONE))
    turn(conversations, place, ("note.create", status))
    assert before(recall, conversations, place)[0] == ["task.add"]


def test_a_call_that_was_replaced_or_that_asked_is_passed_over(
    recall: StoredRecall, conversations: Conversations
) -> None:
    newer = conversations.begin_turn(None, "elsewhere")
    conversations.add_call(Call("newer", newer.turn_id, "task.add", {}, CallStatus.DONE))
    place = turn(conversations, None, ("task.add", CallStatus.DONE), trail={"replaced_by": "newer"})
    assert before(recall, conversations, place)[0] == []
    turn(conversations, place, ("note.append", CallStatus.PROPOSED), ask="which_note", choices=[])
    assert before(recall, conversations, place)[0] == []


def test_only_the_last_turn_asks(recall: StoredRecall, conversations: Conversations) -> None:
    question = Question("email.send", {"to": "Dana"}, ("body",))
    place = turn(conversations, None, question=question)
    assert before(recall, conversations, place)[1] == question
    assert before(recall, conversations, place)[1] is None


def test_a_reset_forgets_and_its_undo_remembers(recall: StoredRecall, conversations: Conversations) -> None:
    question = Question("email.send", {"to": "Dana"}, ("body",))
    place = turn(conversations, None, ("task.add", CallStatus.DONE), question=question)
    conversations.reset(place)
    found = recall.situation(Request("next", place), Message("", place, "", "user", "", 0))
    assert (found.calls, found.question) == ((), None)
    conversations.undo(place)
    found = recall.situation(Request("next", place), Message("", place, "", "user", "", 0))
    assert ([call.tool for call in found.calls], found.question) == (["task.add"], question)


def test_a_branch_goes_on_with_the_question_only_where_it_was_asked(
    recall: StoredRecall, conversations: Conversations
) -> None:
    question = Question("email.send", {"to": "Dana"}, ("body",))
    place = turn(conversations, None, ("task.add", CallStatus.DONE), question=question)
    asked, answered = conversations.messages(place)
    assert answered.question == question
    assert before(recall, conversations, conversations.branch(answered.id).id)[1] == question
    assert before(recall, conversations, conversations.branch(asked.id).id)[1] is None


def test_names_of_the_user(store, conversations, library, clock) -> None:
    chosen = settings(**{
        "contacts.Dana": "d@x.org", "channels.ops.kind": "webhook", "channels.ops.url": "https://x.org/h",
        "trackers.web.kind": "http", "trackers.web.url": "https://x.org/i", "trackers.web.project": "carryon/web",
    })  # fmt: skip
    recall = StoredRecall(conversations, library, Outbox(store, clock), Registry(), lambda: chosen)
    library.create("note", "Trip", "x")
    library.create("page", "A page", "x")
    library.add_task("call")
    known = recall.situation(Request("x"), Message("", "", "", "user", "x", 0)).known
    assert known == (
        ("contact", "Dana"), ("channel", "ops"), ("project", "web"), ("project", "carryon/web"), ("title", "call"),
        ("title", "Trip"),
    )  # fmt: skip


def test_many_names_are_sorted_out_by_what_the_request_says(recall: StoredRecall, store: Store) -> None:
    store.executemany(
        "INSERT INTO artifact (id, kind, title, title_key, created_at, updated_at) VALUES (?, 'note', ?, ?, 1, ?)",
        [(str(number), f"n{number}", f"n{number}", number) for number in range(KNOWN_NAMES_MAX + 50)],
    )
    newest, oldest_kept, too_old = KNOWN_NAMES_MAX + 49, 50, 49
    text = f"add socks to N{oldest_kept}'s and n{newest} and n{too_old}"
    known = recall.situation(Request(text), Message("", "", "", "user", text, 0)).known
    assert known == (("title", f"n{newest}"), ("title", f"n{oldest_kept}"))


def test_only_strange_tools_have_cards(store, conversations, library, clock) -> None:
    registry = Registry()
    registry.register(OWN)
    found = StoredRecall(conversations, library, Outbox(store, clock), registry, settings)
    cards = found.situation(Request("x"), Message("", "", "", "user", "x", 0)).tools
    arguments = (CardArgument("number", "The tracking number."), CardArgument("by", "Who.", required=False))
    assert cards == (ToolCard("parcel.track", "Shows where a parcel is.", arguments),)


def test_what_is_imagined_takes_the_place_of_the_thread(recall: StoredRecall, conversations: Conversations) -> None:
    place = turn(conversations, None, ("task.add", CallStatus.DONE))
    imagined = Situation((Call("", "", "timer.set", {}, CallStatus.DONE),), known=(("contact", "Ivo"),))
    request = Request("x", place, dry_run=True, imagined=imagined)
    found = recall.situation(request, Message("", place, "", "user", "x", 0))
    assert ([call.tool for call in found.calls], found.known) == (["timer.set"], imagined.known)
