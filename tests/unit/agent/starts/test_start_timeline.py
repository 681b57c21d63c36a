"""The line of time: whose spans are whose, what is accounted for, what is not."""

import pytest

from agent.spans import Lap
from agent.starts.record import UNACCOUNTED, Span
from agent.starts.timeline import Worker, accounted, gaps, timeline

MS = 1_000_000


def lap(name: str, begin_ms: float, end_ms: float, parent: str = "") -> Lap:
    return Lap(name, int(begin_ms * MS), int(end_ms * MS), parent)


def test_spans_count_from_the_birth_of_the_process() -> None:
    (span,) = timeline([lap("qt", 15, 40)], born_ns=15 * MS, end_ns=40 * MS, workers=[])
    assert (span.begin_ms, span.end_ms) == (0, 25)


def test_a_gap_is_a_span_of_its_own() -> None:
    found = timeline([lap("a", 0, 10), lap("b", 14, 20)], 0, 25 * MS, [])
    assert [(one.name, one.begin_ms, one.end_ms) for one in found if one.name == UNACCOUNTED] == [
        (UNACCOUNTED, 10, 14), (UNACCOUNTED, 20, 25),
    ]  # fmt: skip
    assert accounted(found, 25) == pytest.approx(16 / 25)


def test_what_is_made_of_parts_accounts_for_nothing_by_itself() -> None:
    """A span around everything would otherwise name all of the time and explain none of it."""
    found = timeline([lap("profile", 0, 100), lap("database", 10, 30, "profile")], 0, 100 * MS, [])
    assert accounted(found, 100) == pytest.approx(0.2)
    assert sum(one.ms for one in found if one.name == UNACCOUNTED) == pytest.approx(80)


def test_threads_at_the_same_time_are_counted_once() -> None:
    spans = [Span("a", 0, 60), Span("b", 30, 90), Span("c", 40, 50)]
    assert accounted(spans, 100) == pytest.approx(0.9)
    assert [(gap.begin_ms, gap.end_ms) for gap in gaps(spans, 100)] == [(90, 100)]


def test_a_worker_s_own_spans_begin_when_it_was_started() -> None:
    worker = Worker("starter", {"python": 10.0, "map": 5.0}, load_ms=20.0)
    found = timeline([lap("spawn starter", 100, 102)], 0, 120 * MS, [worker])
    spans = {one.name: one for one in found}
    assert (spans["model starter"].begin_ms, spans["model starter"].end_ms) == (100, 120)
    assert (spans["model map"].begin_ms, spans["model map"].end_ms) == (110, 115)
    assert spans["model map"].parent == "model starter"


def test_a_worker_of_which_no_beginning_is_known_is_left_out() -> None:
    assert [one.name for one in timeline([], 0, MS, [Worker("strange", {"map": 1.0}, 1.0)])] == [UNACCOUNTED]


def test_what_began_after_the_end_is_left_out_and_what_went_on_is_cut() -> None:
    found = timeline([lap("before", 0, 30), lap("after", 25, 40)], 0, 20 * MS, [])
    assert [(one.name, one.end_ms) for one in found] == [("before", 20)]
