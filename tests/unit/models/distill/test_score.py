from __future__ import annotations

import pytest

from models.distill.evaluate import interval
from models.distill.score import Call, same, value


def calls(tool: str, **args: str) -> list[Call]:
    return [Call(tool, args)]


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (calls("library.open", title="The Budget."), calls("library.open", title="budget")),
        (calls("task.add", title="my taxes"), calls("task.add", title="taxes")),
        (calls("calc.evaluate", expression="15/100*240"), calls("calc.evaluate", expression="36")),
        (calls("rc.set", key="tone", value="terse"), calls("rc.set")),
    ],
)
def test_what_counts_as_the_same(got: list[Call], wanted: list[Call]):
    assert same(got, wanted)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (calls("library.open", title="budget"), calls("library.search", query="budget")),
        (calls("task.add", title="taxes"), calls("task.add", title="taxes", due="friday")),
        (calls("calc.evaluate", expression="half of 7"), calls("calc.evaluate", expression="7/2")),
        (calls("handoff"), [*calls("handoff"), *calls("handoff")]),
    ],
)
def test_what_does_not(got: list[Call], wanted: list[Call]):
    assert not same(got, wanted)


@pytest.mark.parametrize("text", ["__import__('os')", "9**9**9", "a+1", "sqrt(4, 5)", "(lambda: 1)()"])
def test_only_plain_arithmetic_has_a_value(text: str):
    with pytest.raises((ValueError, SyntaxError, OverflowError)):
        value(text)


def test_the_interval_holds_the_share():
    low, high = interval(80, 100)
    assert 0.70 < low < 0.8 < high < 0.88
