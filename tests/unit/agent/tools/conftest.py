"""A registry and what a tool is given: a real library, real settings from a real file, a clock that stands still."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.library import Library
from agent.paths import Paths
from agent.store import connect, open_store
from agent.tools.context import ToolContext
from agent.tools.registry import Registry
from agent.tools.results import Deferred, Done, NeedsClarification, Result
from tests.local_http import LocalHttp

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)  # a Wednesday
BASE = 'timezone = "Europe/Berlin"\n'


@dataclass
class Workshop:
    """Calls tools as the turn loop would. `settings(text)` puts a settings file into force."""

    registry: Registry
    context: ToolContext
    agentrc: Agentrc
    now: list[float]
    calls: list[str] = field(default_factory=list)

    def settings(self, text: str) -> None:
        self.agentrc.file.write_text(BASE + text, "utf-8")
        self.context = replace(self.context, settings=self.agentrc.load())
        assert not self.agentrc.problems

    def call(self, tool: str, args: Mapping[str, Any] | None = None, **changes: Any) -> Result:
        return self.registry.call(tool, args or {}, replace(self.context, **changes))

    def done(self, tool: str, args: Mapping[str, Any] | None = None, **changes: Any) -> Done:
        result = self.call(tool, args, **changes)
        assert isinstance(result, Done), result
        return result

    def deferred(self, tool: str, args: Mapping[str, Any] | None = None, **changes: Any) -> Deferred:
        result = self.call(tool, args, **changes)
        assert isinstance(result, Deferred), result
        return result

    def asks(self, tool: str, args: Mapping[str, Any] | None = None, **changes: Any) -> NeedsClarification:
        result = self.call(tool, args, **changes)
        assert isinstance(result, NeedsClarification), result
        return result


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has had all steps, made once: each test copies it."""
    file = tmp_path_factory.mktemp("migrated") / "carryon.db"
    opened = open_store(file)
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    return file


@pytest.fixture
def connection(paths: Paths, migrated: Path) -> Iterator[sqlite3.Connection]:
    shutil.copy(migrated, paths.database)
    opened = connect(paths.database)
    yield opened
    opened.close()


@pytest.fixture
def workshop(paths: Paths, connection: sqlite3.Connection, tmp_path: Path) -> Workshop:
    now = [NOW.timestamp()]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    agentrc = Agentrc(paths, environ={})
    agentrc.file.write_text(BASE, "utf-8")
    context = ToolContext(
        library=Library(connection, clock),
        settings=agentrc.load(),
        clock=clock,
        conversation_id=None,
        turn_id=None,
        call_id="call-1",
        said="",
        offline=False,
        cache=tmp_path / "pages",
        diff=lambda key, value: agentrc.desk.propose(key, value).diff,
    )
    return Workshop(Registry(), context, agentrc, now)


@dataclass
class Site:
    """What the server answers, and what it was asked."""

    url: str = ""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            status, headers, body = made.answers.get(self.path, (404, {}, b"no"))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    with LocalHttp(Handler) as server:
        made.url = f"127.0.0.1:{server.port}"
        yield made
