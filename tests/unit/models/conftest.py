"""Real models for the tests of models/: tiny, generated, written once a session."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.host import Limits, ModelHost, Settings
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="session")
def tiny_chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "chat.gguf", context=8192)


@pytest.fixture(scope="session")
def tiny_starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "starter.gguf", starter=True)


@pytest.fixture
def host_of() -> Iterator[Callable[..., ModelHost]]:
    """Make hosts with room for long streams; all are closed in the end."""
    made: list[ModelHost] = []

    def make(path: Path, **options: Any) -> ModelHost:
        options.setdefault("limits", Limits(backoff_s=(0.0,)))
        options.setdefault("settings", Settings(n_ctx=8192))
        made.append(ModelHost(path, **options))
        return made[-1]

    yield make
    for host in made:
        host.close()
