"""Many tools and servers cost a start nothing: no module, no process, no schema that was seen before."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.tools import schema_check
from agent.tools.errors import ToolRefusedError, ToolUndeclaredError
from agent.tools.manifest import Manifest, digest
from agent.tools.registry import Registry
from agent.tools.results import Done, Result
from agent.tools.servers import MODULE, ServerSpec
from agent.tools.shipped import SHIPPED
from agent.tools.spec import Connectivity, Idempotency, Kind, Param, ToolSpec

SERVERS, TOOLS_EACH = 5, 36  # with those that ship, two hundred
ROOT = Path(__file__).parents[4]


def schema(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}


def tool(server: str, number: int, about: str = "Does it.") -> ToolSpec:
    return ToolSpec(
        f"{server}.tool{number}", about, f"{MODULE}{server}", (Param("text", Kind.TEXT, "What."),),
        Connectivity.LOCAL, 0, Idempotency.NONE, frozenset(), schema("text"),
    )  # fmt: skip


def servers(edited: str = "") -> list[ServerSpec]:
    """One of their tools is worded anew where `edited` names it."""
    made = []
    for number in range(SERVERS):
        tools = [tool(f"s{number}", one) for one in range(TOOLS_EACH)]
        tools = [replace(one, about="Does it better.") if one.name == edited else one for one in tools]
        made.append(ServerSpec(f"s{number}", (sys.executable, "-c", ECHO), tuple(tools)))
    return made


ECHO = "import json, sys\nfor line in sys.stdin: print(json.dumps({'said': json.loads(line)}), flush=True)"


class Process:
    """A server as a real process that answers by the line."""

    def __init__(self, server: ServerSpec) -> None:
        self._process = subprocess.Popen(server.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, tool: str, args: Mapping[str, str]) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([tool, dict(args)]) + "\n")
        self._process.stdin.flush()
        return Done(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=20)


def filled(manifest: Manifest, edited: str = "") -> Registry:
    registry = Registry(manifest=manifest, connect=Process)
    for server in servers(edited):
        registry.declare(server)
    return registry


def test_two_hundred_tools_are_checked_once_and_an_edited_one_alone_again(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    first = Manifest(file)
    assert len(filled(first).specs()) == len(SHIPPED) + SERVERS * TOOLS_EACH == 200
    assert first.checked == SERVERS * TOOLS_EACH
    again = Manifest(file)
    filled(again)
    assert again.checked == 0
    edited = Manifest(file)
    filled(edited, edited="s3.tool7")
    assert edited.checked == 1
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_is_bounded_and_what_is_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.tools.manifest.ENTRIES_MAX", TOOLS_EACH)
    file = tmp_path / "tools.json"
    filled(Manifest(file))
    alone = Registry(manifest=Manifest(file))
    alone.declare(servers()[0])
    assert set(json.loads(file.read_text())["good"]) == {digest(spec) for spec in servers()[0].tools}


def test_a_broken_file_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    file.write_text('{"good": 3}')
    manifest = Manifest(file)
    filled(manifest)
    assert manifest.checked == SERVERS * TOOLS_EACH


AUDITED = """
import json, sys
started = []
STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec")
sys.addaudithook(lambda name, args: started.append(name) if name in STARTS else None)
from pathlib import Path
from agent.tools.manifest import Manifest
from tests.unit.agent.tools.test_lazy_tools import filled
before = set(sys.modules)
manifest = Manifest(Path(sys.argv[1]))
registry = filled(manifest)
loaded = sorted(name for name in set(sys.modules) - before)
idle = list(started)
said = registry.call("s2.tool0", {"text": "hello"}, None)
registry.call("s2.tool1", {"text": "again"}, None)
registry.load("calc.evaluate")
tools = sorted(name for name in set(sys.modules) - before if name.startswith("agent.tools.") and name not in loaded)
print(json.dumps([manifest.checked, loaded, idle, registry.running(), started, said.facts, tools]))
registry.close()
"""


def test_a_start_imports_no_tool_and_spawns_nothing_and_first_use_pays_for_one(tmp_path: Path) -> None:
    filled(Manifest(tmp_path / "tools.json"))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", AUDITED, str(tmp_path / "tools.json")], cwd=ROOT, env=environ,
                          capture_output=True, text=True, check=True)  # fmt: skip
    checked, loaded, idle, running, started, facts, tools = json.loads(done.stdout)
    assert checked == 0
    assert [name for name in loaded if name.startswith("agent.tools.")] == [], "not even the checks are imported"
    assert idle == []
    assert (running, started) == (["s2"], ["subprocess.Popen"])
    assert facts == {"said": ["s2.tool0", {"text": "hello"}]}
    assert "agent.tools.calc" in tools
    assert not {"agent.tools.mail", "agent.tools.notes", "agent.tools.web"} & set(tools)


def test_a_server_without_a_way_to_it_is_refused_in_words() -> None:
    registry = Registry()
    registry.declare(servers()[0])
    with pytest.raises(ToolRefusedError, match="s0 cannot be started"):
        registry.call("s0.tool0", {"text": "x"}, None)  # type: ignore[arg-type]


def test_a_server_is_declared_once() -> None:
    registry = Registry()
    registry.declare(servers()[0])
    with pytest.raises(ToolUndeclaredError, match="s0"):
        registry.declare(servers()[0])


def test_the_digest_is_of_every_word() -> None:
    one = tool("s", 1)
    others = [
        replace(one, about="Else."), replace(one, module="server:t"), replace(one, params=()),
        replace(one, fresh_for_s=1), replace(one, connectivity=Connectivity.ONLINE),
        replace(one, idempotency=Idempotency.KEY),
        replace(one, touches=None), replace(one, schema=schema("text", "more")), replace(one, name="s.tool2"),
    ]  # fmt: skip
    assert len({digest(spec) for spec in (one, *others)}) == len(others) + 1
    assert digest(replace(one)) == digest(one)


DEEP: dict[str, Any] = {"type": "object"}
for _ in range(schema_check.DEPTH_MAX + 2):
    DEEP = {"type": "object", "properties": {"a": DEEP}}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"type": "string"}, 'must be "object"'),
        ({"type": "object", "properties": {"a": {"type": "colour"}}}, "unknown type 'colour'"),
        ({"type": "object", "properties": {}, "required": ["b"]}, "needs 'b'"),
        ({"type": "object", "properties": {"a": {"$ref": "http://somewhere/else"}}}, "outside"),
        ({"type": "object", "properties": {"a": 3}}, "'a' is no schema"),
        ({"type": "object", "properties": [1]}, "must name its parts"),
        ({"type": "object", "description": "x" * 200_000}, "characters"),
        ({"type": "object", "properties": {"a": {"anyOf": [{"type": "nothing"}]}}}, "unknown type 'nothing'"),
        ({"type": "object", "properties": {"a": {"type": 3}}, "required": 7, "anyOf": 7}, "unknown type 3"),
        ({"type": "object", "properties": {"a": {"type": [{}]}}}, "unknown type {}"),
        ({"type": "object", "properties": {}, "required": [[]]}, r"needs \[\]"),
        (DEEP, "deep"),
    ],
)
def test_a_schema_that_cannot_be_relied_on_does_not_register(wrong: dict[str, Any], words: str) -> None:
    registry = Registry()
    with pytest.raises(ToolUndeclaredError, match=words):
        registry.register(replace(tool("s", 1), schema=wrong))
    assert not registry.has("s.tool1")


@pytest.mark.parametrize(
    "good",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": False, "properties": {"a": {"type": ["string", "null"]}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "integer"}}},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"anyOf": [{"type": "string"}, True]}}}},
    ],
)
def test_what_servers_really_declare_is_good(good: dict[str, Any]) -> None:
    assert schema_check.faults(good) == ()
