"""Every test gets a profile of its own and no network but loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from agent.paths import Paths

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty profile folder that this process and its children use."""
    monkeypatch.setenv("CARRYON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AGENTRC", str(tmp_path / "agentrc"))
    monkeypatch.delenv("CARRYON_OFFLINE", raising=False)
    return tmp_path


@pytest.fixture
def paths(home: Path) -> Paths:
    return Paths.of().make()
