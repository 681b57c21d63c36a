"""Whatever the user writes is in the box, in a draft on the disk, or in a stored message. Never nowhere."""

from dataclasses import replace

import pytest

from agent.protocol import commands, events
from agent.protocol.records import Message, Role
from app import demo
from app.presenters.composer import PASTE_CHARACTERS_MIN
from app.presenters.desk import Desk


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    for event in demo.afternoon():
        desk.handle(event)
    return desk


def stored(command: commands.SendMessage, conversation: str = demo.THREAD) -> events.TurnStarted:
    message = Message("m9", conversation, "t9", Role.USER, command.text, demo.NOW_MS)
    return events.TurnStarted(cause=command.id, turn_id="t9", message=message)


def test_sending_saves_the_draft_first_and_clears_it_when_stored(open_desk: Desk, submitted) -> None:
    submitted.clear()
    open_desk.composer.typed("  send this  ")
    assert open_desk.composer.send()
    assert [type(command).__name__ for command in submitted] == ["SaveDraft", "SendMessage"]
    assert submitted[0].text == submitted[1].text == "send this"
    assert open_desk.composer.text == ""
    open_desk.handle(stored(submitted[1]))
    assert submitted.last(commands.SaveDraft).text == ""
    assert open_desk.composer.pending == ()


def test_a_message_that_could_not_be_stored_comes_back(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("precious")
    open_desk.composer.send()
    open_desk.composer.typed("next")
    open_desk.handle(events.Failed(cause=submitted.last(commands.SendMessage).id, what="The disk is full."))
    assert open_desk.composer.text == "precious\n\nnext"
    assert open_desk.composer.pending == ()


def test_a_draft_holds_what_is_on_its_way(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("first")
    open_desk.composer.send()
    open_desk.composer.typed("second")
    open_desk.composer.save_draft()
    assert submitted.last(commands.SaveDraft).text == "first\n\nsecond"


def test_nothing_is_sent_when_nothing_is_written(open_desk: Desk, submitted) -> None:
    submitted.clear()
    open_desk.composer.typed("  \n ")
    assert not open_desk.composer.send()
    assert submitted == []


def test_an_unchanged_draft_is_not_written_again(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("a")
    open_desk.composer.save_draft()
    open_desk.composer.save_draft()
    assert len([c for c in submitted.all(commands.SaveDraft) if c.text == "a"]) == 1


def test_a_megabyte_is_kept_whole_beside_the_box(open_desk: Desk, submitted) -> None:
    text = "All work and no play. " * 50_000
    assert len(text) > 1_000_000
    open_desk.composer.typed("Look at this:")
    assert open_desk.composer.paste(text)
    assert open_desk.composer.text == "Look at this:"
    assert open_desk.composer.pastes[0].about == "Pasted text · 1.1 MB · 1 line"
    assert submitted.last(commands.SaveDraft).text == f"Look at this:\n\n{text}"
    open_desk.composer.send()
    assert submitted.last(commands.SendMessage).text == f"Look at this:\n\n{text}"


def test_a_short_paste_is_text(open_desk: Desk) -> None:
    assert not open_desk.composer.paste("x" * (PASTE_CHARACTERS_MIN - 1))
    assert open_desk.composer.pastes == ()


def test_a_long_draft_comes_back_as_a_piece(desk: Desk) -> None:
    draft = "y" * PASTE_CHARACTERS_MIN
    opened = replace(demo.CONVERSATIONS[0], draft=draft)
    desk.handle(events.ConversationOpened(conversation=opened, messages=()))
    assert desk.composer.text == ""
    assert desk.composer.pastes[0].text == draft


def test_going_elsewhere_keeps_this_draft_and_brings_the_other(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("half a thought")
    open_desk.conversations.open("c3")
    saved = submitted.last(commands.SaveDraft)
    assert (saved.conversation_id, saved.text) == (demo.THREAD, "half a thought")
    open_desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[2], messages=()))
    assert open_desk.composer.text == "And the figures for"


def test_reset_and_undo_leave_the_box_alone(open_desk: Desk) -> None:
    open_desk.composer.typed("still here")
    open_desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=()))
    assert open_desk.composer.text == "still here"


