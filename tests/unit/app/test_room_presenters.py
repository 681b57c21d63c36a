"""Conversations, reset, notes over the window, status, settings, models, insights, welcome."""

from dataclasses import replace

import pytest

from agent.protocol import commands, events
from agent.protocol.events import ProblemShown
from agent.protocol.network_commands import SetOffline
from agent.protocol.records import Model
from agent.protocol.server_events import ServersListed
from agent.protocol.server_records import ServerView
from app import demo
from app.presenters.desk import VIEWS, Desk
from sync.states import State


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    for event in demo.afternoon():
        desk.handle(event)
    return desk


# Conversations


def test_rows_say_when_and_how_much(open_desk: Desk) -> None:
    row = open_desk.conversations.rows[0]
    assert row.current
    assert row.about.endswith("8 messages")
    assert open_desk.conversations.rows[2].has_draft


def test_an_answer_to_an_older_search_is_dropped(open_desk: Desk, submitted) -> None:
    open_desk.conversations.search("lis")
    older = submitted.last(commands.ListConversations).id
    open_desk.conversations.search("lisbon")
    newer = submitted.last(commands.ListConversations).id
    open_desk.handle(events.ConversationsListed(cause=newer, conversations=demo.CONVERSATIONS[1:2], query="lisbon"))
    open_desk.handle(events.ConversationsListed(cause=older, conversations=(), query="lis"))
    assert [row.id for row in open_desk.conversations.rows] == ["c2"]


def test_bringing_back_from_the_trash_is_undo(open_desk: Desk, submitted) -> None:
    open_desk.conversations.restore("c4")
    assert submitted.last(commands.UndoConversation).conversation_id == "c4"


# Reset and notes


def test_reset_says_what_stays_and_what_goes(open_desk: Desk, submitted) -> None:
    open_desk.reset.ask()
    assert submitted.last(commands.PreviewReset).conversation_id == demo.THREAD
    open_desk.handle(events.ResetPreviewed(preview=demo.RESET))
    sheet = open_desk.reset.sheet
    assert sheet is not None
    assert (sheet.keeps, sheet.lets_go) == ("4 works in the Library and 2 items in the Outbox", "41 messages")
    assert "“Invoice Dana”" in sheet.titles
    open_desk.reset.confirm()
    assert submitted.last(commands.ResetConversation).conversation_id == demo.THREAD
    assert open_desk.reset.sheet is None


def test_reset_offers_undo_for_ten_seconds(open_desk: Desk, submitted) -> None:
    open_desk.handle(events.ConversationReset(conversation=demo.CONVERSATIONS[0], preview=demo.RESET))
    toast = open_desk.toasts.latest
    assert toast is not None
    assert (toast.action, toast.seconds) == ("Undo", 10.0)
    assert toast.text == "Let go of 41 messages. Kept 4 works in the Library and 2 items in the Outbox."
    open_desk.toasts.act(toast)
    assert submitted.last(commands.UndoConversation).conversation_id == demo.THREAD


def test_the_sheet_closes_when_another_conversation_opens(open_desk: Desk) -> None:
    open_desk.handle(events.ResetPreviewed(preview=demo.RESET))
    open_desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[1], messages=()))
    assert open_desk.reset.sheet is None


def test_a_delivery_is_told_once(open_desk: Desk, parts) -> None:
    heard = parts(open_desk.toasts)
    delivered = replace(demo.ITEMS[1], state=State.DELIVERED, delivered_at=demo.NOW_MS)
    open_desk.handle(events.ItemChanged(item=delivered))
    open_desk.handle(events.ItemChanged(item=delivered))
    assert heard == [("toast", "")]
    assert open_desk.toasts.latest
    assert open_desk.toasts.latest.notify == "Delivered"


def test_a_timer_rings_on_the_desktop_too(open_desk: Desk) -> None:
    open_desk.handle(events.TimerRang(label="tea", artifact_id=""))
    assert open_desk.toasts.latest
    assert (open_desk.toasts.latest.text, open_desk.toasts.latest.notify) == ("Time: tea", "Timer")


def test_a_failure_says_what_where_and_what_to_do(open_desk: Desk) -> None:
    open_desk.handle(events.Failed(what="The file is no model.", where="/tmp/x.gguf", todo="Choose another."))
    assert open_desk.toasts.latest
    assert open_desk.toasts.latest.text == "The file is no model. (/tmp/x.gguf) Choose another."


# Status


def test_the_status_line_is_honest(open_desk: Desk) -> None:
    assert [part.text for part in open_desk.status.parts] == ["Offline", "9 waiting", "Starter", "ready"]
    assert open_desk.status.needs_you == 6


