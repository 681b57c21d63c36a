"""How full the model's memory is, in plain words, and what a message would push out before it is sent."""

from dataclasses import replace

import pytest

from agent.protocol import commands, events
from agent.protocol.records import AnswerLabel, Message, Role, Summary
from app import demo
from app.presenters.desk import Desk
from app.presenters.footnote import footnote, provenance
from tests.unit.app.conftest import Submitted

MEASURED = events.ContextMeasured(
    conversation_id=demo.THREAD, used=2_500, limit=4_096, holds=3_072, tokens_per_character=0.25, goes=12,
    goes_from="the trip to Lisbon", goes_to="and the hotel",
)  # fmt: skip
SUMMARY = Summary("s1", demo.THREAD, 12, "They spoke of Lisbon.", "", "qwen", demo.NOW_MS)


@pytest.fixture
def opened(desk: Desk) -> Desk:
    for event in demo.afternoon():
        desk.handle(event)
    return desk


def test_nothing_is_said_where_no_chat_model_talks(opened: Desk) -> None:
    assert opened.context.line(500).words == ""


def test_the_share_is_said_and_the_tokens_stand_in_the_hint(opened: Desk) -> None:
    opened.handle(MEASURED)
    line = opened.context.line(0)
    assert line.words == "Memory of this conversation: 61 %"
    assert "4,096 tokens" in line.hint
    assert "2,500" in line.hint
    assert (line.warning, line.tone) == ("", "muted")


def test_a_message_that_pushes_old_ones_out_says_which_before_it_is_sent(opened: Desk) -> None:
    opened.handle(MEASURED)
    assert opened.context.line(2_288).warning == "", "just room enough"
    line = opened.context.line(2_300)
    assert "pushes the 12 oldest messages out" in line.warning
    assert "“the trip to Lisbon”" in line.warning
    assert "“and the hotel”" in line.warning
    assert "summary" in line.warning
    assert line.tone == "wait"


def test_a_message_that_no_folding_helps_is_told(opened: Desk) -> None:
    opened.handle(replace(MEASURED, goes=0))
    assert "longer than the model can hold" in opened.context.line(100_000).warning


def test_tools_without_room_are_told(opened: Desk) -> None:
    opened.handle(replace(MEASURED, tools_left_out=3))
    assert "no room for 3 tools" in opened.context.line(0).hint


def test_another_conversation_has_a_memory_of_its_own(opened: Desk) -> None:
    opened.handle(MEASURED)
    opened.chat.begin_new()
    assert opened.context.line(0).words == ""
    opened.handle(replace(MEASURED, conversation_id="elsewhere"))
    assert opened.context.line(0).words == ""


def test_it_says_why_it_is_no_longer(opened: Desk) -> None:
    opened.handle(replace(MEASURED, limit_why="as many as it was trained on"))
    assert "holds 4,096 tokens (pieces of words; as many as it was trained on)" in opened.context.line(0).hint


# A new conversation

FRESH = replace(MEASURED, conversation_id="", used=410, goes=0, goes_from="", goes_to="", estimated=True)
READY = events.ModelStateChanged(state="ready", name="qwen")


def test_a_new_conversation_shows_what_the_model_can_hold_once_it_is_loaded(desk: Desk, submitted: Submitted) -> None:
    assert desk.context.line(0).words == ""
    desk.handle(events.ModelStateChanged(state="ready", name="starter"))
    assert submitted.all(commands.MeasureContext) == []
    desk.handle(READY)
    assert submitted.last(commands.MeasureContext).conversation_id == ""
    desk.handle(FRESH)
    line = desk.context.line(0)
    assert line.words == "Memory of a new conversation: 10 % of 4,096 tokens"
    assert "about 410 of them are taken by what it is told about you" in line.hint
    assert "longer than the model can hold" in desk.context.line(20_000).warning
    desk.handle(READY)
    assert len(submitted.all(commands.MeasureContext)) == 1, "asked once"