def test_editing_the_last_message(open_desk: Desk, submitted) -> None:
    assert open_desk.composer.edit_last()
    assert open_desk.composer.editing == "m3"
    assert open_desk.composer.text.startswith("email Dana")
    open_desk.composer.typed("email Sam instead")
    open_desk.composer.send()
    edited = submitted.last(commands.EditMessage)
    assert (edited.message_id, edited.text) == ("m3", "email Sam instead")
    assert open_desk.composer.editing == ""


def test_up_does_not_overwrite_what_is_written(open_desk: Desk) -> None:
    open_desk.composer.typed("mine")
    assert not open_desk.composer.edit_last()
    assert open_desk.composer.text == "mine"


def test_the_first_message_makes_the_conversation(desk: Desk, submitted) -> None:
    desk.composer.typed("hello")
    desk.composer.send()
    sent = submitted.last(commands.SendMessage)
    assert sent.conversation_id is None
    desk.handle(stored(sent, "brand-new"))
    desk.composer.typed("again")
    desk.composer.send()
    assert submitted.last(commands.SendMessage).conversation_id == "brand-new"


def test_a_draft_of_a_conversation_that_never_began_comes_back(desk: Desk, submitted) -> None:
    desk.handle(events.ConversationsListed(conversations=demo.CONVERSATIONS, query="", draft="dear diary"))
    assert desk.composer.text == "dear diary"
    assert not submitted.all(commands.OpenConversation)


def test_an_old_draft_and_what_is_typed_already_are_both_kept(desk: Desk, submitted) -> None:
    desk.composer.typed("new")
    desk.composer.save_draft()
    assert not submitted.all(commands.SaveDraft), "the old draft on the disk would be lost"
    desk.handle(events.ConversationsListed(conversations=(), query="", draft="old"))
    assert desk.composer.text == "old\n\nnew"
    desk.composer.save_draft()
    assert submitted.last(commands.SaveDraft).text == "old\n\nnew"


def test_what_was_written_for_a_new_conversation_waits_there(open_desk: Desk, submitted) -> None:
    open_desk.conversations.begin_new()
    open_desk.composer.typed("for later")
    open_desk.conversations.open("c3")
    open_desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[2], messages=()))
    open_desk.conversations.begin_new()
    assert open_desk.composer.text == "for later"
    open_desk.composer.typed("for later, and more")
    open_desk.composer.save_draft()
    saved = submitted.last(commands.SaveDraft)
    assert (saved.conversation_id, saved.text) == (None, "for later, and more")


def test_begin_new_twice_keeps_the_text(open_desk: Desk) -> None:
    open_desk.conversations.begin_new()
    open_desk.composer.typed("one")
    open_desk.conversations.begin_new()
    assert open_desk.composer.text == "one"


def test_after_a_delete_the_box_belongs_to_a_new_conversation(open_desk: Desk, submitted) -> None:
    open_desk.composer.typed("too late")
    open_desk.handle(events.ConversationTrashed(conversation=demo.CONVERSATIONS[0]))
    saved = submitted.last(commands.SaveDraft)
    assert (saved.conversation_id, saved.text) == (demo.THREAD, "too late")
    open_desk.composer.typed("fresh")
    open_desk.composer.send()
    assert submitted.last(commands.SendMessage).conversation_id is None


LENT = "the prompt triage of the server tracker"


def test_words_of_another_go_with_their_text_until_the_box_is_empty(open_desk: Desk, submitted) -> None:
    composer = open_desk.composer
    composer.typed("Please:")
    composer.lend("Sort them.", LENT)
    assert (composer.text, composer.lent) == ("Please:\n\nSort them.", (LENT,))
    draft = submitted.last(commands.SaveDraft)
    assert (draft.text, draft.sources) == ("Please:\n\nSort them.", (LENT,))
    composer.typed("Sort them all.")
    assert composer.lent == (LENT,), "an edit does not make them the user's own"
    composer.typed("")
    assert (composer.lent, composer.lent_words) == ((), "")
    composer.save_draft()
    assert submitted.last(commands.SaveDraft).sources == ()


