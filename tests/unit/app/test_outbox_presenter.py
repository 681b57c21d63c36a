from dataclasses import replace

import pytest

from agent.protocol import commands, events
from app import demo
from app.presenters import states
from app.presenters.desk import Desk
from app.presenters.outbox import _place, _step
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
    groups = [row.group for row in outbox.rows]
    assert groups == sorted(groups, key=[name for name, _ in states.GROUPS].index)
    assert outbox.rows[0].words == "Waiting for your approval"


def test_nothing_is_called_sent_before_it_is_confirmed(outbox) -> None:
    for row in outbox.rows:
        assert ("Delivered" in row.words) == (row.group == "Delivered")
        assert "sent" not in row.words.lower()


def test_filter_by_group_and_words(outbox) -> None:
    outbox.filter(group="Needs you")
    assert len(outbox.rows) == 2
    outbox.filter(group="", query="landing")
    assert [row.id for row in outbox.rows] == ["demo-ops"]


def test_detail_shows_to_the_letter_what_is_sent(outbox, submitted) -> None:
    outbox.open("demo-dana")
    assert submitted.last(commands.ShowItem).item_id == "demo-dana"
    outbox.handle(events.ItemShown(item=demo.ITEMS[0], timeline=demo.TIMELINE))
    detail = outbox.detail
    assert dict(detail.what)["Text"] == demo.ITEMS[0].payload["body"]
    assert dict(detail.facts)["Key"] == "demo-dana"
    assert detail.timeline[0][1] == "Waiting for your approval"
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
    assert desk.outbox.item_id == desk.outbox.rows[0].id
    assert next(name for name, _ in desk.outbox.detail.what) == "To", "to whom comes first"


def test_a_place_and_a_step_are_said_once_and_in_words() -> None:
    assert _place("smtp:work") == "work (e-mail account)"
    assert _place("smtp:practice") == "the practice mailbox on this machine"
    assert _place("#ops") == "#ops"
    step = {"at": demo.NOW_MS, "state": "waiting_approval", "what": "Waits for your approval."}
    assert _step(step, demo.NOW_MS)[1:] == ("Waiting for your approval", "")
