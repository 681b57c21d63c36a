"""The tools as a chat model is told of them: cards as JSON Schema, in an order that stays, within a bound.

Every argument is text: the tools make sense of the user's own words for times, numbers and places. A server's tool is
told with its own schema, so that a model writes numbers, lists and groups as it wants them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.loop.gauge import weight_of_tools
from agent.loop.tool_names import ToolNames
from agent.tools.shipped import SHIPPED
from agent.tools.spec import Kind, Param, ToolSpec
from models.contracts import CHAT_TOOLS_MAX, ChatTool

UNDO, CHANGE = "call_undo", "call_change"  # about an earlier call; no tools of the registry
OWN_WORDS = " In the user's own words."
SCHEMA_CHARACTERS_MAX = 8_000  # of one tool
WORDS = frozenset({"description", "title", "examples", "default", "$schema", "$id", "$comment"})
NAMED = frozenset({"properties", "$defs", "definitions"})
_SHIPPED = frozenset(spec.name for spec in SHIPPED)

ABOUT_EARLIER: tuple[ChatTool, ...] = (
    ChatTool(
        UNDO,
        "Takes an earlier call back: what it made, sent or changed, as far as that is possible.",
        {"type": "object", "properties": {"call": {"type": "string"}}, "required": ["call"],
         "additionalProperties": False},
    ),
    ChatTool(
        CHANGE,
        "Changes one argument of an earlier call, in its place. Use it instead of calling the tool a second time.",
        {"type": "object", "properties": {name: {"type": "string"} for name in ("call", "argument", "value")},
         "required": ["call", "argument", "value"], "additionalProperties": False},
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """`left_out`: how many tools there was no room for."""

    tools: tuple[ChatTool, ...]
    left_out: int = 0


def offered(specs: Sequence[ToolSpec], names: ToolNames, room: int) -> Offered:
    """Within `room` characters: with what is said about arguments, else without, else as many as fit, those that ship
    first."""
    ordered = sorted(specs, key=lambda spec: (spec.name not in _SHIPPED, spec.name))[: CHAT_TOOLS_MAX - 2]
    for brief in (False, True):
        tools = (*ABOUT_EARLIER, *(_tool(spec, names, brief=brief) for spec in ordered))
        if ordered and weight_of_tools(tools) <= room:
            return Offered(tools, len(specs) - len(ordered))
    return _as_many_as_fit(ordered, names, room, len(specs))


def _as_many_as_fit(specs: Sequence[ToolSpec], names: ToolNames, room: int, count: int) -> Offered:
    room -= weight_of_tools(ABOUT_EARLIER)
    kept: list[ChatTool] = []
    for spec in specs:
        tool = _tool(spec, names, brief=True)
        room -= weight_of_tools((tool,))
        if room < 0:
            break
        kept.append(tool)
    return Offered((*ABOUT_EARLIER, *kept) if kept else (), count - len(kept))


def _tool(spec: ToolSpec, names: ToolNames, *, brief: bool) -> ChatTool:
    return ChatTool(names.written(spec.name), spec.about, _parameters(spec, brief=brief))


def _parameters(spec: ToolSpec, *, brief: bool) -> Mapping[str, Any]:
    """A schema that would fill a model's memory is told as texts."""
    if spec.schema is None or len(str(spec.schema)) > SCHEMA_CHARACTERS_MAX:
        return _schema(spec.params, brief=brief)
    schema = {"properties": {}, **spec.schema}
    return dict(_bare(schema)) if brief else schema


def _bare(schema: Any) -> Any:
    """Without words. What stands under "properties" are names, and never words about it."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: {inner: _bare(one) for inner, one in value.items()} if name in NAMED and isinstance(value, Mapping)
        else _bare(value)
        for name, value in schema.items()
        if name not in WORDS
    }  # fmt: skip


def _schema(params: Sequence[Param], *, brief: bool) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {param.name: _property(param, brief=brief) for param in params},
        "required": [param.name for param in params if param.required],
        "additionalProperties": False,
    }


def _property(param: Param, *, brief: bool) -> Mapping[str, str]:
    if brief:
        return {"type": "string"}
    said = OWN_WORDS if param.kind in (Kind.TIME, Kind.DURATION) else ""
    return {"type": "string", "description": param.about + said}
