from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.library import Library
from agent.store import Store, open_store


class Ticking:
    """A clock that goes on by a second at each look."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "carryon.db")
    yield opened
    opened.close()


@pytest.fixture
def library(store: Store, clock: Ticking) -> Library:
    return Library(store, clock)


@pytest.fixture
def conversations(store: Store, clock: Ticking) -> Conversations:
    return Conversations(store, clock)
