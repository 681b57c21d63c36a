from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.starter import thresholds
from models.starter.thresholds import ACT_AT, ACT_OUTSIDE_AT, calibrated, confidence_of, is_sure, least_choice

ANSWER = ["<task.add>", "<arg:title>", "<w1>", "<w3>", "<end>"]


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves that leave every probability as it is."""
    line = ((0.0, 0.0), (1.0, 1.0))
    monkeypatch.setattr(thresholds, "_knots", lambda: {"outcome": line, "exact": line})


def test_what_leaves_the_machine_needs_more_certainty(straight: None):
    assert ACT_AT < ACT_OUTSIDE_AT
    between = [(ACT_AT + ACT_OUTSIDE_AT) / 2] * len(ANSWER)
    assert is_sure(ANSWER, between, outside=False)
    assert not is_sure(ANSWER, between, outside=True)


def test_a_doubtful_border_weighs_less_than_a_doubtful_tool(straight: None):
    assert is_sure(ANSWER, [0.9, 0.9, 0.4, 0.9, 0.9], outside=False)
    assert not is_sure(ANSWER, [0.4, 0.9, 0.9, 0.9, 0.9], outside=False)
    assert least_choice(ANSWER, [0.9, 0.8, 0.1, 0.1, 0.95]) == 0.8


def test_confidence_is_of_the_whole_answer(straight: None):
    assert confidence_of(ANSWER, [0.9, 0.9, 0.4, 0.9, 0.9]) == pytest.approx(0.4)
    with pytest.raises(ValueError, match="one for each token"):
        confidence_of(ANSWER, [0.9])


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_shipped_curves_rise(one: float, other: float):
    low, high = sorted((one, other))
    for doubt in ("outcome", "exact"):
        assert 0 <= calibrated(doubt, low) <= calibrated(doubt, high) <= 1
