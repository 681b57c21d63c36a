"""The plain parts under a line: framing, rates, rest, keys, environment, ends."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.mcp.digests import declaration_digest
from agent.mcp.records import Hints, ListedTool
from agent.mcp.running.environment import minimal
from agent.mcp.running.framing import BrokeRulesError, Framer, Meter, Ring
from agent.mcp.running.keys import with_key
from agent.mcp.running.killing import end, family
from agent.mcp.running.rest import IN_A_ROW_MAX, LONGEST_WAIT_S, REST_S, Rest


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=20), st.data())
def test_lines_are_the_same_however_they_arrive(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    framer, found = Framer(100), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += framer.feed(stream[:size])
        stream = stream[size:]
    assert found == lines


def test_a_line_is_bounded_also_when_it_never_ends() -> None:
    framer = Framer(10)
    assert framer.feed(b"0123456789\nabc") == [b"0123456789"]
    with pytest.raises(BrokeRulesError, match="longer than"):
        framer.feed(b"01234567")


def test_a_flood_is_told_by_number_and_by_size() -> None:
    now = [0.0]
    meter = Meter(10, 3, 100, lambda: now[0])
    for _ in range(3):
        meter.count(1)
    with pytest.raises(BrokeRulesError, match="more than 3 messages in 10 s"):
        meter.count(1)
    now[0] = 11
    meter.count(99)
    with pytest.raises(BrokeRulesError, match="MB in 10 s"):
        meter.count(2)


def test_only_the_end_of_complaints_is_kept() -> None:
    ring = Ring(20)
    ring.add(b"x" * 1_000)
    ring.add(b"\nthe\x1b[31m reason\n\n")
    assert ring.last_line() == "the[31m reason"
    assert Ring(20).last_line() == ""


def test_the_rest_grows_and_a_success_ends_it() -> None:
    now = [0.0]
    rest = Rest(lambda: now[0])
    waits = []
    for _ in range(IN_A_ROW_MAX):
        rest.failed()
        waits.append(rest.left_s())
        now[0] += rest.left_s()
        assert rest.left_s() == 0
    assert waits == [0, 0.5, 1, 2, 4, REST_S]
    assert max(waits[:-1]) <= LONGEST_WAIT_S
    rest.succeeded()
    rest.failed()
    assert rest.left_s() == 0


def test_a_key_goes_where_the_tool_has_a_place_for_it() -> None:
    schema = {"properties": {"text": {"type": "string"}, "idempotencyKey": {"type": "string"}}}
    assert with_key({"text": "x"}, schema, "k") == {"text": "x", "idempotencyKey": "k"}
    assert with_key({"idempotencyKey": "mine"}, schema, "k") == {"idempotencyKey": "mine"}
    assert with_key({"text": "x"}, {"properties": {"key": {"type": "string"}}}, "k") == {"text": "x"}
    assert with_key({}, {"properties": {"idempotency_key": {"type": "object"}}}, "k") == {}


def test_a_digest_covers_every_word_and_no_order() -> None:
    tool = ListedTool("a", "A", "does a", {"type": "object", "properties": {}}, None, Hints(read_only=True))
    same = replace(tool, schema={"properties": {}, "type": "object"})
    assert declaration_digest(tool) == declaration_digest(same)
    others = (
        replace(tool, name="b"), replace(tool, title="B"), replace(tool, about="does b"), replace(tool, schema={}),
        replace(tool, output={}), replace(tool, hints=Hints(read_only=False)),
    )  # fmt: skip
    assert len({declaration_digest(one) for one in (tool, *others)}) == 7


def test_the_environment_is_what_a_program_needs_and_what_was_declared() -> None:
    here = {"PATH": "/bin", "HOME": "/home/me", "OPENAI_API_KEY": "sk", "CARRYON_OFFLINE": "1", "LANG": "() { evil; }"}
    assert minimal({"TOKEN": "t", "PATH": "/mine"}, here) == {"PATH": "/mine", "HOME": "/home/me", "TOKEN": "t"}


@pytest.mark.skipif(sys.platform == "win32", reason="sessions are POSIX")
def test_a_stranger_of_the_same_number_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as process:
        assert family(process.pid, time.time() - 3_600) == []
        members = family(process.pid, time.time())
        assert [member.pid for member in members] == [process.pid]
        end(members, os.getpid(), hard=True)
        assert process.wait(10) != 0


def test_nothing_heavy_is_imported_before_the_first_start() -> None:
    code = (
        "import sys, agent.mcp.running.line as line, agent.mcp.calling.transport\n"
        "from agent.mcp.records import ServerEntry\n"
        "line.connect(ServerEntry('x', ('true',))).close()\n"
        "heavy = ('mcp', 'mcp_types', 'anyio', 'httpx', 'httpx2', 'pydantic', 'psutil')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    root = Path(__file__).parents[4]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
