"""The registry: what may be called, what a declaration must say, and that no tool is imported before its call."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.tools.errors import ToolArgumentBad, ToolUndeclaredError, ToolUnknownError
from agent.tools.registry import Registry
from agent.tools.shipped import SHIPPED
from agent.tools.spec import CHARACTERS_MAX, Connectivity, Kind, Param, ToolSpec
from models.starter.vocabulary import TOOLS

README = Path(__file__).parents[4] / "agent" / "tools" / "README.md"
CORE = {
    "arguments", "context", "errors", "foreground", "manifest", "registry", "results", "server_spec", "servers",
    "shipped", "spec",
}  # fmt: skip


def fresh(code: str) -> set[str]:
    """What the code prints in an interpreter of its own."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


LOADED = "import sys; print(*[name for name in sys.modules])"


def test_importing_the_registry_imports_no_tool_and_nothing_heavy() -> None:
    loaded = fresh(f"from agent.tools.registry import Registry; Registry().specs(); {LOADED}")
    tools = {name.removeprefix("agent.tools.") for name in loaded if name.startswith("agent.tools.")}
    assert tools <= CORE
    assert not loaded & {"agent.times", "dateparser", "pint", "httpx", "html2text", "numpy", "tzlocal"}


def test_the_first_call_imports_the_tools_own_module_only() -> None:
    call = "Registry().call('calc.evaluate', {'expression': '1+1'}, None)"
    loaded = fresh(f"from agent.tools.registry import Registry; {call}; {LOADED}")
    tools = {name.removeprefix("agent.tools.") for name in loaded if name.startswith("agent.tools.")}
    assert tools - CORE == {"calc", "exact"}


MODULES = {spec.module.partition(":")[0] for spec in SHIPPED}


@pytest.mark.parametrize("name", [spec.name for spec in SHIPPED])
def test_the_first_use_of_any_tool_imports_one_tool_module(name: str) -> None:
    own = next(spec.module.partition(":")[0] for spec in SHIPPED if spec.name == name)
    loaded = fresh(f"from agent.tools.registry import Registry; Registry().load({name!r}); {LOADED}")
    assert loaded & MODULES == {own}


def test_every_tool_can_be_imported() -> None:
    registry = Registry()
    for spec in registry.specs():
        assert callable(registry._function(spec))


def test_every_tool_is_documented() -> None:
    text = README.read_text("utf-8")
    for spec in SHIPPED:
        assert f"| {spec.name} | {spec.connectivity} |" in text


def test_the_tools_and_their_arguments_are_those_the_starter_names() -> None:
    ours = {spec.name: {param.name for param in spec.params if not param.beyond_starter} for spec in SHIPPED}
    assert ours == {tool.name: set(tool.arguments) for tool in TOOLS.values()}
    for spec in SHIPPED:
        if spec.name != "rc.set":  # finds key and value by itself where the model leaves them out
            assert set(spec.required) == set(TOOLS[spec.name].required)


def test_cards_are_sentences_in_plain_words() -> None:
    for spec in SHIPPED:
        assert spec.about[0].isupper()
        assert spec.about.endswith(".")
        assert all(param.about for param in spec.params)


WHOLE = replace(SHIPPED[0], name="own.tool")


@pytest.mark.parametrize(
    ("gap", "named"),
    [
        ({"connectivity": None}, "connectivity class"),
        ({"fresh_for_s": None}, "freshness bound"),
        ({"idempotency": None}, "idempotency mode"),
        ({"touches": None}, "what it touches"),
        ({"about": ""}, "one sentence"),
        ({"module": "nowhere"}, "module to import"),
    ],
)
def test_what_is_not_declared_does_not_register(gap: dict[str, Any], named: str) -> None:
    registry = Registry()
    with pytest.raises(ToolUndeclaredError, match=named):
        registry.register(replace(WHOLE, **gap))
    with pytest.raises(ToolUnknownError):
        registry.get("own.tool")
    registry.register(WHOLE)
    assert registry.get("own.tool") is WHOLE


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ToolUndeclaredError, match="already"):
        Registry().register(SHIPPED[0])


def test_an_unknown_tool_is_told_with_its_neighbour() -> None:
    with pytest.raises(ToolUnknownError, match=r"Did you mean note\.create"):
        Registry().get("notes.create")


@pytest.mark.parametrize(
    ("tool", "args", "match"),
    [
        ("note.create", {}, "needs 'body'"),
        ("note.create", {"body": "   "}, "needs 'body'"),
        ("note.create", {"body": "x", "colour": "red"}, "no argument 'colour'"),
        ("note.create", {"body": ["x"]}, "must be text, not list"),
        ("note.create", {"body": True}, "must be text, not bool"),
        ("note.create", {"body": 5}, "must be text, not int"),
        ("note.create", {"body": "x\0y"}, "zero byte"),
        ("task.add", {"title": "x" * (CHARACTERS_MAX[Kind.TITLE] + 1)}, "is the most"),
        ("clock.now", {str(number): "x" for number in range(40)}, "too many"),
    ],
)
def test_arguments_that_do_not_fit(tool: str, args: dict[str, Any], match: str) -> None:
    with pytest.raises(ToolArgumentBad, match=match) as caught:
        Registry().check(tool, args)
    assert caught.value.what
    assert caught.value.where
    assert caught.value.todo
    assert caught.value.exit_code == 2


def test_arguments_as_a_tool_gets_them() -> None:
    check = Registry().check
    assert check(
        "note.create",
        {
            "body": " x ",
            "title": "",
        },
    ) == {"body": "x"}
    assert check("task.add", {"title": "x", "due": None}) == {"title": "x"}
    assert check("units.convert", {"value": 12, "from": "km", "to": "m"})["value"] == "12"
    assert len(check("note.create", {"body": "x" * 1_000_000})["body"]) == 1_000_000


def test_a_tool_of_the_users_own_is_called_like_any_other() -> None:
    registry = Registry(())
    declared = {"connectivity": Connectivity.LOCAL, "fresh_for_s": 0, "idempotency": WHOLE.idempotency}
    spec = ToolSpec(
        "text.upper", "Says it loudly.", "tests.unit.agent.tools.nowhere:upper", (Param("text", Kind.TEXT, "What."),),
        touches=frozenset(), **declared,
    )  # fmt: skip
    registry.register(spec)
    with pytest.raises(ModuleNotFoundError):
        registry.call("text.upper", {"text": "x"}, None)  # type: ignore[arg-type]
