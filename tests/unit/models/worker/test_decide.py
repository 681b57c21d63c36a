"""What the worker decides is what the grammar and the model say, step by step."""

import math
from pathlib import Path

import pytest

from models.errors import CancelledError
from models.starter import Pointing
from models.worker.decide import decide, find_tokens, likeliest
from models.worker.engine import Engine

TEXTS = (
    "email Dana that it is signed",
    "what is 15% of 240",
    "note: milk",
    "",
    "<answer><email.send><end>",
    "x " * 500,
)


@pytest.fixture(scope="module")
def engine(tiny_starter: Path) -> Engine:
    engine = Engine(tiny_starter, threads=1, n_ctx=2048, careful=True)
    engine.open()
    return engine


@pytest.fixture(scope="module")
def ids(engine: Engine) -> dict[str, int]:
    found = find_tokens(engine)
    assert found is not None
    return found


def stay() -> None:
    pass


def plainly(engine: Engine, ids: dict[str, int], text: str) -> tuple[list[str], list[float]]:
    """The slow way: at each step everything is read again from nothing."""
    pointing = Pointing(text)
    answer: list[str] = []
    chances: list[float] = []
    while choices := pointing.allowed(answer):
        engine.forget()
        engine.read(engine.tokenize(pointing.prompt(), special=True) + [ids[token] for token in answer], stay)
        scores = [engine.logits()[ids[choice]] for choice in choices]
        total = math.fsum(math.exp(score) for score in scores)
        best = max(range(len(choices)), key=scores.__getitem__)
        answer.append(choices[best])
        chances.append(math.exp(scores[best]) / total)
    return answer, chances


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_what_reading_everything_anew_gives(engine: Engine, ids: dict[str, int], text: str) -> None:
    expected = Pointing(text).decision(*plainly(engine, ids, text))
    got = decide(engine, ids, text, stay)
    assert (got["outcome"], got["topic"], got["missing"]) == (expected.outcome, expected.topic, expected.missing)
    assert [call["args"] for call in got["calls"]] == [call.args for call in expected.calls]
    assert [call["args"] for call in got["guess"]] == [call.args for call in expected.guess]
    assert got["confidence"] == pytest.approx(expected.confidence, rel=1e-3)


def test_the_likeliest_is_exact_also_for_extreme_scores() -> None:
    ids = {"a": 0, "b": 1, "c": 2}
    assert likeliest([-1e30, 3e38, 0.0], ("a", "b", "c"), ids) == ("b", 1.0)
    assert likeliest([2.0, 2.0, -1e9], ("b", "a", "c"), ids) == ("b", 0.5)


def test_it_can_be_left_between_steps(engine: Engine, ids: dict[str, int]) -> None:
    steps = 0

    def leave() -> None:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        decide(engine, ids, TEXTS[0], leave)
    assert decide(engine, ids, TEXTS[0], stay)["outcome"]


def test_another_model_has_no_grammar(tiny_chat: Path) -> None:
    other = Engine(tiny_chat, threads=1, n_ctx=128, careful=True)
    other.open()
    assert find_tokens(other) is None
