"""Presenters under test: commands are collected, time stands still."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from agent.protocol.commands import Command
from app import demo
from app.presenters.desk import Desk

C = TypeVar("C", bound=Command)


class Submitted(list[Command]):
    """What the presenters asked of the core, in order."""

    def last(self, kind: type[C]) -> C:
        return next(command for command in reversed(self) if isinstance(command, kind))

    def all(self, kind: type[C]) -> list[C]:
        return [command for command in self if isinstance(command, kind)]


@pytest.fixture
def submitted() -> Submitted:
    return Submitted()


@pytest.fixture
def desk(submitted: Submitted) -> Desk:
    return Desk(submitted.append, demo.clock)


@pytest.fixture
def parts() -> Callable[[object], list[tuple[str, str]]]:
    """Listen to a presenter: the list of the parts that it says changed."""

    def listen(presenter: object) -> list[tuple[str, str]]:
        heard: list[tuple[str, str]] = []
        presenter.listen(lambda part, key: heard.append((part, key)))  # type: ignore[attr-defined]
        return heard

    return listen