def test_the_line_says_how_old_the_data_of_the_last_answer_is(open_desk: Desk) -> None:
    aged = replace(demo.MESSAGES[1], label=replace(demo.label(90), data_from=demo.NOW_MS - 5 * demo.HOUR))
    open_desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(aged,)))
    part = open_desk.status.parts[2]
    assert part.name == "data"
    assert part.text.startswith("data from ")
    fresh = demo.MESSAGES[3]
    open_desk.handle(events.TurnEnded(turn_id="t", message=fresh, outcome=fresh.outcome, label=fresh.label))
    assert "data" not in [part.name for part in open_desk.status.parts]


def test_a_delivery_in_the_background_brings_new_counts(open_desk: Desk, submitted) -> None:
    submitted.clear()
    open_desk.handle(events.ItemChanged(item=demo.ITEMS[0]))
    assert submitted.all(commands.ListItems)


def test_before_anything_is_known_the_line_claims_nothing(desk: Desk) -> None:
    assert [part.text for part in desk.status.parts] == [
        "Network not looked at yet", "Nothing waiting", "Starter", "getting ready",
    ]  # fmt: skip


def test_the_switch_is_named_when_it_is_the_reason(open_desk: Desk, submitted) -> None:
    open_desk.status.set_offline(True)
    assert submitted.last(SetOffline).offline
    open_desk.handle(events.ConnectivityChanged(state="offline", manual=True, why="You asked for it"))
    assert open_desk.status.parts[0].text == "Offline by your switch"
    assert open_desk.status.offline_switch


def test_a_broken_model_is_shown_with_its_reason(open_desk: Desk) -> None:
    open_desk.handle(events.ModelStateChanged(state="refused", name="starter", why="The file is cut short."))
    part = open_desk.status.parts[3]
    assert (part.text, part.tone, part.hint) == ("cannot be used", "bad", "The file is cut short.")
    assert open_desk.models.cards[0].words == "Cannot be used"
    assert open_desk.models.cards[0].note == "The file is cut short."


def test_a_model_for_search_says_so_and_cannot_be_chosen(open_desk: Desk) -> None:
    found = Model("bge", "/m/bge.gguf", 5_000_000, "", "search", current=False)
    starter = Model("starter", "/m/starter.gguf", 1, "", "starter", current=True)
    open_desk.handle(events.ModelsListed(models=(starter, found), details={}))
    card = open_desk.models.card("bge")
    assert card is not None
    assert (card.words, card.can_use, card.can_check, card.can_remove) == ("For searching", False, True, True)
    assert "cannot chat" in card.note


def test_a_starter_that_cannot_be_used_is_said_whoever_talks(open_desk: Desk) -> None:
    talks = Model("talker", "/m/talker.gguf", 1, "", "chat", current=True)
    starter = Model("starter", "/m/starter.gguf", 1, "", "starter", current=False)
    open_desk.handle(events.ModelsListed(models=(starter, talks), details={}))
    open_desk.handle(events.ModelStateChanged(state="ready", name="talker"))
    assert [part.text for part in open_desk.status.parts[2:]] == ["talker", "ready"]
    assert [card.words for card in open_desk.models.cards] == ["Decides", "Answers now"]
    open_desk.handle(events.ModelStateChanged(state="refused", name="starter", why="The file is gone."))
    assert [part.text for part in open_desk.status.parts[2:]] == ["talker", "Starter cannot be used"]
    assert open_desk.status.parts[3].hint == "The file is gone."
    assert (open_desk.models.cards[0].words, open_desk.models.cards[0].note) == ("Cannot be used", "The file is gone.")
    assert open_desk.toasts.latest
    assert "The file is gone." in open_desk.toasts.latest.text


# Settings


def test_an_old_verdict_does_not_hinder_saving_a_newer_text(open_desk: Desk, submitted) -> None:
    settings = open_desk.settings
    settings.typed("tne = 1")
    open_desk.handle(events.SettingsChecked(text="tne = 1", problems=(ProblemShown(1, 1, "No such setting."),)))
    settings.save()
    assert not submitted.all(commands.SaveSettings)
    settings.typed('tone = "terse"')
    settings.save()
    assert submitted.last(commands.SaveSettings).text == 'tone = "terse"'


def test_a_wrong_text_can_be_seen_but_not_saved(open_desk: Desk, submitted) -> None:
    settings = open_desk.settings
    settings.typed("tne = 1")
    settings.check()
    assert submitted.last(commands.CheckSettings).text == "tne = 1"
    open_desk.handle(events.SettingsChecked(text="tne = 1", problems=(ProblemShown(1, 1, "No such setting."),)))
    assert not settings.can_save
    submitted.clear()
    settings.save()
    assert submitted == []
    assert settings.verdict[1] == "bad"


