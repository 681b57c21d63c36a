from dataclasses import replace

import pytest

from agent.protocol import commands, events
from app import demo, demo_outbox
from app.presenters import attempts, states
from app.presenters.desk import Desk
from app.presenters.places import place_name
from sync.states import State


@pytest.fixture
def outbox(desk: Desk):
    for event in demo.afternoon():
        desk.handle(event)
    return desk.outbox


def test_every_state_has_words_a_group_and_a_way_on() -> None:
    grouped = [state for _, members in states.GROUPS for state in members]
    assert sorted(grouped) == sorted(state.value for state in State)
    for state in State:
        face = states.item_face(state.value)
        assert face.words != state.value
        assert states.WHAT_TO_DO[state.value]
    for state in ("waiting_approval", "failed", "rejected", "unknown", "conflict", "expired"):
        assert states.item_face(state).actions, f"{state} is a dead end"


def test_what_needs_the_user_comes_first(outbox) -> None:
    groups = [row.group for row in outbox.rows if row.kind == "item"]
    assert groups == sorted(groups, key=[name for name, _ in states.GROUPS].index)
    assert next(row for row in outbox.rows if row.kind == "item").words == "Waiting for your approval"


def test_nothing_is_called_sent_before_it_is_confirmed(outbox) -> None:
    for row in (row for row in outbox.rows if row.kind == "item"):
        assert ("Delivered" in row.words) == (row.group == "Delivered")
        assert "sent" not in row.words.lower()


def test_detail_shows_to_the_letter_what_is_sent(outbox, submitted) -> None:
    outbox.open("demo-dana")
    assert submitted.last(commands.ShowItem).item_id == "demo-dana"
    outbox.handle(demo_outbox.shown(demo.ITEMS, "demo-dana"))
    detail = outbox.detail
    assert dict(detail.what)["Text"] == demo.ITEMS[0].payload["body"]
    assert dict(detail.facts)["Key"] == "demo-dana"
    assert detail.steps[0].words == "Waiting for your approval"
    assert [action.name for action in detail.actions] == ["approve", "edit", "cancel", "mail_program"]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("approve", commands.ApproveItem),
        ("cancel", commands.CancelItem),
        ("retry", commands.RetryItem),
        ("mail_program", commands.HandToMailProgram),
        ("flush", commands.FlushOutbox),
        ("resolve_delivered", commands.ResolveItem),
    ],
)
def test_buttons_become_commands(outbox, submitted, action: str, kind: type[commands.Command]) -> None:
    outbox.act("demo-dana", action)
    assert isinstance(submitted[-1], kind)


@pytest.mark.parametrize(("action", "at_once"), [("retry", False), ("retry_now", True)])
def test_only_one_button_goes_past_a_pause_that_was_asked_for(outbox, submitted, action: str, at_once: bool) -> None:
    outbox.act("demo-dana", action)
    assert submitted.last(commands.RetryItem).at_once is at_once


@pytest.mark.parametrize("verdict", ["delivered", "retry", "cancel"])
def test_an_unknown_outcome_is_settled_by_the_users_word(outbox, submitted, verdict: str) -> None:
    outbox.act("demo-sam", f"resolve_{verdict}")
    assert submitted.last(commands.ResolveItem).verdict == verdict


def test_editing_keeps_every_argument(outbox, submitted) -> None:
    outbox.open("demo-dana")
    fields = dict(outbox.detail.editable)
    outbox.change("demo-dana", {**fields, "subject": "Signed"})
    assert submitted.last(commands.EditItem).args == {**demo.ITEMS[0].args, "subject": "Signed"}


def test_the_receipt_is_shown(outbox) -> None:
    outbox.open("demo-lena")
    assert "accepted by mail.halden.example" in dict(outbox.detail.facts)["Receipt"]


def test_trouble_is_gone_once_delivered(outbox) -> None:
    outbox.open("demo-issue")
    assert outbox.detail.trouble
    outbox.handle(events.ItemChanged(item=replace(demo.ITEMS[2], state=State.DELIVERED, delivered_at=demo.NOW_MS)))
    assert outbox.detail.trouble == ""


