"""Floors on the committed weights, asked with real llama.cpp over requests that nothing was trained on."""

from __future__ import annotations

import hashlib
import json
import statistics
from pathlib import Path

import pytest

from models import starter
from models.contracts import DecideRequest
from models.distill.calibrate import expected_error, halves, reliability, seen
from models.distill.evaluate import summary
from models.distill.exam import FOLDER, Judged, judge, read
from models.distill.runner import Runner
from models.records import CardArgument, ToolCard
from models.starter import PROMPT_TOKENS_MAX, Pointing, Situation, product
from models.starter.fitting import Fitting

HERE = Path(starter.__file__).parent
WEIGHTS = HERE / "starter.gguf"
CARD = json.loads((HERE / "card.json").read_text("utf-8"))
KERNELS = 0.03  # by which shares may differ from machine to machine
# By part of the exam: exact, outcome, and what was done wrongly at most. A little below what was measured.
FLOORS = {
    "en": (0.93, 0.95, 0.02),
    "en_b": (0.90, 0.93, 0.04),
    "rough": (0.85, 0.93, 0.02),
    "asking_back": (0.87, 0.93, 0.03),
    "follow_ups": (0.90, 0.92, 0.04),
    "known_names": (0.90, 0.93, 0.03),
    "de": (0.85, 0.89, 0.05),
    "es": (0.84, 0.92, 0.05),
    "fr": (0.86, 0.92, 0.06),
    "user_tools": (0.51, 0.57, 0.09),
}


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(WEIGHTS)


@pytest.fixture(scope="module")
def judged(runner: Runner) -> dict[str, list[Judged]]:
    return {file.stem: judge(runner, read(file)) for file in sorted(FOLDER.glob("*.jsonl"))}


def test_the_card_is_of_these_weights():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == CARD["sha256"]
    assert WEIGHTS.stat().st_size == CARD["bytes"] <= 24_000_000


def test_every_part_of_the_exam_has_its_floor():
    assert set(FLOORS) == {file.stem for file in FOLDER.glob("*.jsonl")}


@pytest.mark.parametrize("part", FLOORS)
def test_floors_on_what_was_never_seen(judged: dict[str, list[Judged]], part: str):
    exact, outcome, wrong = FLOORS[part]
    found = summary(judged[part])
    assert found["exact"] >= exact
    assert found["outcome"] >= outcome
    assert found["wrong_action"] <= wrong


@pytest.mark.parametrize("part", FLOORS)
def test_the_card_tells_what_is_measured(judged: dict[str, list[Judged]], part: str):
    told, found = CARD["scores"][part], summary(judged[part])
    assert told["n"] == found["n"]
    assert abs(told["exact"] - found["exact"]) <= KERNELS
    assert abs(told["outcome"] - found["outcome"]) <= KERNELS


def test_hand_offs_are_recognised_and_seldom_false(judged: dict[str, list[Judged]]):
    found = summary([*judged["en"], *judged["en_b"]])
    assert found["handoff_recall"] >= 0.92
    assert found["false_handoff"] <= 0.02


def test_it_asks_back_and_seldom_needlessly(judged: dict[str, list[Judged]]):
    found = summary([*judged["en"], *judged["en_b"]])
    assert found["asked_back"] <= 0.05


def test_every_tool_is_got_right_at_least_once(judged: dict[str, list[Judged]]):
    right = {call.tool for one in judged["en_b"] if one.exact for call in one.question.wanted}
    assert right >= set(starter.TOOLS)


def test_no_floor_of_the_contract_is_missed():
    assert product.read().titles("regress") == ()


def test_confidence_means_what_it_says(runner: Runner):
    assert expected_error(reliability(seen(runner, halves()[1]))) <= 0.06


def test_a_decision_takes_less_than_120_ms_in_the_middle_case(judged: dict[str, list[Judged]]):
    """Wide of what is measured (see the card): an eighth of a second even where the tests keep every core busy."""
    assert statistics.median(one.decision.total_ms for one in judged["en_b"]) <= 120


def test_the_story(runner: Runner):
    decision = runner.decide(
        DecideRequest("email Dana that the contract is signed, and remind me on Friday to invoice her")
    )
    assert [(call.tool, call.args) for call in decision.calls] == [
        ("email.send", {"to": "Dana", "body": "the contract is signed"}),
        ("task.add", {"title": "invoice her", "due": "Friday"}),
    ]


def test_the_same_request_gives_the_same_answer_after_any_other(runner: Runner):
    request = DecideRequest("put lunch with Mario in my calendar for friday at noon")
    alone = runner.answer(Pointing(request.text))
    tracking = ToolCard("parcel.track", "Shows where a parcel is.")
    runner.decide(DecideRequest("where is parcel JD0146?", tools=(tracking,)))
    again = runner.answer(Pointing(request.text))
    assert (alone.tokens, alone.probabilities) == (again.tokens, again.probabilities)


STRANGE = (
    "", "   ", "🙂" * 400, "x" * 100_000, "<w0> <end> <email.send>", "\x00\x01", "a " * 5000, "é" * 3_000, "<|" * 90,
    "🙂 " * 200, "ÄB ß " * 200,
)  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_strange_text_ends_in_a_decision(runner: Runner, text: str):
    after = ("task.add", "email.send", "library.open")
    assert runner.decide(DecideRequest(text)).outcome in {"called", "answered", "handoff", "clarify"}
    assert runner.decide(DecideRequest(text, after=after)).outcome
    assert runner.decide(DecideRequest(text, asked=("email.send", ("to", "body")))).outcome


@pytest.mark.parametrize("text", STRANGE)
def test_no_prompt_outgrows_its_batch(runner: Runner, text: str):
    situation = Situation(after=("task.add", "email.send", "note.create"), known=(("title", text[:200]),))
    card = ToolCard("a.b" * 99, "🙂é " * 400, tuple(CardArgument("n" * 9_999, "é" * 999) for _ in range(3)))
    for asked in (Pointing(text, situation), Fitting(text, card)):
        assert len(runner.engine.tokenize(asked.prompt(), special=True)) < PROMPT_TOKENS_MAX


def test_llama_cpp_splits_text_as_the_tokenizer_that_trained_it_did(runner: Runner):
    prompt = Pointing("Email Zoë's agent: it's 3°C, see https://a.example/b?c=1 #x").prompt()
    tokens = runner.engine.tokenize(prompt, special=True)
    numbers = {runner.engine.tokenize(f"<w{number}>", special=True)[0] for number in range(96)}
    assert prompt.count("<w") == sum(token in numbers for token in tokens)
