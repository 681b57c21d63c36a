"""A conversation as a file: Markdown to read, JSON to process. Written whole or not at all."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.errors import BadRequestError
from agent.protocol.records import Conversation, Message, Role
from agent.store.files import write_whole

FORMAT = 1
SPEAKERS = {Role.USER: "You", Role.AGENT: "Carryon", Role.NOTICE: "Notice"}


def export(conversation: Conversation, messages: Sequence[Message], path: Path) -> None:
    match path.suffix.lower():
        case ".md" | ".markdown" | ".txt":
            write_whole(path, as_markdown(conversation, messages).encode())
        case ".json":
            document = json.dumps(as_json(conversation, messages), ensure_ascii=False, indent=2)
            write_whole(path, document.encode() + b"\n")
        case _:
            raise BadRequestError(
                "A conversation is exported as Markdown or JSON.", str(path), "End the name in .md or .json."
            )


def as_markdown(conversation: Conversation, messages: Sequence[Message]) -> str:
    parts = [f"# {conversation.title}", f"{_when(conversation.created_at)} · {len(messages)} messages"]
    for message in messages:
        parts.append(f"## {SPEAKERS[message.role]}, {_when(message.created_at)}{_age(message)}{_lent(message)}")
        if message.text:
            parts.append(message.text)
        if message.summary and message.summary.text:
            parts.append(message.summary.text)
        parts += [f"- {call.tool}: {call.status}. {call.result}".rstrip(". ") for call in message.calls]
    return "\n\n".join(parts) + "\n"


def as_json(conversation: Conversation, messages: Sequence[Message]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": conversation.id,
        "title": conversation.title,
        "created_at": _when(conversation.created_at),
        "updated_at": _when(conversation.updated_at),
        "messages": [_message(message) for message in messages],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "turn": message.turn_id,
        "role": message.role,
        "text": message.text,
        "created_at": _when(message.created_at),
        "complete": message.complete,
        "sources": list(message.sources),
        "outcome": message.outcome,
        "label": asdict(message.label) if message.label else None,
        "calls": [asdict(call) for call in message.calls],
        "summary": asdict(message.summary) if message.summary else None,
    }


def _lent(message: Message) -> str:
    """Who wrote some of it besides the user."""
    return f", with words of {', '.join(message.sources)}" if message.sources else ""


def _age(message: Message) -> str:
    """From when the oldest kept copy is that the answer used."""
    data_from = message.label.data_from if message.label else None
    return "" if data_from is None else f", data from {_when(data_from)}"


def _when(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
