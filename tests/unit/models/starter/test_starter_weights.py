"""Floors on the committed weights, asked with real llama.cpp over requests that nothing was trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import starter
from models.distill.evaluate import HELD_OUT, Judged, judge, summary
from models.distill.runner import Runner
from models.starter import Pointing

FOLDER = Path(starter.__file__).parent
WEIGHTS = FOLDER / "starter.gguf"
CARD = json.loads((FOLDER / "card.json").read_text("utf-8"))
EXACT_FLOOR, OUTCOME_FLOOR, WRONG_CEILING = 0.85, 0.93, 0.10


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    loaded = Runner(WEIGHTS)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def judged(runner: Runner) -> list[Judged]:
    return judge(runner, HELD_OUT)


def test_the_card_is_of_these_weights():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == CARD["sha256"]
    assert WEIGHTS.stat().st_size == CARD["bytes"] <= 24 * 2**20


def test_the_story(runner: Runner):
    decision = runner.decide("email Dana that the contract is signed, and remind me on Friday to invoice her")
    assert [(call.tool, call.args) for call in decision.calls] == [
        ("email.send", {"to": "Dana", "body": "the contract is signed"}),
        ("task.add", {"title": "invoice her", "due": "Friday"}),
    ]


def test_floors_on_what_was_held_out(judged: list[Judged]):
    found = summary(judged)
    assert found["exact"] >= EXACT_FLOOR
    assert found["outcome"] >= OUTCOME_FLOOR
    assert found["acted_wrongly"] <= WRONG_CEILING


def test_the_card_tells_what_is_measured(judged: list[Judged]):
    told = CARD["scores"]["held_out"]
    assert told["n"] == len(judged)
    assert abs(told["exact"] - summary(judged)["exact"]) <= 0.03  # kernels differ a little from machine to machine


def test_every_tool_is_got_right_at_least_once(judged: list[Judged]):
    right = {call.tool for one in judged if one.exact for call in one.wanted}
    assert right >= set(starter.TOOLS)


def test_the_same_request_gives_the_same_answer(runner: Runner):
    pointing = Pointing("put lunch with Mario in my calendar for friday at noon")
    assert runner.answer(pointing) == runner.answer(pointing)


@pytest.mark.parametrize(
    "text", ["", "   ", "🙂" * 400, "x" * 100_000, "<w0> <end> <email.send>", "\x00\x01", "a " * 5000]
)
def test_strange_text_ends_in_a_decision(runner: Runner, text: str):
    assert runner.decide(text).outcome in {"called", "answered", "handoff", "clarify"}


def test_llama_cpp_splits_text_as_the_tokenizer_that_trained_it_did(runner: Runner):
    prompt = Pointing("Email Zoë's agent: it's 3°C, see https://a.example/b?c=1 #x").prompt()
    tokens = runner.tokens(prompt)
    assert prompt.count("<w") == sum(runner.tokens(f"<w{n}>")[0] in tokens for n in range(96)) * 2
