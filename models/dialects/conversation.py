"""Messages and tools in the form that chat templates know, which is that of the interfaces most programs speak."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.contracts import ChatTool, Message, ToolCall
from models.dialects.dialect import Way

Shown = Mapping[str, Any]  # a message or a tool, as templates see it

ID_CHARACTERS = 9  # the one length that every template takes
_ID = re.compile(rf"[A-Za-z0-9]{{{ID_CHARACTERS}}}")
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def tool_shown(tool: ChatTool) -> Shown:
    parameters = {"type": "object", "properties": {}, **parameters_told(tool)}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.about, "parameters": parameters},
    }


def parameters_told(tool: ChatTool) -> Mapping[str, Any]:
    """Without what need not be said, which is a tenth of a small memory: that there are no other arguments, since the
    grammar holds the model to that, and that none is required."""
    unsaid = {"additionalProperties": False, "required": []}
    return {key: value for key, value in tool.parameters.items() if key not in unsaid or value != unsaid[key]}


def call_shown(call_id: str, name: str, arguments: Mapping[str, Any], *, as_text: bool) -> Shown:
    held: Any = json.dumps(arguments, ensure_ascii=False) if as_text else dict(arguments)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": held}}


def conversation_shown(messages: Sequence[Message], way: Way) -> list[Shown]:
    """Calls and results in the template's own form."""
    names = {call.id: call.name for message in messages for call in message.calls}
    return [_shown(message, way, names) for message in messages]


def _shown(message: Message, way: Way, names: Mapping[str, str]) -> Shown:
    if message.role == "tool":
        name = names.get(message.answers, "")
        return {"role": "tool", "content": message.text, "tool_call_id": short_id(message.answers), "name": name}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    calls = [_call_of(call, way) for call in message.calls]
    content = message.text if message.text and way.text_with_calls else way.bare
    return {"role": message.role, "content": content, "tool_calls": calls}


def _call_of(call: ToolCall, way: Way) -> Shown:
    return call_shown(short_id(call.id), call.name, call.arguments, as_text=way.arguments_as_text)


def short_id(given: str) -> str:
    """The id itself where it is of the common form; else one made of it, always the same."""
    return given if _ID.fullmatch(given) else made_id(given)


def made_id(seed: str) -> str:
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:8])
    letters = []
    for _ in range(ID_CHARACTERS):
        number, digit = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(letters)
