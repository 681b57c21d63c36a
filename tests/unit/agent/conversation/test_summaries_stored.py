"""Summaries on the disk: one that counts, a notice for each, gone and back with the messages that they stand for."""

import pytest

from agent.conversation import Conversations, summaries
from agent.conversation.errors import CannotUndoError, MessageTooLongError, NoConversationError
from agent.conversation.rounds import Round, Written
from agent.conversation.summaries import SUMMARIES_MAX
from agent.protocol.records import (
    SUMMARY_CHARACTERS_MAX,
    AnswerLabel,
    Call,
    CallStatus,
    Outcome,
    Role,
    Summary,
)
from agent.store import Store

LABEL = AnswerLabel("local", "chatty", "", "", "", "", None, None, None, summed_up=4)


def talk(conversations: Conversations, place: str | None, *texts: str) -> str:
    for text in texts:
        asked = conversations.begin_turn(place, text)
        place = asked.conversation_id
        conversations.end_turn(asked.turn_id, f"re: {text}", Outcome.ANSWERED, LABEL)
    assert place is not None
    return place


def sum_up(conversations: Conversations, place: str, messages: int, text: str = "Summed up.") -> Summary:
    until = conversations.messages_for_model(place)[messages - 1].seq
    made = Summary("", place, messages, text, "" if text else "no model", "chatty", 0)
    notice = conversations.sum_up(place, until, made, f"{messages} older messages")
    assert notice.summary is not None
    return notice.summary


def test_it_is_shown_by_a_notice_and_found_by_its_conversation(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two", "three")
    made = sum_up(conversations, place, 4)
    found = conversations.summary(place)
    assert found is not None
    assert found[0] == made
    assert found[1] == conversations.messages_for_model(place)[3].seq
    notice = conversations.messages(place)[-1]
    assert (notice.role, notice.text, notice.summary) == (Role.NOTICE, "4 older messages", made)
    assert len(conversations.messages_for_model(place)) == 6, "the messages themselves stay"
    assert conversations.messages(place)[1].label == LABEL


def test_the_furthest_counts_and_an_earlier_one_counts_again_when_it_goes(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two", "three")
    first = sum_up(conversations, place, 2, "First.")
    sum_up(conversations, place, 4, "Second.")
    shown = [said.summary for said in conversations.messages(place) if said.summary]
    assert [(one.text, one.is_current) for one in shown] == [("First.", False), ("Second.", True)]
    conversations.rewind(conversations.messages_for_model(place)[2].message.id)
    assert conversations.summary(place) == (first, conversations.messages_for_model(place)[1].seq)
    conversations.undo(place)
    found = conversations.summary(place)
    assert found is not None
    assert found[0].text == "Second."


def test_one_undo_takes_an_edit_and_what_was_summed_up_after_it(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two", "three")
    before = conversations.messages(place)
    edited = conversations.edit_message(before[4].id, "three, but better")
    sum_up(conversations, place, 2)
    conversations.end_turn(edited.turn_id, "better", Outcome.ANSWERED, LABEL)
    assert conversations.undo(place) == "edit"
    assert conversations.messages(place) == before
    assert conversations.summary(place) is None
    assert conversations.redo(place) == "edit"
    found = conversations.summary(place)
    assert found is not None
    assert found[0].text == "Summed up."


def test_a_notice_that_went_is_said_again_once(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two")
    asked = conversations.begin_turn(place, "three")
    made = sum_up(conversations, place, 2)
    conversations.end_turn(asked.turn_id, "re", Outcome.ANSWERED, LABEL)
    assert conversations.announced(made, "again") is None
    conversations.rewind(asked.id)
    notice = conversations.announced(made, "2 older messages")
    assert notice is not None
    assert notice.summary == made
    assert conversations.announced(made, "again") is None


def test_words_of_the_users_own_are_kept_and_bounded(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two")
    made = sum_up(conversations, place, 2, "")
    assert (made.text, made.why) == ("", "no model")
    edited = conversations.edit_summary(made.id, "Mine.\n")
    assert (edited.text, edited.why, edited.made_by, edited.is_on) == ("Mine.", "", "you", True)
    with pytest.raises(MessageTooLongError):
        conversations.edit_summary(made.id, "x" * (SUMMARY_CHARACTERS_MAX + 1))
    conversations.switch_summary(made.id, on=False)
    assert conversations.edit_summary(made.id, "Mine again.").is_on, "whoever writes it wants it told"
    with pytest.raises(NoConversationError, match="gone"):
        conversations.edit_summary("nobody", "x")


def test_it_is_bounded_in_number(conversations: Conversations, store: Store) -> None:
    place = talk(conversations, None, "one", "two")
    for number in range(SUMMARIES_MAX + 5):
        sum_up(conversations, place, 2, f"Summary {number}.")
    assert store.execute("SELECT count(*) FROM summary").fetchone()[0] == SUMMARIES_MAX
    found = conversations.summary(place)
    assert found is not None
    assert found[0].text == f"Summary {SUMMARIES_MAX + 4}."


def test_no_trace_is_left_for_good(conversations: Conversations, store: Store) -> None:
    place = talk(conversations, None, "one", "two")
    sum_up(conversations, place, 2, "A canary.")
    conversations.purge(place)
    assert store.execute("SELECT count(*) FROM summary").fetchone()[0] == 0
    assert b"canary" not in store.path.read_bytes()
    with pytest.raises((CannotUndoError, NoConversationError)):
        conversations.undo(place)


def test_how_a_model_spoke_is_kept_with_the_turn_and_copied_into_a_branch(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "do it")
    conversations.add_call(Call("call-1", asked.turn_id, "note.create", {"body": "x"}, CallStatus.DONE))
    rounds = (Round("Let me see.", (Written("m1", "call-1"),)),)
    conversations.keep_partial(asked.turn_id, "Let me see.", rounds)
    conversations.keep_partial(asked.turn_id, "Let me see. And")
    said = conversations.end_turn(asked.turn_id, "Let me see.\n\nAnd done.", Outcome.CALLED, LABEL)
    spoken = conversations.messages_for_model(asked.conversation_id)[-1]
    assert (spoken.message.id, spoken.rounds) == (said.id, rounds)
    branch = conversations.branch(said.id)
    copied = conversations.messages_for_model(branch.id)[-1]
    (written,) = copied.rounds[0].calls
    assert written.id == "m1"
    assert written.call_id == copied.message.calls[0].id != "call-1"


def test_a_branch_of_the_beginning_takes_no_summary_of_what_is_not_there(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two", "three")
    sum_up(conversations, place, 4)
    short = conversations.branch(conversations.messages(place)[1].id)
    assert conversations.summary(short.id) is None
    whole = conversations.branch(conversations.messages(place)[-1].id)
    found = conversations.summary(whole.id)
    assert found is not None
    assert (found[0].text, found[0].conversation_id) == ("Summed up.", whole.id)
    assert conversations.messages(whole.id)[-1].summary == found[0]
    assert summaries.is_announced(conversations._connection, found[0].id)