def test_words_of_another_stay_known_aside_on_their_way_and_when_they_come_back(open_desk: Desk, submitted) -> None:
    composer = open_desk.composer
    composer.lend("Sort them.", LENT)
    composer.edit("m1", "earlier")
    assert composer.lent == ()
    composer.stop_editing()
    assert (composer.text, composer.lent) == ("Sort them.", (LENT,))
    composer.send()
    sent = submitted.last(commands.SendMessage)
    assert (sent.sources, composer.lent) == ((LENT,), ())
    composer.typed("mine")
    composer.save_draft()
    assert submitted.last(commands.SaveDraft).sources == (LENT,), "what is on its way is in the draft"
    open_desk.handle(events.Failed(cause=sent.id, what="The disk is full."))
    assert (composer.text, composer.lent) == ("Sort them.\n\nmine", (LENT,))


def test_a_message_with_words_of_another_that_is_edited_keeps_them_known(open_desk: Desk, submitted) -> None:
    message = Message("m8", demo.THREAD, "t8", Role.USER, "Sort them.", demo.NOW_MS, sources=(LENT,))
    open_desk.handle(events.TurnStarted(turn_id="t8", message=message))
    open_desk.composer.edit("m8", "Sort them.")
    open_desk.composer.typed("Sort them well.")
    open_desk.composer.send()
    assert submitted.last(commands.EditMessage).sources == (LENT,)


def test_words_of_another_come_back_with_the_draft_of_their_conversation(open_desk: Desk) -> None:
    composer = open_desk.composer
    composer.lend("Sort them.", LENT)
    here = demo.CONVERSATIONS[0]
    composer.leave()
    assert composer.lent == ()
    other = replace(demo.CONVERSATIONS[1], draft="mine")
    open_desk.handle(events.ConversationOpened(conversation=other, messages=()))
    assert (composer.text, composer.lent) == ("mine", ())
    composer.leave()
    back = replace(here, draft="Sort them.", draft_sources=(LENT,))
    open_desk.handle(events.ConversationOpened(conversation=back, messages=()))
    assert (composer.text, composer.lent) == ("Sort them.", (LENT,))


def test_a_long_text_of_another_is_a_piece_and_known_as_theirs(open_desk: Desk) -> None:
    open_desk.composer.lend("x" * PASTE_CHARACTERS_MIN, LENT)
    assert (len(open_desk.composer.pastes), open_desk.composer.lent) == (1, (LENT,))
    open_desk.composer.remove_paste(0)
    assert open_desk.composer.lent == ()


READ = "Read the tracker, sort what is open by how urgent it is, and answer each."


@pytest.mark.parametrize("back", [READ, f"Mine. {READ}", READ[:40]], ids=["whole", "in a text", "a part"])
def test_words_of_another_that_are_cut_and_pasted_stay_known(open_desk: Desk, back: str) -> None:
    composer = open_desk.composer
    composer.lend(READ, LENT, "Pictures were left out.")
    composer.typed("")
    assert composer.lent == ()
    assert not composer.paste(back)
    composer.typed(back)
    assert composer.lent == (LENT,)
    assert composer.lent_words.endswith("Pictures were left out.")


def test_words_of_another_that_were_changed_before_they_were_cut_stay_known(open_desk: Desk) -> None:
    composer = open_desk.composer
    composer.lend(READ, LENT)
    changed = READ.replace("tracker", "board")
    composer.typed(changed)
    composer.typed("")
    composer.typed(changed)  # brought back by redoing a paste
    assert composer.lent == (LENT,)


def test_own_words_after_words_of_another_are_own(open_desk: Desk) -> None:
    composer = open_desk.composer
    composer.lend(READ, LENT)
    composer.typed("R")
    composer.typed("")
    composer.paste("sort")
    composer.typed("Read and sort my own letters.")
    assert composer.lent == ()
    composer.typed("", undone=True)
    assert composer.lent == (), "in an empty box nothing of anybody is left"
    composer.typed("R", undone=True)
    assert composer.lent == (LENT,)


def test_words_of_another_are_forgotten_when_the_box_is_set_anew(open_desk: Desk) -> None:
    composer = open_desk.composer
    composer.lend(READ, LENT)
    composer.typed("")
    composer.suggest("An example")
    composer.typed("An example of mine", undone=True)
    assert composer.lent == ()


def test_another_note_about_the_same_words_is_told(open_desk: Desk) -> None:
    composer, told = open_desk.composer, []
    composer.lend("Sort them.", LENT)
    composer.listen(lambda part, _: told.append(composer.lent_words) if part == "lent" else None)
    composer.lend("Sort them.", LENT, "Pictures were left out.")
    assert [words[-23:] for words in told] == ["Pictures were left out."]