def test_a_verdict_on_an_older_text_is_dropped(open_desk: Desk) -> None:
    open_desk.settings.typed("tone = 2")
    open_desk.handle(events.SettingsChecked(text="tone = ", problems=(ProblemShown(1, 7, "A value is missing."),)))
    assert open_desk.settings.problems == ()


def test_a_change_from_outside_does_not_overwrite_what_is_typed(open_desk: Desk) -> None:
    open_desk.settings.typed("# mine\n" + demo.AGENTRC)
    outside = next(event for event in demo.afternoon() if isinstance(event, events.SettingsLoaded))
    open_desk.handle(replace(outside, text="# theirs\n"))
    assert open_desk.settings.text.startswith("# mine")
    open_desk.settings.put_back()
    assert open_desk.settings.text == "# theirs\n"


def test_saving_makes_the_text_the_file(open_desk: Desk, submitted) -> None:
    open_desk.settings.typed('tone = "warm"\n')
    open_desk.settings.save()
    cause = submitted.last(commands.SaveSettings).id
    open_desk.handle(events.SettingsChanged(cause=cause, config_hash="x", changed=("tone",), problems=()))
    assert not open_desk.settings.is_edited
    assert open_desk.settings.verdict == ("Saved and in force", "good")


# Models, insights, welcome


def test_models_show_measured_facts_of_the_loaded_one_only(open_desk: Desk) -> None:
    starter, other = open_desk.models.cards
    assert dict(starter.facts)["Speed"] == f"{demo.DETAILS['tokens_per_second']:,.0f} tokens a second"
    assert dict(starter.facts)["Size"] == "14.2 MB"
    assert "Speed" not in dict(other.facts)
    assert (starter.can_use, starter.can_remove, other.can_use, other.can_remove) == (False, False, True, True)


def test_insights_count_each_answer_once(open_desk: Desk) -> None:
    open_desk.handle(demo.longer())
    open_desk.handle(demo.longer())
    assert open_desk.insights.tiles[0].number == "4"
    assert open_desk.insights.levels == (("on this machine", 4),)
    assert len(open_desk.insights.times_ms) == 4


def test_welcome_is_three_steps_and_can_be_left_at_once(desk: Desk, submitted) -> None:
    for event in demo.afternoon(first_run=True):
        desk.handle(event)
    assert desk.welcome.shown
    assert desk.welcome.step.examples[0].startswith("email dana@example.org that the contract is signed")
    desk.welcome.set_up_practice()
    assert submitted.last(commands.SetPractice).enabled
    desk.welcome.go(9)
    assert desk.welcome.is_last
    desk.welcome.finish()
    assert submitted.last(commands.FinishFirstRun).practice
    late = next(event for event in demo.afternoon(first_run=True) if isinstance(event, events.SettingsLoaded))
    desk.handle(late)
    assert not desk.welcome.shown


# A profile that cannot be opened

TROUBLE = events.ProfileUnavailable(what="Damaged.", where="/x/carryon.db", todo="Use the backup.", restorable=True)


def test_a_damaged_profile_offers_its_backup_once(desk: Desk, submitted) -> None:
    trouble = events.ProfileUnavailable(what="The file is damaged.", where="/x/carryon.db", todo="Use the backup.",
                                        restorable=True)  # fmt: skip
    desk.handle(trouble)
    assert desk.profile.words.startswith("The file is damaged. (/x/carryon.db) The newest backup can take its place")
    desk.profile.restore()
    desk.profile.restore()
    assert len(submitted.all(commands.RestoreProfile)) == 1
    submitted.clear()
    for event in demo.afternoon():
        desk.handle(event)
    assert desk.profile.trouble is None
    assert submitted.all(commands.ListConversations), "every room asks anew once the profile is open"


def test_a_restore_that_fails_can_be_tried_again(desk: Desk, submitted) -> None:
    desk.handle(TROUBLE)
    desk.profile.restore()
    desk.handle(replace(TROUBLE, cause="something asked before"))
    assert desk.profile.restoring, "an answer to another command does not end it"
    desk.handle(events.Failed(cause=submitted.last(commands.RestoreProfile).id, what="The disk is full."))
    assert desk.profile.can_restore


def test_where_the_damaged_file_is_kept_is_said(desk: Desk) -> None:
    desk.handle(events.ProfileRestored(backup="/x/backups/daily.db", kept="/x/carryon.db.kept-1"))
    assert desk.toasts.latest
    assert "kept as /x/carryon.db.kept-1" in desk.toasts.latest.text


