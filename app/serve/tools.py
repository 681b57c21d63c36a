"""The tools that a request offers, which of them must be called, and the form that an answer must have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.serve.fields import Fields
from models.contracts import CHAT_TOOLS_MAX, SCHEMA_CHARACTERS_MAX, ChatTool, ToolChoice

ABOUT_CHARACTERS_MAX = 20_000
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CHOICES: dict[str, ToolChoice] = {"auto": "auto", "none": "none", "required": "required"}


def read_tools(body: Fields) -> tuple[tuple[ChatTool, ...], ToolChoice]:
    """A choice that names one tool leaves only that one, and it must be called."""
    tools = tuple(
        _tool(Fields(value, f"tools[{number}]")) for number, value in enumerate(body.list("tools", CHAT_TOOLS_MAX))
    )
    if len({tool.name for tool in tools}) < len(tools):
        body.refuse("tools", "must have different names")
    choice = body.any("tool_choice")
    if isinstance(choice, dict):
        return _named(body, tools), "required"
    chosen = "auto" if choice is None else _CHOICES.get(choice) if isinstance(choice, str) else None
    if chosen is None:
        body.refuse("tool_choice", "must be auto, none, required, or name a function")
    if chosen == "required" and not tools:
        body.refuse("tool_choice", "requires a call, and there are no tools")
    return tools, chosen


def _tool(fields: Fields) -> ChatTool:
    if fields.text("type", "function") != "function":
        fields.refuse("type", "must be function")
    function = fields.inner("function") or fields.refuse("function", "is missing")
    name, about = function.text("name"), function.text("description", "")
    if not _NAME.fullmatch(name):
        function.refuse("name", "must be 1 to 64 letters, digits, and _ . -")
    if len(about) > ABOUT_CHARACTERS_MAX:
        function.refuse("description", f"is longer than {ABOUT_CHARACTERS_MAX:,} characters")
    return ChatTool(name, about, function.json_object("parameters", SCHEMA_CHARACTERS_MAX) or _NOTHING)


_NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}}


def _named(body: Fields, tools: tuple[ChatTool, ...]) -> tuple[ChatTool, ...]:
    choice = body.inner("tool_choice")
    function = choice.inner("function") if choice else None
    name = function.text("name") if function else ""
    found = tuple(tool for tool in tools if tool.name == name)
    return found or body.refuse("tool_choice", "must name a function that is among the tools")


def read_form(body: Fields) -> dict[str, Any] | None:
    """The JSON Schema that the whole answer must fit; None for free text."""
    form = body.inner("response_format")
    kind = form.text("type", "") if form else "text"
    if form is None or kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    if kind != "json_schema":
        form.refuse("type", "must be text, json_object or json_schema")
    inner = form.inner("json_schema") or form.refuse("json_schema", "is missing")
    return inner.json_object("schema", SCHEMA_CHARACTERS_MAX) or inner.refuse("schema", "is missing")
