"""What attempts showed: kept within bounds, told to other processes, and what stands still at this moment."""

import sqlite3

import pytest

from sync.connectivity import DESTINATIONS_REMEMBERED_MAX, RUNG_MAX, Connectivity, NetworkState
from sync.observing import KEPT_MAX, Observation, outcome_of, store, stored
from sync.pauses import RETRY_AFTER_S_MAX
from sync.schema import OBSERVATIONS_MAX
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    SignInError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Receipt
from sync.transports.retry_after import retry_after_s
from tests.sim.profiles import NOON, HandClock


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Receipt("ok"), "delivered"), (SignInError(), "sign-in"), (UnreachableError(), "unreachable"),
        (RetryableError(), "later"), (ChangedError(), "changed"), (RejectedError(), "refused"),
        (UncertainError(), "uncertain"), (NotConfiguredError(), "not set up"), (DeliveryError(), "failed"),
    ],
)  # fmt: skip
def test_every_outcome_has_a_name(outcome: Receipt | DeliveryError, name: str) -> None:
    assert outcome_of(outcome) == name


def test_the_newest_are_kept_in_memory_and_on_disk(connectivity: Connectivity, connection: sqlite3.Connection) -> None:
    for n in range(OBSERVATIONS_MAX + 50):
        seen = Observation(f"webhook:{n}", "delivered", n, n, "w" * 1_000)
        connectivity.observe(seen)
        store(connection, seen)
    kept = connectivity.observations()
    assert (len(kept), kept[0].at) == (KEPT_MAX, OBSERVATIONS_MAX + 49)
    rows = stored(connection, 10_000)
    assert (len(rows), rows[0].at) == (OBSERVATIONS_MAX, OBSERVATIONS_MAX + 49)
    assert len(rows[0].words) < 1_000
    assert stored(connection, 1) == rows[:1]


def test_what_stands_still_is_told_by_its_words_and_over_by_an_answer(connectivity: Connectivity) -> None:
    event = connectivity.stalled("a", "No answer from a.", loopback=False)
    assert event
    assert (event.state, event.why) == ("degraded", "No answer from a.")
    assert connectivity.stalled("a", "No answer from a.", loopback=False) is None, "said once"
    other = connectivity.stalled("b", "No answer from b.", loopback=False)
    assert other
    assert other.why == "No answer from b."
    again = connectivity.report("b", reached=True, loopback=False)
    assert again
    assert again.why == "No answer from a."
    over = connectivity.stalled("a", "", loopback=False)
    assert over
    assert over.state == "online"
    assert connectivity.stalled("here", "No answer.", loopback=True) is None


def test_a_switch_that_is_off_is_not_unsteady(connectivity: Connectivity) -> None:
    connectivity.switch(offline=True)
    assert connectivity.stalled("a", "No answer from a.", loopback=False) is None
    assert connectivity.state is NetworkState.OFFLINE


def test_time_given_grows_by_attempts_and_is_bounded(connectivity: Connectivity) -> None:
    assert [connectivity.rung("a", attempts) for attempts in (0, 1, 2, 3, 50)] == [0, 0, 1, RUNG_MAX, RUNG_MAX]
    connectivity.climb("a", 99)
    assert connectivity.rung("a") == RUNG_MAX
    connectivity.climb("a", 0)
    assert connectivity.rung("a") == 0
    for n in range(DESTINATIONS_REMEMBERED_MAX + 1):
        connectivity.climb(f"d{n}", 1)
    assert connectivity.rung("d0") == 0, "forgotten, so that the memory is bounded"
    assert connectivity.rung("d1") == 1


def test_another_network_is_given_the_usual_time(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    connectivity.climb("a", 2)
    connectivity.hint(False)
    connectivity.hint(True)
    assert connectivity.rung("a") == 0


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("7", None, 7), ("  7 ", None, 7), ("9" * 30, None, RETRY_AFTER_S_MAX), ("-5", None, None), ("", None, None),
        ("soon", None, None), ("Fri, 15 Jan 2027 08:01:00 GMT", None, 60),
        ("Fri, 15 Jan 2027 08:01:00 -0000", None, 60),
        ("Fri, 15 Jan 2027 07:00:00 GMT", None, 0), ("Fri, 15 Jan 2099 07:00:00 GMT", None, RETRY_AFTER_S_MAX),
        ("Mon, 01 Jan 2001 00:00:30 GMT", "Mon, 01 Jan 2001 00:00:00 GMT", 30),
        ("Fri, 15 Jan 2027 08:01:00 GMT", "no date", 60),
    ],
)  # fmt: skip
def test_how_long_a_destination_is_left_alone(text: str, date: str | None, seconds: float | None) -> None:
    assert retry_after_s(text, NOON, date) == seconds