def test_practice_messages(outbox, submitted) -> None:
    assert outbox.practice_enabled
    assert [row.title for row in outbox.practice_rows] == [
        "The contract is signed", "Landing at 17:40, I will restart the import then.",
    ]  # fmt: skip
    outbox.set_practice(False)
    assert not submitted.last(commands.SetPractice).enabled


def test_the_item_that_needs_the_user_is_in_hand_at_once(desk: Desk, submitted) -> None:
    desk.outbox.show()
    for event in demo.afternoon():
        desk.handle(event)
    assert desk.outbox.item_id == next(row.id for row in desk.outbox.rows if row.kind == "item")


def test_to_whom_it_goes_comes_first(outbox) -> None:
    outbox.open("demo-dana")
    assert next(name for name, _ in outbox.detail.what) == "To"


def test_a_place_is_said_in_words() -> None:
    assert place_name("smtp:work") == "work (e-mail account)"
    assert place_name("smtp:practice") == "the practice mailbox on this machine"
    assert place_name("none:email") == "no account yet"
    assert place_name("#ops") == "#ops"


def test_tries_that_went_alike_are_one_step_and_a_dot_each(outbox) -> None:
    shown = demo_outbox.shown(demo.ITEMS, "demo-issue")
    steps = attempts.steps(shown.item, shown.timeline, demo.NOW_MS)
    assert [(step.words, step.times) for step in steps] == [
        ("Queued until online", 1), ("Not reached", 3), ("Put off by the destination", 1), ("Next try", 1),
    ]  # fmt: skip
    track = attempts.track(shown.item, shown.timeline, demo.NOW_MS)
    assert track is not None
    assert [mark.ahead for mark in track.marks] == [False] * 4 + [True]
    assert [mark.place for mark in track.marks] == sorted(mark.place for mark in track.marks)
    assert track.words.startswith("4 tries between")


def test_of_very_many_steps_the_first_and_the_last_are_shown() -> None:
    item = demo.ITEMS[2]
    rows = [
        {"at": demo.NOW_MS + number * 1_000, "state": state, "what": f"{number}"}
        for number in range(0, 600, 2)
        for state in ("sending", "failed")
    ]
    steps = attempts.steps(item, rows, demo.NOW_MS)
    assert len(steps) == attempts.STEPS_SHOWN_MAX
    assert steps[0].what == "0"
    assert "more" in steps[2].words


def test_a_conflict_shows_both_sides_what_differs_and_what_to_do(outbox, submitted) -> None:
    outbox.open("demo-offer")
    both = outbox.detail.sides
    assert "version 4" in both.then
    assert "version 5" in both.now
    assert "-| Migration" in both.diff
    assert "Migration" not in both.now
    assert [action.name for action in outbox.detail.actions] == ["resolve_send", "edit", "cancel"]
    assert outbox.detail.trouble == "", "it is said once"
    outbox.act("demo-offer", "resolve_send")
    assert submitted.last(commands.ResolveItem).verdict == "send"


def test_nobody_knows_is_said_in_one_sentence(outbox) -> None:
    outbox.open("demo-sam")
    assert "may or may not have arrived" in outbox.detail.doubt
    assert "folder of sent mail" in outbox.detail.doubt
    assert outbox.detail.look == ""


@pytest.mark.parametrize(("address", "shown"), [("https://x.example/1", True), ("javascript:alert(1)", False)])
def test_only_a_safe_address_is_one_to_look_at(outbox, address: str, shown: bool) -> None:
    there = replace(demo.ITEMS[3], payload={"url": address}, destination="http:hook")
    outbox.handle(events.ItemChanged(item=replace(there, updated_at=demo.NOW_MS)))
    outbox.open("demo-sam")
    assert (outbox.detail.look == address) is shown


def test_files_that_go_with_it_are_said_with_their_rule(outbox) -> None:
    outbox.open("demo-offer")
    assert dict(outbox.detail.what)["Attached"] == "halden.md, version 4: asks if a newer one is there"
