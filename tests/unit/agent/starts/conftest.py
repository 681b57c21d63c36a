"""Starts as they are kept."""

import itertools
from collections.abc import Callable

import pytest

from agent.starts.record import Span, Start, StartClass

MakeStart = Callable[..., Start]


@pytest.fixture
def make_start() -> MakeStart:
    numbers = itertools.count()

    def make(
        kind: StartClass = StartClass.WARM_DISK, window_ms: float = 130.0, ready_ms: float = 400.0, *, ok: bool = True,
        first_token_ms: float | None = None, spans: tuple[Span, ...] = (),
    ) -> Start:  # fmt: skip
        number = next(numbers)
        return Start(
            id=f"s{number}", kind=kind, at=1_000 + number, app_build="app", llama_build="llama", ok=ok, evidence="why",
            window_ms=window_ms, ready_ms=ready_ms, first_token_ms=first_token_ms, accounted=0.97,
            used_until=2_000 + number, spans=spans,
        )  # fmt: skip

    return make
