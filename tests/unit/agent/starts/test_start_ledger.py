"""Starts are kept whole, newest first, and not without bound."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.starts.ledger import SPANS_MAX, STARTS_MAX, Ledger
from agent.starts.record import Span, Start
from agent.store import Store, open_store
from agent.store.erase import erase_everything


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "carryon.db")


def test_a_start_comes_back_as_it_was(store: Store, make_start: Callable[..., Start]) -> None:
    ledger = Ledger(store)
    assert ledger.last() is None
    kept = make_start(spans=(Span("qt", 0.5, 40.25), Span("map", 50, 60, "model starter")), first_token_ms=410.0)
    ledger.add(make_start())
    ledger.add(kept)
    assert ledger.last() == kept
    assert [start.id for start in ledger.recent()] == ["s1", "s0"] or ledger.recent()[0].id == kept.id
    assert ledger.recent()[0] == replace(kept, spans=())


@pytest.mark.parametrize(("born", "found"), [(1_000, None), (1_399, None), (1_400, "s0"), (1_401, "s0"), (5_000, "s1")])
def test_what_came_before_is_what_was_over_by_then(
    store: Store, make_start: Callable[..., Start], born: int, found: str | None
) -> None:
    ledger = Ledger(store)
    ledger.add(make_start(ready_ms=400.0))  # from 1,000 to 1,400
    ledger.add(make_start(ready_ms=400.0, first_token_ms=900.0))  # from 1,001 to 1,901
    last = ledger.before(born, 9_000)
    assert (last.id if last else None) == found


def test_a_clock_that_was_set_back_takes_nothing_away(store: Store, make_start: Callable[..., Start]) -> None:
    ledger = Ledger(store)
    ledger.add(make_start())  # at 1,000
    last = ledger.before(400, 900)
    assert last is not None


def test_the_end_of_use_is_noted(store: Store, make_start: Callable[..., Start]) -> None:
    ledger = Ledger(store)
    ledger.add(make_start())
    last = ledger.last()
    assert last is not None
    ledger.used(last.id, 99_000)
    again = ledger.last()
    assert again is not None
    assert again.used_until == 99_000


def test_the_oldest_go_with_their_spans(store: Store, make_start: Callable[..., Start]) -> None:
    ledger = Ledger(store)
    for _ in range(STARTS_MAX + 3):
        ledger.add(make_start(spans=(Span("qt", 0, 1),)))
    assert len(ledger.recent()) == STARTS_MAX
    assert store.execute("SELECT count(*) FROM span").fetchone()[0] == STARTS_MAX


def test_a_start_has_no_more_spans_than_that(store: Store, make_start: Callable[..., Start]) -> None:
    ledger = Ledger(store)
    ledger.add(make_start(spans=tuple(Span(f"s{n}", n, n + 1) for n in range(SPANS_MAX + 10))))
    last = ledger.last()
    assert last is not None
    assert len(last.spans) == SPANS_MAX


def test_erasing_everything_erases_these_too(store: Store, make_start: Callable[..., Start]) -> None:
    Ledger(store).add(make_start(spans=(Span("qt", 0, 1),)))
    erase_everything(store)
    assert Ledger(store).last() is None
