from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from models.distill.calibrate import Seen, curve, expected_error, reliability


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_a_curve_rises_and_promises_nothing_for_certain(pairs: list[tuple[float, bool]]):
    knots = curve(pairs)
    assert knots == sorted(knots)
    worths = [worth for _, worth in knots]
    assert worths == sorted(worths)
    assert all(0 < worth < 1 for worth in worths)


def test_a_curve_finds_what_certainty_is_worth():
    rng = random.Random(1)
    pairs = [(raw, rng.random() < raw * raw) for raw in (rng.random() for _ in range(6000))]
    for raw, worth in curve(pairs):
        assert abs(worth - raw * raw) < 0.1


def test_the_table_tells_what_was_said_beside_what_came_true():
    seen = [Seen(0.9, 0.99, outcome=True, exact=at % 4 > 0) for at in range(40)]
    (row,) = reliability(seen)
    assert (row["n"], row["right"]) == (40, 0.75)
    assert row["interval"][0] < 0.75 < row["interval"][1]
    assert abs(expected_error([row]) - abs(row["said"] - 0.75)) < 1e-3
