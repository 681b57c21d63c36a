"""The messages of a request, as a model takes them."""

from __future__ import annotations

import json
from typing import Any

from app.serve.fields import Fields
from models.contracts import CALLS_MAX, MESSAGES_MAX, ChatRole, Message, ToolCall

PARTS_MAX = 1_000  # of one message
_ROLES: dict[str, ChatRole] = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool",
}  # fmt: skip


def read_messages(body: Fields) -> tuple[Message, ...]:
    found: list[Message] = []
    names: dict[str, str] = {}  # of the calls so far, by id
    for number, value in enumerate(body.list("messages", MESSAGES_MAX)):
        fields = Fields(value, f"messages[{number}]")
        message = _message(fields)
        names |= {call.id: call.name for call in message.calls}
        if message.role == "tool" and message.answers not in names:
            fields.refuse("tool_call_id", "must be the id of a call in an earlier message")
        found.append(message)
    if not found:
        body.refuse("messages", "must hold at least one message")
    return tuple(found)


def _message(fields: Fields) -> Message:
    role = _ROLES.get(fields.text("role", "")) or fields.refuse("role", f"must be one of {', '.join(_ROLES)}")
    calls = _calls(fields) if role == "assistant" else ()
    text = _text(fields, may_lack=role == "assistant")
    return Message(role, text, calls, fields.text("tool_call_id", "") if role == "tool" else "")


def _text(fields: Fields, *, may_lack: bool) -> str:
    value = fields.any("content")
    if value is None and may_lack:
        return ""
    if isinstance(value, list):
        parts = enumerate(fields.list("content", PARTS_MAX))
        return "\n".join(_part(Fields(part, fields.at(f"content[{number}]"))) for number, part in parts)
    return fields.text("content")


def _part(part: Fields) -> str:
    kind = part.text("type", "")
    if kind == "refusal":
        return part.text("refusal")
    if kind != "text":
        part.refuse("type", "must be text", "Pictures, sound and files cannot be read yet.")
    return part.text("text")


def _calls(fields: Fields) -> tuple[ToolCall, ...]:
    calls = enumerate(fields.list("tool_calls", CALLS_MAX))
    return tuple(_call(Fields(value, fields.at(f"tool_calls[{number}]"))) for number, value in calls)


def _call(fields: Fields) -> ToolCall:
    function = fields.inner("function") or fields.refuse("function", "is missing")
    return ToolCall(fields.text("id"), function.text("name"), _arguments(function))


def _arguments(function: Fields) -> dict[str, Any]:
    try:
        found = json.loads(function.text("arguments", "") or "{}")
    except (ValueError, RecursionError):
        found = None
    return (
        found if isinstance(found, dict) else function.refuse("arguments", "must be a JSON object, written as a text")
    )
