from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.starter import ANSWER_TOKENS_MAX, TOOLS, InvalidAnswerError, Pointing
from models.starter.thresholds import ACT_AT, ACT_OUTSIDE_AT
from models.starter.vocabulary import OUTCOME_TOKENS, SPECIAL_TOKENS

STORY = "email Dana that the contract is signed, and remind me on Friday to invoice her"
STORY_ANSWER = [
    "<email.send>", "<arg:to>", "<w1>", "<w1>", "<arg:body>", "<w2>", "<w6>",
    "<task.add>", "<arg:title>", "<w14>", "<w15>", "<arg:due>", "<w12>", "<w12>", "<end>",
]  # fmt: skip


def decide(text: str, answer: str, sure: float = 0.99):
    tokens = answer.split()
    return Pointing(text).decision(tokens, [sure] * len(tokens))


def test_the_story():
    pointing = Pointing(STORY)
    for at, token in enumerate(STORY_ANSWER):
        assert token in pointing.allowed(STORY_ANSWER[:at])
    assert pointing.allowed(STORY_ANSWER) == ()
    decision = pointing.decision(STORY_ANSWER, [0.9] * len(STORY_ANSWER))
    assert [(call.tool, call.args) for call in decision.calls] == [
        ("email.send", {"to": "Dana", "body": "the contract is signed"}),
        ("task.add", {"title": "invoice her", "due": "Friday"}),
    ]


def test_spans_point_into_the_text():
    (call,) = decide("note: 'the key is red'", "<note.create> <arg:body> <w3> <w6> <end>").calls
    start, end = call.spans["body"]
    assert "note: 'the key is red'"[start:end] == "the key is red" == call.args["body"]


def test_a_required_argument_may_not_be_skipped():
    allowed = Pointing("email Dana hello").allowed(["<email.send>", "<arg:to>", "<w1>", "<w1>"])
    assert allowed == ("<arg:subject>", "<arg:body>")


def test_the_last_number_is_not_before_the_first():
    allowed = Pointing("email Dana hello").allowed(["<email.send>", "<arg:to>", "<w1>"])
    assert allowed == ("<w1>", "<w2>")


def test_at_most_three_calls():
    assert Pointing("a b").allowed(["<task.list>"] * 3) == ("<arg:when>", "<end>")


def test_reply_handoff_clarify():
    assert decide("hi", "<reply> <topic:greeting> <end>").topic == "greeting"
    assert decide("why", "<handoff> <end>").outcome == "handoff"
    asked = decide("remind me", "<clarify> <task.add> <end>")
    assert (asked.outcome, asked.missing) == ("clarify", "task.add")


def test_settings():
    closed = decide("be terse", "<rc.set> <set:tone=terse> <end>").calls[0]
    assert closed.args == {"key": "tone", "value": "terse"}
    opened = decide("speak German", "<rc.set> <set:language> <arg:value> <w1> <w1> <end>").calls[0]
    assert opened.args == {"key": "language", "value": "de"}


def test_what_leaves_the_machine_needs_more_certainty():
    between = (ACT_AT + ACT_OUTSIDE_AT) / 2
    assert ACT_AT < ACT_OUTSIDE_AT
    assert decide("note hello", "<note.create> <arg:body> <w1> <w1> <end>", between).outcome == "called"
    held = decide("mail Dana hello", "<email.send> <arg:to> <w1> <w1> <arg:body> <w2> <w2> <end>", between)
    assert (held.outcome, held.missing, held.calls) == ("clarify", "email.send", ())
    assert held.guess[0].args == {"to": "Dana", "body": "hello"}


def test_an_incomplete_answer_is_refused():
    with pytest.raises(InvalidAnswerError, match="breaks the grammar"):
        decide("hi", "<reply> <topic:greeting>")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_request_can_only_be_replied_to(text: str):
    assert Pointing(text).allowed() == ("<reply>",)


def test_every_tool_has_its_tokens():
    assert len(set(SPECIAL_TOKENS)) == len(SPECIAL_TOKENS)
    assert {f"<{name}>" for name in TOOLS} <= set(OUTCOME_TOKENS)


@given(st.text(max_size=200), st.randoms(use_true_random=False))
def test_any_walk_through_the_grammar_ends_in_a_decision(text: str, rng):
    pointing = Pointing(text)
    answer: list[str] = []
    while choices := pointing.allowed(answer):
        answer.append(rng.choice(choices))
        assert len(answer) <= ANSWER_TOKENS_MAX
    decision = pointing.decision(answer, [1.0] * len(answer))
    for call in decision.calls:
        tool = TOOLS[call.tool]
        assert set(tool.required) <= call.args.keys() <= {*tool.required, *tool.optional}
        for start, end in call.spans.values():
            assert 0 <= start < end <= len(text)
