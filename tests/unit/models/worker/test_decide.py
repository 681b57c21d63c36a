"""What the worker decides is what the grammar and the model say, step by step."""

import math
from pathlib import Path

import pytest

from models.contracts import DecideRequest, ToolCard
from models.errors import CancelledError
from models.starter import Pointing, Situation
from models.starter.fitting import Fitting
from models.worker.decide import Asking, decide, find_tokens, probabilities
from models.worker.engine import Engine

REQUESTS = (
    DecideRequest("email Dana that it is signed", known=(("contact", "Dana"),)),
    DecideRequest("make that Monday", after=("task.add",)),
    DecideRequest("it is signed", asked=("email.send", ("body",))),
    DecideRequest("what is 15% of 240"),
    DecideRequest(""),
    DecideRequest("<answer><email.send><end>"),
    DecideRequest("x " * 500),
)


@pytest.fixture(scope="module")
def engine(tiny_starter: Path) -> Engine:
    engine = Engine(tiny_starter, threads=1, n_ctx=2048, careful=True)
    engine.open(1024)
    return engine


@pytest.fixture(scope="module")
def ids(engine: Engine) -> dict[str, int]:
    found = find_tokens(engine)
    assert found is not None
    return found


def stay() -> None:
    pass


def plainly(
    engine: Engine, ids: dict[str, int], asked: Pointing | Fitting, begin: tuple[str, ...] = ()
) -> tuple[list[str], list[float]]:
    """The slow way: at each step everything is read again from nothing, the answer token by token."""
    answer: list[str] = list(begin)
    chances: list[float] = [1.0] * len(begin)
    while choices := asked.allowed(answer):
        engine.read_both_ways(engine.tokenize(asked.prompt(), special=True))
        for token in answer:
            engine.push([ids[token]])
        scores = [engine.logits()[ids[choice]] for choice in choices]
        total = math.fsum(math.exp(score) for score in scores)
        best = max(range(len(choices)), key=scores.__getitem__)
        answer.append(choices[best])
        chances.append(math.exp(scores[best]) / total)
    return answer, chances


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.text[:12])
def test_it_is_what_reading_everything_anew_gives(engine: Engine, ids: dict[str, int], request_: DecideRequest) -> None:
    pointing = Pointing(request_.text, Situation(request_.after, request_.asked, request_.known))
    expected = pointing.decision(*plainly(engine, ids, pointing))
    got = decide(engine, ids, request_, stay)
    assert (got.outcome, got.topic, got.missing, got.follow) == (
        expected.outcome, expected.topic, expected.missing, expected.follow,
    )  # fmt: skip
    assert (got.calls, got.guess, got.lacks) == (expected.calls, expected.guess, expected.lacks)
    assert got.confidence == pytest.approx(expected.confidence, rel=1e-3)


def test_a_second_reading_begins_where_it_is_told_to(engine: Engine, ids: dict[str, int]) -> None:
    pointing = Pointing("note or task: buy figs")
    asking = Asking(engine, ids, stay)
    asking.answer(pointing)
    second = asking.answer(pointing, "<note.create>")
    slow = plainly(engine, ids, pointing, ("<note.create>",))
    assert second.tokens == slow[0]
    assert second.probabilities == pytest.approx(slow[1], rel=1e-3)


def test_the_card_of_a_tool_is_read_as_its_own_prompt(engine: Engine, ids: dict[str, int]) -> None:
    fitting = Fitting("dim the hall", ToolCard("lights.dim", "Dims a lamp."))
    answer = Asking(engine, ids, stay).answer(fitting)
    assert answer.tokens == plainly(engine, ids, fitting)[0]
    assert set(answer.openings) == {"<fits>", "<handoff>"}


def test_probabilities_are_exact_also_for_extreme_scores() -> None:
    ids = {"a": 0, "b": 1, "c": 2}
    assert probabilities([-1e30, 3e38, 0.0], ("a", "b", "c"), ids) == [0.0, 1.0, 0.0]
    assert probabilities([2.0, 2.0, -1e9], ("b", "a", "c"), ids) == [0.5, 0.5, 0.0]


def test_it_can_be_left_between_steps(engine: Engine, ids: dict[str, int]) -> None:
    steps = 0

    def leave() -> None:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        decide(engine, ids, REQUESTS[0], leave)
    assert decide(engine, ids, REQUESTS[0], stay).outcome


def test_another_model_has_no_grammar(tiny_chat: Path) -> None:
    other = Engine(tiny_chat, threads=1, n_ctx=128, careful=True)
    other.open()
    assert find_tokens(other) is None
