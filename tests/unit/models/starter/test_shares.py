"""Bounds of shares against published values, and verdicts that few cases never pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.starter.shares import at_least, at_most, loss_at_most, lower, paired_change, upper, worst


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilsons_bounds_are_those_of_newcombe_1998(right: int, total: int, low: float, high: float) -> None:
    assert lower(right, total, 0.975) == pytest.approx(low, abs=5e-5)
    assert upper(right, total, 0.975) == pytest.approx(high, abs=5e-5)


def test_a_share_is_shown_missed_or_neither() -> None:
    assert at_least(95, 100, 0.85) == "pass"
    assert at_least(60, 100, 0.85) == "regress"
    assert at_least(86, 100, 0.85) == "insufficient", "above it, and still chance"
    assert at_most(1, 200, 0.05) == "pass"
    assert at_most(40, 200, 0.05) == "regress"


@pytest.mark.parametrize("total", [0, 1, 2, 3])
def test_a_few_right_cases_prove_nothing(total: int) -> None:
    assert at_least(total, total, 0.7) == "insufficient"
    assert loss_at_most(0, 0, total, 0.05) == "insufficient"


def test_the_paired_change_is_agresti_and_mins() -> None:
    change, spread = paired_change(lost=25, gained=5, total=100)
    assert change == pytest.approx(-20 / 102)
    assert spread == pytest.approx(((31 - 400 / 102) ** 0.5) / 102)
    assert loss_at_most(25, 5, 100, 0.05) == "regress"
    assert loss_at_most(1, 1, 400, 0.05) == "pass"


def test_the_worst_verdict_counts() -> None:
    assert worst("pass", "insufficient", "regress") == "regress"
    assert worst("pass", "insufficient") == "insufficient"
    assert worst() == "pass"


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.99))
def test_the_bounds_hold_the_share_and_more_right_cases_never_make_it_worse(
    pair: tuple[int, int], floor: float
) -> None:
    right, total = pair
    assert 0 <= lower(right, total) <= right / total + 1e-9
    assert right / total - 1e-9 <= upper(right, total) <= 1
    rank = {"regress": 0, "insufficient": 1, "pass": 2}
    if right < total:
        assert rank[at_least(right, total, floor)] <= rank[at_least(right + 1, total, floor)]
