"""Our own protocol, for models whose template says nothing of tools: told in the system message, written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from models.contracts import ChatTool, Message
from models.dialects.conversation import parameters_told
from models.dialects.dialect import ENVELOPE, Envelope, Member, Way, Writing

OWN_WRITING = Writing(
    opening="<tool_call>", sure=True, head="", before="<tool_call>\n", form=ENVELOPE, after="\n</tool_call>",
    between="\n", tail="", envelope=Envelope((Member("name", "name"), Member("arguments", "arguments"))),
)  # fmt: skip
OWN_WAY = Way(results=False)

_TOLD = """You can use these tools, one JSON object a line:
{tools}

To use one, write exactly this, with nothing behind it, and its result comes with the next message:
<tool_call>
{{"name": "the tool's name", "arguments": {{"a parameter": "its value"}}}}
</tool_call>
Use a tool only when it is needed; otherwise answer as usual."""


def told(messages: Sequence[Message], tools: Sequence[ChatTool]) -> list[Message]:
    """The conversation for a template that knows no tools: they are described, calls and results stand as text."""
    shown = [_as_text(message) for message in messages]
    if not tools:
        return shown
    words = _TOLD.format(tools="\n".join(map(_described, tools)))
    if shown and shown[0].role == "system":
        return [Message("system", f"{shown[0].text}\n\n{words}"), *shown[1:]]
    return [Message("system", words), *shown]


def _described(tool: ChatTool) -> str:
    about = {"name": tool.name, "description": tool.about, "parameters": dict(parameters_told(tool))}
    return json.dumps(about, ensure_ascii=False)


def _as_text(message: Message) -> Message:
    if message.role == "tool":
        return Message("user", f"<tool_result>\n{message.text}\n</tool_result>")
    calls = [
        f"<tool_call>\n{json.dumps({'name': call.name, 'arguments': dict(call.arguments)}, ensure_ascii=False)}\n"
        "</tool_call>"
        for call in message.calls
    ]
    return Message(message.role, "\n".join([*([message.text] if message.text else []), *calls]))
