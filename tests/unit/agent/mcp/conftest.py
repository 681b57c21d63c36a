"""Lines to real child processes, closed at the end of each test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.mcp.handlers import Handlers
from agent.mcp.limits import Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line, connect
from tests.mcp_servers.guarded import Guarded
from tests.unit.agent.mcp.signing import Home

HOSTILE = Path(__file__).parents[3] / "mcp_servers" / "hostile.py"
QUICK = Limits(
    start_s=20, total_s=6, write_s=1, ping_s=1, ask_s=5, grace_s=0.5, window_messages_max=2_000,
    window_bytes_max=16_000_000, message_bytes_max=2_000_000,
)  # fmt: skip
Open = Callable[..., Line]


def hostile(mode: str = "good", *, timeout_s: float = 5, roots: tuple[Path, ...] = (), **env: str) -> ServerEntry:
    return ServerEntry("hostile", (sys.executable, str(HOSTILE), mode), env=env, timeout_s=timeout_s, roots=roots)


@pytest.fixture
def lines() -> Iterator[Open]:
    opened: list[Line] = []

    def open_line(entry: ServerEntry | None = None, handlers: Handlers | None = None, limits: Limits = QUICK) -> Line:
        opened.append(connect(entry or hostile(), handlers, limits))
        return opened[-1]

    yield open_line
    for line in opened:
        line.close()


@pytest.fixture
def line(lines: Open) -> Line:
    return lines()


@pytest.fixture
def server() -> Iterator[Guarded]:
    """One that wants a sign-in."""
    with Guarded() as made:
        yield made


@pytest.fixture
def other() -> Iterator[Guarded]:
    with Guarded() as made:
        yield made


@pytest.fixture
def laptop(server: Guarded, lines: Open) -> Home:
    return Home(server.url, lines)
