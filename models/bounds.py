"""The bounds of a request, checked before anything is sent: the host and the twin refuse alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from models.contracts import (
    CALLS_MAX,
    CHAT_TOOLS_MAX,
    KNOWN_NAMES_MAX,
    MESSAGES_MAX,
    PENALTY_MAX,
    SCHEMA_CHARACTERS_MAX,
    STOPS_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENS_MAX,
    TOOL_CARDS_MAX,
    ChatRequest,
    ChatTool,
    DecideRequest,
    Kind,
    Message,
)
from models.errors import RequestTooLargeError, WrongKindError

TOOL_NAME_CHARACTERS_MAX = 128
TOOL_NAME = re.compile(rf"[A-Za-z0-9_.:/-]{{1,{TOOL_NAME_CHARACTERS_MAX}}}")
DEPTH_MAX = 64  # of schemas and arguments


def check_decide(request: DecideRequest) -> None:
    _check_length(len(request.text))
    for what, count, most in (
        ("names", len(request.known), KNOWN_NAMES_MAX), ("tools", len(request.tools), TOOL_CARDS_MAX)
    ):  # fmt: skip
        if count > most:
            raise RequestTooLargeError(
                f"A request can name {most:,} {what}; this one names {count:,}.", "the request", "Give fewer."
            )  # fmt: skip


def check_chat(request: ChatRequest) -> None:
    if not request.messages or len(request.messages) > MESSAGES_MAX:
        count = len(request.messages)
        raise RequestTooLargeError(
            f"A chat needs 1 to {MESSAGES_MAX:,} messages; this one has {count:,}.", "the conversation",
            "Start a new conversation." if count else "Write something first.",
        )  # fmt: skip
    if not 1 <= request.max_tokens <= TOKENS_MAX:
        raise RequestTooLargeError(
            f"An answer can have 1 to {TOKENS_MAX:,} tokens; {request.max_tokens:,} were asked for.", "max_tokens",
            "Ask for fewer.",
        )  # fmt: skip
    if len(request.stop) > STOPS_MAX or not all(request.stop):
        raise RequestTooLargeError(f"At most {STOPS_MAX} stop texts, none of them empty.", "stop", "Give fewer.")
    _check_sampling(request)
    _check_tools(request)
    if request.schema is not None:
        _check_schema(request.schema, "the form of the answer")
    told = sum(len(tool.about) + _json_length(tool.parameters, tool.name) for tool in request.tools)
    _check_length(told + sum(map(_length, request.messages)))


def _check_sampling(request: ChatRequest) -> None:
    for name, least, most in (
        ("top_p", 0.0, 1.0), ("min_p", 0.0, 1.0),
        ("presence_penalty", -PENALTY_MAX, PENALTY_MAX), ("frequency_penalty", -PENALTY_MAX, PENALTY_MAX),
    ):  # fmt: skip
        if not least <= getattr(request, name) <= most:
            raise RequestTooLargeError(f"{name} is from {least:g} to {most:g}.", name, "Choose one within that.")


def _check_tools(request: ChatRequest) -> None:
    if len(request.tools) > CHAT_TOOLS_MAX:
        raise RequestTooLargeError(
            f"A model can be told of {CHAT_TOOLS_MAX:,} tools; these are {len(request.tools):,}.", "the tools",
            "Leave some out.",
        )  # fmt: skip
    if request.tool_choice == "required" and not request.tools:
        raise RequestTooLargeError("A call was asked for, but no tool was given.", "the tools", "Give at least one.")
    names = [tool.name for tool in request.tools]
    for tool in request.tools:
        _check_tool(tool, names.count(tool.name) if len(names) != len(set(names)) else 1)


def _check_tool(tool: ChatTool, times: int) -> None:
    if not TOOL_NAME.fullmatch(tool.name):
        raise RequestTooLargeError(
            f"“{tool.name[:80]}” cannot be the name of a tool: 1 to {TOOL_NAME_CHARACTERS_MAX} letters and digits, and "
            "_ - . : /, make one.", "the tools", "Give it another name.",
        )  # fmt: skip
    if times > 1:
        raise RequestTooLargeError(f"{times} tools are called “{tool.name}”.", "the tools", "Give each its own name.")
    _check_schema(tool.parameters, f"the parameters of {tool.name}")


def _check_schema(schema: Mapping[str, Any], where: str) -> None:
    if (length := _json_length(schema, where)) > SCHEMA_CHARACTERS_MAX:
        raise RequestTooLargeError(
            f"This schema is {length:,} characters long; {SCHEMA_CHARACTERS_MAX:,} are the most.", where,
            "Make it simpler.",
        )  # fmt: skip


def _length(message: Message) -> int:
    """In characters, its calls too."""
    if len(message.calls) > CALLS_MAX:
        raise RequestTooLargeError(
            f"A message can hold {CALLS_MAX} calls; this one has {len(message.calls)}.", "the conversation", "Split it."
        )  # fmt: skip
    return len(message.text) + sum(_json_length(call.arguments, call.name) for call in message.calls)


def _json_length(value: Mapping[str, Any], where: str) -> int:
    """As JSON, which is what it must be."""
    try:
        depth = _depth(value)
        length = len(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestTooLargeError("This is not JSON.", where, "Use texts, numbers, lists and objects only.") from error
    if depth > DEPTH_MAX:
        raise RequestTooLargeError(f"This is nested more than {DEPTH_MAX} deep.", where, "Make it simpler.")
    return length


def _depth(value: Any) -> int:
    if isinstance(value, Mapping):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else 0


def _check_length(characters: int) -> None:
    if characters > TEXT_CHARACTERS_MAX:
        raise RequestTooLargeError(
            f"This is {characters:,} characters long; a model is given at most {TEXT_CHARACTERS_MAX:,}.", "the message",
            "Send a shorter part of it, or keep it as a note and ask about that.",
        )  # fmt: skip


def wrong_kind(needed: Kind, name: str, kind: Kind | None = None) -> WrongKindError:
    """`needed`: what the request wanted and model `name` is not; `kind`: what it is, as far as that helps."""
    if needed == "starter":
        return WrongKindError(f"{name} cannot decide about tools.", name, "Only the starter does; chat with this one.")
    if kind == "search":
        return WrongKindError(
            f"{name} is for searching: it turns texts into numbers and cannot chat.", name,
            "Choose a chat model for that: carryon models list.",
        )  # fmt: skip
    return WrongKindError(f"{name} cannot chat.", name, "Choose another model for that: carryon models list.")
