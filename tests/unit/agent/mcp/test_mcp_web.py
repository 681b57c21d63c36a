"""Servers at an address: where requests may go, what failures mean, sessions that are forgotten, streams that stall."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.agentrc.references import resolve_secret
from agent.mcp.errors import (
    AddressRefusedError,
    CallRefusedError,
    McpError,
    OfflineError,
    PutOffError,
    SecretLackingError,
    ServerFailedError,
    ServerUnreachableError,
)
from agent.mcp.handlers import Handlers
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from tests.mcp_servers.web import WebServer
from tests.unit.agent.mcp.conftest import QUICK, Open
from tests.unit.sync.certificates import self_signed


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def entry(url: str, **headers: str) -> ServerEntry:
    return ServerEntry("web", url=url, headers=headers, timeout_s=1.0)


@pytest.fixture
def there(web: WebServer, lines: Open) -> Line:
    return lines(entry(web.url))


def test_a_call_with_its_secret_and_its_session(web: WebServer, lines: Open) -> None:
    line = lines(entry(web.url, Authorization="env:TOKEN"), Handlers(reveal=lambda text: f"Bearer {text}"))
    assert line.call("act", {}).text == "It arrived."
    assert line.list().tools[0].name == "act"
    sent = [headers for method, _, headers in web.seen if method == "POST"]
    assert {headers["authorization"] for headers in sent} == {"Bearer env:TOKEN"}
    assert [headers.get("mcp-session-id") for headers in sent][:2] == [None, "session-1"]
    line.close()
    assert web.count("DELETE") == 1


def test_an_answer_may_come_as_a_stream(web: WebServer, there: Line) -> None:
    web.script.append("stream")
    assert there.call("act", {}).structured == {"id": "7"}


def test_a_forgotten_session_is_opened_anew_and_offered_once(web: WebServer, there: Line) -> None:
    there.list()
    web.script.append("forget")
    offers: list[int] = []
    assert there.call("act", {}, key="k", before=lambda: offers.append(1)).text == "It arrived."
    assert (offers, web.effects, there.starts) == ([1], ["k"], 2)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("put_off", PutOffError, "answered 503"),
        ("refuse", CallRefusedError, "answered 401"),
        ("bad_gateway", ServerFailedError, "answered 502"),
        ("elsewhere", CallRefusedError, "not followed"),
        ("portal", ServerFailedError, "answered with text/html"),
        ("took_it", ServerFailedError, "answered with nothing"),
        ("broke", ServerFailedError, "failed within: oh"),
        ("garbled", ServerFailedError, "answered with what is no message of the protocol"),
        ("half", ServerFailedError, "broke off in its answer"),
        ("stall", ServerFailedError, "did not answer in time"),
        ("cut", ServerFailedError, "broke off|no answer"),
        ("long", ServerFailedError, "answered more than 16 MB"),
        ("lose_request", ServerFailedError, "broke before its answer came"),
        ("lose_answer", ServerFailedError, "broke before its answer came"),
    ],
)
def test_each_failure_has_its_meaning(
    web: WebServer, there: Line, fault: str, error: type[McpError], words: str
) -> None:
    web.script.append(fault)
    begun = time.monotonic()
    with pytest.raises(error, match=words) as caught:
        there.call("act", {})
    assert time.monotonic() - begun < 6
    assert caught.value.where
    if isinstance(caught.value, PutOffError):
        assert caught.value.after_s == 3
    assert there.call("act", {}).text == "It arrived.", "the next call works"
    assert there.starts == 1, "over the same session"


def test_a_redirect_within_the_server_is_followed(web: WebServer, there: Line) -> None:
    web.script.append("nearby")
    assert there.call("act", {}).text == "It arrived."


def test_nobody_there_was_surely_not_asked(lines: Open) -> None:
    with pytest.raises(ServerUnreachableError, match="could not be reached") as caught:
        lines(entry("http://127.0.0.1:1/mcp")).call("act", {})
    assert "Nothing was asked" in caught.value.todo


def test_what_it_says_unasked_is_listened_to_within_bounds(web: WebServer, there: Line) -> None:
    web.listening = "end at once"
    there.call("act", {})
    end = time.monotonic() + 5
    while time.monotonic() < end and web.count("GET") < 3:
        there.call("act", {})
    web.stop.wait(0.5)  # a stream that ends at once asks to be opened again every 20 ms
    assert web.count("GET") == 3


@pytest.mark.parametrize(
    "url", ["http://example.org/mcp", "ftp://127.0.0.1/", "https://me:pw@example.org/", "https://", "mcp", "http://[/"]
)
def test_only_addresses_that_are_safe_are_taken(lines: Open, url: str) -> None:
    with pytest.raises(AddressRefusedError, match="is not taken"):
        lines(entry(url)).list()


def test_the_network_is_not_used_where_it_is_denied(lines: Open) -> None:
    line = lines(entry("https://server.invalid/mcp"), Handlers(allows=lambda: False))
    with pytest.raises(OfflineError, match="the network is off"):
        line.list()


@pytest.mark.parametrize("value", ["tok\nen: 1", "t\u00f6ken"])
def test_a_secret_that_cannot_be_sent_is_not_shown(web: WebServer, lines: Open, value: str) -> None:
    with pytest.raises(SecretLackingError, match="'Authorization' of the server web cannot be sent") as caught:
        lines(entry(web.url, Authorization=value)).list()
    assert value not in str(caught.value)
    assert web.seen == []


def test_a_secret_that_is_not_there_says_where_to_put_it(web: WebServer, lines: Open) -> None:
    def reveal(reference: str) -> str:
        return resolve_secret(reference, {}, lambda _name: None)

    with pytest.raises(SecretLackingError, match="environment variable NONE is not set"):
        lines(entry(web.url, Authorization="env:NONE"), Handlers(reveal=reveal)).list()


def test_this_machine_needs_no_network(web: WebServer, lines: Open) -> None:
    assert lines(entry(web.url), Handlers(allows=lambda: False)).call("act", {}).text == "It arrived."


def test_a_certificate_that_nobody_knows_is_not_taken(lines: Open, tmp_path: Path) -> None:
    context: ssl.SSLContext = self_signed(tmp_path / "cert.pem")
    with WebServer(context) as server:
        line = lines(entry(server.url), limits=replace(QUICK, start_s=5))
        with pytest.raises(ServerUnreachableError, match=r"certificate|could not be reached"):
            line.list()
        assert server.seen == []