def test_what_is_written_without_a_profile_is_kept(desk: Desk, submitted) -> None:
    desk.handle(TROUBLE)
    desk.composer.typed("water the plants")
    desk.composer.send()
    desk.handle(replace(TROUBLE, cause=submitted.last(commands.SendMessage).id))
    assert (desk.composer.text, desk.composer.pending) == ("water the plants", ())
    desk.library.begin_note()
    desk.library.edited("a note")
    desk.library.keep_edits()
    desk.handle(replace(TROUBLE, cause=submitted.last(commands.SaveArtifact).id))
    assert desk.unstored() == "water the plants\n\na note"
    submitted.clear()
    for event in demo.afternoon(first_run=True):
        desk.handle(event)
    assert submitted.last(commands.SaveDraft).text == "water the plants"
    desk.show_view("library")
    assert submitted.last(commands.SaveArtifact).text == "a note"
    assert desk.unstored() == ""


def test_without_a_backup_none_is_offered(desk: Desk, submitted) -> None:
    desk.handle(events.ProfileUnavailable(what="A newer Carryon wrote it.", where="", todo="Update.", restorable=False))
    assert not desk.profile.can_restore
    desk.profile.restore()
    assert not submitted.all(commands.RestoreProfile)


# The desk


def test_hidden_rooms_ask_only_when_they_are_shown(open_desk: Desk, submitted) -> None:
    open_desk.show_view("chat")
    submitted.clear()
    open_desk.handle(events.StoreChanged(areas=frozenset({"library", "models"})))
    assert not submitted.all(commands.ListArtifacts)
    open_desk.show_view("library")
    assert len(submitted.all(commands.ListArtifacts)) == 1
    open_desk.handle(events.StoreChanged(areas=frozenset({"library"})))
    assert len(submitted.all(commands.ListArtifacts)) == 2


def test_the_outbox_is_counted_from_every_room(open_desk: Desk, submitted) -> None:
    open_desk.show_view("chat")
    submitted.clear()
    open_desk.handle(events.StoreChanged(areas=frozenset({"outbox"})))
    assert len(submitted.all(commands.ListItems)) == 1


def test_the_rooms_of_the_rail() -> None:
    assert [view.title for view in VIEWS] == ["Chat", "Library", "Outbox", "Models", "Insights", "Settings"]


def test_insights_tell_a_start_in_words_that_anybody_knows(open_desk: Desk, submitted) -> None:
    open_desk.show_view("insights")
    assert submitted.last(commands.ShowStarts)
    words, why = open_desk.insights.start
    assert words == "Window after 118 ms, ready after 388 ms"
    assert why == "A start after a long rest: 14 hours after the last. 99% of that time is accounted for below."
    strips = open_desk.insights.strips
    assert strips[0].words == "Starting Python: 14 ms"
    assert all(0 <= strip.begin <= strip.end <= 1 for strip in strips)
    assert [strip.depth for strip in strips if strip.name == "Reading the model"] == [1]
    assert [strip.name for strip in strips if not strip.known] == ["Not accounted for"]
    assert strips[-1].name == "4 shorter parts"


def test_insights_hold_starts_against_the_promise_class_by_class(open_desk: Desk) -> None:
    promises = {one.name: one for one in open_desk.insights.promises}
    assert promises["Everyday, window"].tone == "good"
    assert promises["After a long rest, ready"].tone == "bad"
    assert "240% of what may be slow" in promises["After a long rest, ready"].words
    assert promises["After an update, window"].words.endswith("too few to judge by")


def test_insights_say_nothing_of_starts_before_one_is_kept(desk: Desk) -> None:
    desk.handle(events.StartsShown(last=None, kept=0, standings=()))
    assert desk.insights.start == ("", "")
    assert (desk.insights.strips, desk.insights.promises) == ((), ())


def test_a_server_that_did_not_answer_when_it_was_asked_last_says_when_and_why(open_desk: Desk) -> None:
    failed = ServerView(
        "shop", "shop-server", True, "It did not say what it has.", "", None, "", (),
        failed_at=demo.NOW_MS - demo.HOUR, failure="The server shop broke off.",
    )  # fmt: skip
    open_desk.handle(ServersListed(servers=(failed,)))
    (row,) = open_desk.servers.rows
    assert row.trouble.startswith("It did not say what it has. Asked ")
    assert row.trouble.endswith(": The server shop broke off.")
    open_desk.handle(ServersListed(servers=(replace(failed, failed_at=None, failure="", trouble=""),)))
    assert open_desk.servers.rows[0].trouble == ""
