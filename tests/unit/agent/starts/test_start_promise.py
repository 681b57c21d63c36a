"""The promise on starts: classes apart, few starts no evidence, the budget burnt by what was too slow."""

from collections.abc import Callable

import pytest

from agent.starts.record import Start, StartClass
from agent.starts.slo import STARTS_MIN, Standing, Target, quantile, standings, targets, verdict

WARM = Target("window", StartClass.WARM_DISK, p50_ms=200, p95_ms=400, budget=0.10)
UPDATE = Target("window", StartClass.AFTER_UPDATE, p50_ms=900, p95_ms=2_000, budget=0.10)


def one(found: tuple[Standing, ...]) -> Standing:
    assert len(found) == 1
    return found[0]


def test_every_class_has_a_promise_for_each_mark() -> None:
    agreed = targets()
    assert {(target.mark, target.kind) for target in agreed} == {
        (mark, kind) for mark in ("window", "ready") for kind in StartClass
    }
    assert all(target.p50_ms < target.p95_ms and 0 < target.budget < 1 for target in agreed)


def test_fast_starts_keep_it(make_start: Callable[..., Start]) -> None:
    found = one(standings([make_start(window_ms=100 + n) for n in range(STARTS_MIN)], [WARM]))
    assert (found.verdict, found.bad, found.burn) == ("pass", 0, 0)
    assert found.p50_ms == 109


def test_too_few_are_no_evidence(make_start: Callable[..., Start]) -> None:
    found = one(standings([make_start()] * (STARTS_MIN - 1), [WARM]))
    assert found.verdict == "insufficient"


@pytest.mark.parametrize(("slow", "said"), [(2, "pass"), (3, "regress")])
def test_the_budget_burns_with_each_slow_start(make_start: Callable[..., Start], slow: int, said: str) -> None:
    times = [500.0] * slow + [100.0] * (STARTS_MIN - slow)
    found = one(standings([make_start(window_ms=ms) for ms in times], [WARM]))
    assert found.burn == pytest.approx(slow / STARTS_MIN / 0.10)
    assert found.verdict == said


def test_a_slow_middle_breaks_it_whatever_the_tail(make_start: Callable[..., Start]) -> None:
    assert one(standings([make_start(window_ms=300)] * STARTS_MIN, [WARM])).verdict == "regress"


def test_updates_are_never_pooled_with_everyday_starts(make_start: Callable[..., Start]) -> None:
    updates = [make_start(kind=StartClass.AFTER_UPDATE, window_ms=1_500)] * STARTS_MIN
    warm = [make_start(window_ms=100)] * STARTS_MIN
    everyday, update = standings([*updates, *warm], [WARM, UPDATE])
    assert (everyday.verdict, everyday.p95_ms) == ("pass", 100)
    assert (update.verdict, update.p50_ms) == ("regress", 1_500)
    assert verdict([everyday, update]) == "regress"


def test_a_start_whose_model_failed_is_bad_and_has_no_time(make_start: Callable[..., Start]) -> None:
    ready = Target("ready", StartClass.WARM_DISK, p50_ms=500, p95_ms=900, budget=0.05)
    starts = [make_start(ready_ms=300)] * (STARTS_MIN - 2) + [make_start(ready_ms=1, ok=False)] * 2
    found = one(standings(starts, [ready]))
    assert (found.bad, found.p50_ms, found.verdict) == (2, 300, "regress")


@pytest.mark.parametrize(("count", "said"), [(4, "insufficient"), (5, "regress"), (19, "regress")])
def test_five_suffice_to_show_that_it_is_broken(make_start: Callable[..., Start], count: int, said: str) -> None:
    updates = [make_start(kind=StartClass.AFTER_UPDATE, window_ms=60_000)] * count
    warm = [make_start(window_ms=100)] * 25
    everyday, update = standings([*updates, *warm], [WARM, UPDATE])
    assert (everyday.verdict, update.verdict) == ("pass", said)
    assert verdict([everyday, update]) == said, "a class with too few starts is no pass of the whole"


@pytest.mark.parametrize(("slow", "said"), [(2, "insufficient"), (3, "regress")])
def test_of_few_the_budget_is_burnt_where_more_could_not_mend_it(
    make_start: Callable[..., Start], slow: int, said: str
) -> None:
    times = [500.0] * slow + [100.0] * 5
    assert one(standings([make_start(window_ms=ms) for ms in times], [WARM])).verdict == said


def test_models_that_never_came_up_break_it_without_a_time(make_start: Callable[..., Start]) -> None:
    ready = Target("ready", StartClass.WARM_DISK, p50_ms=500, p95_ms=900, budget=0.05)
    found = one(standings([make_start(ok=False)] * 5, [ready]))
    assert (found.p50_ms, found.verdict) == (None, "regress")


def test_a_class_without_starts_keeps_no_pass_back(make_start: Callable[..., Start]) -> None:
    found = standings([make_start(window_ms=100)] * STARTS_MIN, [WARM, UPDATE])
    assert verdict(found) == "pass"


def test_nothing_known_is_no_pass() -> None:
    assert verdict(standings([])) == "insufficient"


def test_quantiles_are_values_that_were_there() -> None:
    values = [float(n) for n in range(1, 21)]
    assert (quantile(values, 0.5), quantile(values, 0.95), quantile([7.0], 0.95)) == (10, 19, 7)