def test_it_stays_until_the_first_answer_has_a_measure_of_its_own(desk: Desk) -> None:
    desk.handle(READY)
    desk.handle(FRESH)
    asked = Message("m1", "c9", "t1", Role.USER, "hello", demo.NOW_MS)
    desk.handle(events.TurnStarted(turn_id="t1", message=asked))
    assert desk.context.line(0).words == "Memory of this conversation: 10 %"
    desk.handle(replace(MEASURED, conversation_id="c9"))
    assert desk.context.line(0).words == "Memory of this conversation: 61 %"


def test_another_model_and_a_new_page_are_measured_anew(desk: Desk, submitted: Submitted) -> None:
    desk.handle(READY)
    desk.handle(FRESH)
    desk.handle(events.ModelStateChanged(state="ready", name="smol"))
    desk.chat.begin_new()
    assert len(submitted.all(commands.MeasureContext)) == 3


# The chat's rows


def notice(summary: Summary) -> Message:
    return Message(
        "n1", demo.THREAD, "", Role.NOTICE, "12 older messages were summed up.", demo.NOW_MS, summary=summary
    )


def begun(desk: Desk) -> None:
    asked = Message("m1", demo.THREAD, "t1", Role.USER, "go on", demo.NOW_MS)
    desk.handle(events.TurnStarted(turn_id="t1", message=asked))


def test_thoughts_are_kept_apart_from_the_answer(opened: Desk) -> None:
    begun(opened)
    opened.handle(events.ThinkingArrived(turn_id="t1", text="let me "))
    opened.handle(events.ThinkingArrived(turn_id="t1", text="think"))
    opened.handle(events.TokenArrived(turn_id="t1", index=0, text="Yes."))
    row = opened.chat.row("t1")
    assert row is not None
    assert (row.text, row.thinking) == ("Yes.", "let me think")
    said = Message("a1", demo.THREAD, "t1", Role.AGENT, "Yes.", demo.NOW_MS)
    opened.handle(events.TurnEnded(turn_id="t1", message=said, outcome=None, label=None))  # type: ignore[arg-type]
    ended = opened.chat.row("a1")
    assert ended is not None
    assert ended.thinking == "let me think", "to be read as long as the window is open"


def test_summing_up_is_shown_while_it_lasts_and_its_notice_stands_before_the_answer(opened: Desk) -> None:
    begun(opened)
    opened.handle(events.FoldingStarted(turn_id="t1", messages=12))
    row = opened.chat.row("t1")
    assert row is not None
    assert row.folding == 12
    opened.handle(events.NoticeAdded(message=notice(SUMMARY)))
    assert [row.key for row in opened.chat.rows[-2:]] == ["n1", "t1"]
    assert opened.chat.rows[-2].summary == SUMMARY
    opened.handle(events.TokenArrived(turn_id="t1", index=0, text="Yes."))
    assert opened.chat.rows[-1].folding == 0


def test_a_summary_is_edited_and_switched_by_its_id(opened: Desk, submitted: Submitted) -> None:
    opened.handle(events.NoticeAdded(message=notice(SUMMARY)))
    opened.chat.edit_summary("n1", "Mine.")
    opened.chat.edit_summary("n1", "  ")
    opened.chat.switch_summary("n1", on=False)
    (edit,) = submitted.all(commands.EditSummary)
    assert (edit.summary_id, edit.text) == ("s1", "Mine.")
    assert submitted.last(commands.SwitchSummary).on is False


def test_the_label_names_what_the_model_knew_as_a_summary_only() -> None:
    label = AnswerLabel("local", "qwen", "ab" * 32, "", "2", "", None, 1.0, 200.0, summed_up=12)
    said = Message("a", "c", "t", Role.AGENT, "Yes.", 0, label=label)
    assert "12 older messages summed up" in footnote(said)
    assert "Known as a summary only: 12 messages" in provenance(said)
    out = replace(said, label=replace(label, summed_up=0, left_out=1))
    assert "without 1 older message" in footnote(out)
    assert "Not known: 1 message" in provenance(out)


def test_where_nothing_is_summed_up_the_row_does_not_say_so(opened: Desk) -> None:
    begun(opened)
    opened.handle(events.FoldingStarted(turn_id="t1", messages=12, summed=False))
    row = opened.chat.row("t1")
    assert row is not None
    assert row.folding == 0
