from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.starter import ANSWER_TOKENS_MAX, TOOLS, InvalidAnswerError, Pointing, Situation
from models.starter.situation import ALONE
from models.starter.vocabulary import AGAIN, AMEND, FILL, KNOWN_KINDS, OTHER, OUTCOME_TOKENS, SPECIAL_TOKENS, UNDO

STORY = "email Dana that the contract is signed, and remind me on Friday to invoice her"
STORY_ANSWER = [
    "<email.send>", "<arg:to>", "<w1>", "<w1>", "<arg:body>", "<w2>", "<w6>",
    "<task.add>", "<arg:title>", "<w14>", "<w15>", "<arg:due>", "<w12>", "<w12>", "<end>",
]  # fmt: skip


def decide(text: str, answer: str, sure: float = 0.99, situation: Situation = ALONE):
    pointing, tokens = Pointing(text, situation), answer.split()
    for at, token in enumerate(tokens):
        assert token in pointing.allowed(tokens[:at]), tokens[: at + 1]
    return pointing.decision(tokens, [sure] * len(tokens))


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


def test_reply_and_handoff():
    assert decide("hi", "<reply> <topic:greeting> <end>").topic == "greeting"
    assert decide("why", "<handoff> <end>").outcome == "handoff"


def test_a_question_back_names_what_is_missing_and_keeps_what_was_given():
    asked = decide("email Dana", "<clarify> <email.send> <arg:to> <w1> <w1> <end>")
    assert (asked.outcome, asked.missing, asked.lacks) == ("clarify", "email.send", ("body",))
    assert asked.guess[0].args == {"to": "Dana"}
    bare = decide("remind me", "<clarify> <task.add> <end>")
    assert (bare.missing, bare.lacks, bare.guess) == ("task.add", ("title",), ())


def test_where_nothing_is_missing_nothing_is_asked():
    pointing = Pointing("email Dana hello now")
    allowed = pointing.allowed(["<clarify>", "<email.send>", "<arg:to>", "<w1>", "<w1>"])
    assert "<arg:body>" not in allowed
    assert "<end>" in allowed
    assert "<task.list>" not in pointing.allowed(["<clarify>"])


AFTER_TASK = Situation(after=("email.send", "task.add"))


def test_a_follow_up_holds_only_what_is_new():
    made = decide("make that Monday", "<amend> <task.add> <arg:due> <w2> <w2> <end>", situation=AFTER_TASK)
    assert (made.outcome, made.follow) == ("called", "amend")
    assert (made.calls[0].tool, made.calls[0].args) == ("task.add", {"due": "Monday"})
    again = decide("to Sam too", "<again> <email.send> <arg:to> <w1> <w1> <end>", situation=AFTER_TASK)
    assert (again.follow, again.calls[0].args) == ("again", {"to": "Sam"})
    assert decide("cancel that", "<undo> <task.add> <end>", situation=AFTER_TASK).follow == "undo"


def test_a_follow_up_is_only_of_what_came_before():
    assert not {AMEND, AGAIN, UNDO, OTHER, FILL} & set(Pointing("make that Monday").allowed())
    after = Pointing("no, the other", AFTER_TASK)
    assert OTHER not in after.allowed()  # nothing was looked up by name
    assert OTHER in Pointing("no, the other", Situation(after=("library.open",))).allowed()
    assert after.allowed([AMEND]) == ("<email.send>", "<task.add>")
    assert "<end>" not in after.allowed([AMEND, "<task.add>"])  # a change of nothing


def test_an_answer_fills_what_was_asked_for():
    asked = Situation(asked=("email.send", ("body",)))
    made = decide("it is signed", "<fill> <arg:body> <w0> <w2> <end>", situation=asked)
    assert (made.follow, made.calls[0].tool, made.calls[0].args) == ("fill", "email.send", {"body": "it is signed"})
    assert Pointing("it is signed", asked).allowed([FILL]) == ("<arg:body>",)
    assert decide("never mind", "<undo> <end>", situation=asked).follow == "undo"
    assert decide("what time is it", "<clock.now> <end>", situation=asked).follow is None


def test_what_came_before_opens_the_prompt():
    assert Pointing("a", AFTER_TASK).prompt().startswith("<s><after><email.send><task.add><w0>")
    assert (
        Pointing("a", Situation(asked=("task.add", ("due", "title"))))
        .prompt()
        .startswith("<s><asked><task.add><arg:title><arg:due><w0>")
    )
    assert Pointing("a", Situation(after=("jira.create",))).prompt() == Pointing("a").prompt()


def test_names_that_the_user_has_are_marked():
    prompt = Pointing("tell Dana's team", Situation(known=(("contact", "dana"),))).prompt()
    assert prompt == "<s><w0> tell<w1><is:contact><up> dana's<w2> team<answer>"


def test_settings():
    closed = decide("be terse", "<rc.set> <set:tone=terse> <end>").calls[0]
    assert closed.args == {"key": "tone", "value": "terse"}
    opened = decide("speak German", "<rc.set> <set:language> <arg:value> <w1> <w1> <end>").calls[0]
    assert opened.args == {"key": "language", "value": "de"}


def test_an_incomplete_answer_is_refused():
    with pytest.raises(InvalidAnswerError, match="breaks the grammar"):
        decide("hi", "<reply> <topic:greeting>")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_request_can_only_be_replied_to(text: str):
    assert Pointing(text).allowed() == ("<reply>",)


def test_every_tool_has_its_tokens():
    assert len(set(SPECIAL_TOKENS)) == len(SPECIAL_TOKENS)
    assert {f"<{name}>" for name in TOOLS} <= set(OUTCOME_TOKENS)


SITUATIONS = st.builds(
    Situation,
    after=st.lists(st.sampled_from([*TOOLS, "jira.create"]), max_size=4).map(tuple),
    asked=st.none() | st.sampled_from([(tool.name, tool.arguments) for tool in TOOLS.values() if tool.arguments]),
    known=st.lists(st.tuples(st.sampled_from(KNOWN_KINDS), st.text(max_size=9)), max_size=3).map(tuple),
)


@given(st.text(max_size=200), SITUATIONS, st.randoms(use_true_random=False))
def test_any_walk_through_the_grammar_ends_in_a_decision(text: str, situation: Situation, rng):
    pointing = Pointing(text, situation)
    answer: list[str] = []
    while choices := pointing.allowed(answer):
        assert set(choices) <= set(SPECIAL_TOKENS)
        answer.append(rng.choice(choices))
        assert len(answer) <= ANSWER_TOKENS_MAX
    decision = pointing.decision(answer, [1.0] * len(answer))
    for call in (*decision.calls, *decision.guess):
        tool = TOOLS[call.tool]
        assert call.args.keys() <= {*tool.required, *tool.optional}
        if decision.outcome == "called" and decision.follow is None:
            assert set(tool.required) <= call.args.keys()
        for start, end in call.spans.values():
            assert 0 <= start < end <= len(text)
    if decision.outcome == "clarify":
        assert decision.lacks or decision.missing == "rc.set"
