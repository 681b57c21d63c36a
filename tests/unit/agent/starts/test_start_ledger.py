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
