"""Decisions as values: no clock, no row, no sleep."""

import math
from dataclasses import replace
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import pauses, retry
from sync.item import Item
from sync.retry import after_crash, after_failure, backoff_s, forgotten
from sync.states import State
from sync.transports.outcomes import RetryableError, UncertainError, UnreachableError
from sync.transports.retry_after import retry_after_s
from tests.sim.profiles import NOON

ITEM = Item(
    id="k", seq=1, tool="t", args={}, destination="a:b", payload={}, sentence="s", fingerprint="f",
    state=State.SENDING, needs_approval=False, approved_at=None, created_at=0, updated_at=0, expires_at=1,
    attempts=1, offers=1, next_attempt_at=0, held_until=0, uncertain_since=None, mode="none", delivered_at=None,
    last_error=None, receipt=None, conversation_id=None, turn_id=None, call_id=None, replaces=None,
)  # fmt: skip


@given(st.integers(-5, 10_000), st.floats(0, 1, exclude_max=True), st.floats(1, 1e6))
def test_backoff_is_drawn_from_nothing_to_a_growing_bounded_ceiling(n: int, draw: float, cap: float) -> None:
    wait = backoff_s(n, lambda: draw, cap)
    assert 0 <= wait <= min(cap, retry.BASE_S * 2 ** min(max(n, 1) - 1, 60))
    assert wait <= backoff_s(n + 1, lambda: draw, cap)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (formatdate(NOON + 90, usegmt=True), 90.0),
        (formatdate(NOON - 90, usegmt=True), 0.0),
        ("99999999999999999999", pauses.RETRY_AFTER_S_MAX),
        (formatdate(NOON + 1e7, usegmt=True), pauses.RETRY_AFTER_S_MAX),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date_bounded(text: str | None, seconds: float | None) -> None:
    assert retry_after_s(text, NOON) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_it(text: str) -> None:
    wait = retry_after_s(text, NOON)
    assert wait is None or 0 <= wait <= pauses.RETRY_AFTER_S_MAX


def test_the_destinations_word_goes_before_ours() -> None:
    decision = after_failure(ITEM, RetryableError("429", after_s=500), "none", lambda: 0.9)
    assert (decision.state, decision.wait_s, decision.hold_s) == (State.FAILED, 500, 500)
    decision = after_failure(replace(ITEM, offers=9), RetryableError("429", after_s=1), "none", lambda: 0.9)
    assert decision.wait_s == pytest.approx(0.9 * 512)
    assert decision.hold_s == 1


def test_a_time_out_is_unknown_only_where_a_repeat_would_not_be_recognised() -> None:
    lost = UncertainError("reset")
    assert after_failure(ITEM, lost, "none", lambda: 0.5).state is State.UNKNOWN
    assert after_failure(ITEM, lost, "key", lambda: 0.5).state is State.FAILED
    asked = after_failure(ITEM, lost, "query", lambda: 0.5)
    assert (asked.state, asked.hold_s) == (State.FAILED, pauses.ASK_AFTER_S)
    assert after_failure(replace(ITEM, offers=10), lost, "key", lambda: 0.5).state is State.UNKNOWN


def test_an_item_that_crashes_us_each_time_waits_longer_each_time() -> None:
    waits = [after_crash(replace(ITEM, attempts=n), lambda: 0.5).wait_s for n in (1, 2, 3, 9)]
    assert waits == [0.0, 1.0, 2.0, 128.0]


def test_unreachable_waits_at_most_five_minutes() -> None:
    error = UnreachableError("no route")
    assert after_failure(replace(ITEM, attempts=50), error, "none", lambda: 0.999).wait_s < 300


def test_a_key_is_relied_on_for_a_little_less_than_it_is_kept() -> None:
    """By a tenth, an hour at most: so much the clock may be wrong without anybody noticing."""
    assert not forgotten(ITEM, 60, 10**12)
    doubtful = replace(ITEM, uncertain_since=1_000)
    assert not forgotten(doubtful, 60, 55_000)
    assert forgotten(doubtful, 60, 55_001)
    assert not forgotten(doubtful, 86_400, 1_000 + 82_800_000)
    assert forgotten(doubtful, 86_400, 1_001 + 82_800_000)
    assert not forgotten(doubtful, math.inf, 10**15)


def test_a_doubt_that_begins_in_the_future_has_no_known_age() -> None:
    doubtful = replace(ITEM, uncertain_since=4_000_000)
    assert forgotten(doubtful, 86_400, 0)
    assert not forgotten(doubtful, 86_400, 3_999_999), "a time server's daily business"
