"""Effects of servers' tools pass the contract of all transports: over a program, and at an address."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agent.mcp.calling.transport import McpTransport
from agent.mcp.digests import declaration_digest
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from sync.item import Item
from sync.loopback import Fault
from sync.transports.outcomes import (
    ChangedError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Transport, mode_of
from tests.mcp_servers.web import WebServer
from tests.unit.agent.mcp.conftest import Open, hostile
from tests.unit.sync import items
from tests.unit.sync.test_transport_contract import (
    There,
    deliver,
    test_a_repeat_after_a_lost_answer_has_no_second_effect,
    test_an_effect_and_a_receipt,
    test_it_says_what_it_is,
    test_nobody_there_is_surely_not_sent,
    test_two_items_are_two_effects,
    test_what_may_not_be_offered_is_not_sent,
)

__all__ = [
    "test_a_repeat_after_a_lost_answer_has_no_second_effect", "test_an_effect_and_a_receipt",
    "test_it_says_what_it_is", "test_nobody_there_is_surely_not_sent", "test_two_items_are_two_effects",
    "test_what_may_not_be_offered_is_not_sent",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _payload(monkeypatch: pytest.MonkeyPatch) -> None:
    """The items of the contract are for a tool here."""
    monkeypatch.setitem(items.PAYLOAD, "tool", "act")
    monkeypatch.setitem(items.PAYLOAD, "args", {"text": "hello"})


def over(line: Line) -> McpTransport:
    return McpTransport(line, keyed=frozenset({"act"}), loopback=True)


@dataclass
class Program:
    transport: Transport
    effects: Path
    faults: Path
    gone: Callable[[], Transport]

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = self.gone()
        else:
            before = self.faults.read_text(encoding="utf-8") if self.faults.exists() else ""
            self.faults.write_text(f"{before} {name}", encoding="utf-8")

    def times(self, key: str) -> int:
        return self.effects.read_text(encoding="utf-8").split().count(key) if self.effects.exists() else 0


@dataclass
class Address:
    transport: Transport
    server: WebServer
    gone: Callable[[], Transport]

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = self.gone()
        else:
            self.server.script.append(name)

    def times(self, key: str) -> int:
        return self.server.effects.count(key)


@pytest.fixture
def program(lines: Open, tmp_path: Path) -> Program:
    effects, faults = tmp_path / "effects", tmp_path / "faults"
    line = lines(hostile(EFFECTS=str(effects), FAULTS=str(faults)))
    crashing = hostile("crash")
    return Program(over(line), effects, faults, lambda: over(lines(crashing)))


@pytest.fixture
def address(lines: Open) -> Iterator[Address]:
    with WebServer() as server:
        entry = ServerEntry("web", url=server.url, timeout_s=2)
        gone = ServerEntry("web", url="http://127.0.0.1:1/mcp", timeout_s=2)
        yield Address(over(lines(entry)), server, lambda: over(lines(gone)))


@pytest.fixture(params=["program", "address"])
def there(request: pytest.FixtureRequest) -> There:
    found: There = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("kind", "fault", "error", "times"),
    [
        ("address", "put_off", RetryableError, 0),
        ("address", "reject", RejectedError, 0),
        ("address", "lose_request", UncertainError, 0),
        ("address", "lose_answer", UncertainError, 1),
        ("address", "took_it", UncertainError, 0),
        ("address", "half", UncertainError, 0),
        ("program", "reject", RejectedError, 0),
        ("program", "lose_request", UncertainError, 0),
        ("program", "lose_answer", UncertainError, 1),
    ],
)
def test_each_fault_has_its_meaning(
    request: pytest.FixtureRequest, kind: str, fault: Fault, error: type[Exception], times: int
) -> None:
    there: There = request.getfixturevalue(kind)
    item = items.an_item()
    with pytest.raises(error):
        deliver(there, item, fault)
    assert there.times(item.id) == times


def test_the_receipt_says_what_the_tool_said(program: Program) -> None:
    item = items.an_item()
    receipt = program.transport.deliver(item, lambda: None)
    assert receipt.as_facts() == {
        "text": "hostile did act: It arrived.", "reference": item.id, "url": "https://example.org/7",
    }  # fmt: skip


def test_the_words_of_a_refusal_reach_the_user(program: Program) -> None:
    program.fault("reject")
    with pytest.raises(RejectedError, match="this is not wanted here"):
        program.transport.deliver(items.an_item(), lambda: None)


def test_a_tool_that_is_no_longer_what_was_agreed_to_makes_a_conflict(lines: Open) -> None:
    line = lines()
    digest = declaration_digest(next(tool for tool in line.list().tools if tool.name == "echo"))
    item = items.an_item(tool="echo", args={"text": "hello"}, digest=digest)
    transport = McpTransport(line)
    assert transport.deliver(item, lambda: None).text == "hostile did echo: hello."
    line.call("change", {})
    offers: list[int] = []
    with pytest.raises(ChangedError) as caught:
        transport.deliver(item, lambda: offers.append(1))
    assert offers == []
    assert (caught.value.then, caught.value.now) == (
        "echo as you looked at it",
        "echo says something else of itself now",
    )
    again: Item = replace(item, basis=caught.value.basis)
    assert transport.deliver(again, lambda: None).text == "hostile did echo: hello."


def test_a_program_that_is_missing_is_to_be_set_up(lines: Open) -> None:
    with pytest.raises(NotConfiguredError, match="cannot be started"):
        McpTransport(lines(ServerEntry("gone", ("/no/such/program",)))).deliver(items.an_item(), lambda: None)


def test_a_program_that_keeps_crashing_is_tried_again_later(lines: Open) -> None:
    transport = McpTransport(lines(ServerEntry("bad", (sys.executable, "-c", "raise SystemExit(4)"))))
    for _ in range(3):
        with pytest.raises(UnreachableError, match="ended with code 4"):
            transport.deliver(items.an_item(), lambda: None)


def test_no_server_can_be_asked_in_general(lines: Open) -> None:
    assert McpTransport(lines()).mode == "none"


def test_each_tool_of_a_server_repeats_as_the_user_said_of_it(lines: Open) -> None:
    transport = McpTransport(lines(), keyed=frozenset({"act"}))
    item = items.an_item()
    assert mode_of(transport, item) == "key"
    assert mode_of(transport, replace(item, payload={**item.payload, "tool": "other"})) == "none"
