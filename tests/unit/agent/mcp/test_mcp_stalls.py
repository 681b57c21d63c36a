"""A server at an address that stands still: said within two seconds, with the reason, to whoever waits for the call;
and given up at a word. Real sockets, one fault at a time."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.mcp.calling.tool_line import ToolLine
from agent.mcp.calling.transport import McpTransport
from agent.mcp.errors import CallCancelledError, McpError
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from agent.mcp.running.lines import Lines
from agent.tools.errors import AwayError
from agent.tools.foreground import Foreground, Instead
from agent.tools.server_spec import ServerSpec, Theirs
from sync.transports.attempt import Attempt, trying
from sync.transports.outcomes import UncertainError
from tests.mcp_servers.web import WebServer
from tests.sim.lossy import Lossy, dead_resolver
from tests.unit.agent.mcp.conftest import QUICK, Open
from tests.unit.sync.items import an_item

DECISION_S = 2.0
FAR = "tracker.example"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def road(web: WebServer) -> Iterator[Lossy]:
    with Lossy("127.0.0.1", int(web.url.rpartition(":")[2].partition("/")[0])) as road:
        yield road


def entry(url: str) -> ServerEntry:
    return ServerEntry("tracker", url=url, timeout_s=4.0)


class Heard:
    """The first words, and when they came."""

    def __init__(self, does: Callable[[], None] = lambda: None) -> None:
        self.words: list[str] = []
        self.after_s = 0.0
        self._does = does
        self._began = time.monotonic()

    def __call__(self, words: str) -> None:
        if not self.words:
            self.after_s = time.monotonic() - self._began
            self._does()
        self.words.append(words)


def tried(line: Line, heard: Heard) -> Any:
    with trying(Attempt(heard, asks=True)):
        return line.call("act", {})


@pytest.mark.parametrize(
    ("fault", "words"),
    [("syn black hole", "cannot be reached"), ("stall before", "No answer from"), ("stall after", "No answer from")],
)
def test_of_a_start_it_is_said_in_time(road: Lossy, lines: Open, fault: str, words: str) -> None:
    road.fault = fault
    line = lines(entry(f"http://127.0.0.1:{road.port}/mcp"))
    heard = Heard(road.heal)
    with contextlib.suppress(McpError):  # what hung was let go by a reset
        tried(line, heard)
    assert heard.after_s <= DECISION_S
    assert words in heard.words[0]
    assert f"127.0.0.1:{road.port}" in heard.words[0]


def test_of_a_call_on_an_open_line_it_is_said_in_time_and_taken_back(web: WebServer, lines: Open) -> None:
    line = lines(entry(web.url))
    line.list()
    web.script.append("stall")
    heard = Heard()
    with pytest.raises(McpError, match="did not answer in time"):
        tried(line, heard)
    assert heard.after_s <= DECISION_S
    assert "No answer from" in heard.words[0]


def test_a_name_that_nobody_answers_is_told_and_given_up(lines: Open) -> None:
    line = lines(entry(f"https://{FAR}/mcp"), None, QUICK)
    heard = Heard()
    with dead_resolver((FAR,)) as let_go:
        heard._does = let_go
        with pytest.raises(McpError, match="cannot be looked up"):
            tried(line, heard)
    assert heard.after_s <= DECISION_S
    assert heard.words[0].startswith(f"The name of {FAR} cannot be looked up")


def test_what_goes_well_says_nothing(web: WebServer, lines: Open) -> None:
    heard = Heard()
    assert tried(lines(entry(web.url)), heard).text == "It arrived."
    assert heard.words == []


def test_a_delivery_is_told_like_those_of_other_destinations(web: WebServer, lines: Open) -> None:
    line = lines(entry(web.url))
    line.list()
    web.script.append("stall")
    heard = Heard()
    attempt = Attempt(heard)

    def offer() -> None:
        attempt.offered = True

    item = replace(an_item(), payload={"tool": "act", "args": {}, "digest": ""})
    with trying(attempt), pytest.raises(UncertainError):
        McpTransport(line).deliver(item, offer)
    assert heard.after_s <= DECISION_S
    assert heard.words[0].endswith("It may have arrived already.")


# As the registry calls it


@pytest.fixture
def tool(web: WebServer) -> Iterator[ToolLine]:
    spec = ServerSpec("tracker", (web.url,), (), {"tracker.act": Theirs("act", "")})
    lines = Lines(lambda _name: entry(web.url), lambda _question: None, lambda: True, str, lambda _name: None)
    yield ToolLine(spec, lines)
    lines.close()


def test_a_call_that_the_user_waits_for_can_be_put_off(web: WebServer, tool: ToolLine) -> None:
    foreground = Foreground()
    told: list[tuple[str, Instead]] = []

    def hear(stall: Any) -> None:
        told.append((stall.words, stall.instead))
        if stall.words:
            foreground.put_off()

    foreground.tell = hear
    web.script.append("stall")
    began = time.monotonic()
    with pytest.raises(AwayError, match="put off"):
        foreground.ask(lambda: tool.call("tracker.act", {}), Instead.LATER)
    assert time.monotonic() - began < DECISION_S + 1.2
    assert "No answer from" in told[0][0]
    assert told[0][1] is Instead.LATER
    assert told[-1] == ("", Instead.NOTHING)


def test_taken_back_it_says_so_in_its_own_words(web: WebServer, tool: ToolLine) -> None:
    foreground = Foreground()
    foreground.tell = lambda stall: foreground.stop() if stall.words else None
    web.script.append("stall")
    with pytest.raises(CallCancelledError, match="tracker was told so"):
        foreground.ask(lambda: tool.call("tracker.act", {}))
