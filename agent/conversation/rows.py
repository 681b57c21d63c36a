"""Rows of the tables as the records that a front end gets, and back. JSON columns hold plain values only."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from agent.library.sources import tidy
from agent.protocol.records import (
    AnswerLabel,
    Call,
    CallStatus,
    Choice,
    Conversation,
    Message,
    Outcome,
    Planned,
    Question,
    Role,
)

UNTITLED = "New conversation"


def conversation_of(row: sqlite3.Row) -> Conversation:
    return Conversation(
        id=row["id"],
        title=row["title"] or UNTITLED,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        messages=row["messages"],
        trashed_at=row["trashed_at"],
        draft=row["draft"] or "",
        draft_sources=sources_of(row["draft_sources"]),
        branch_of=row["branch_of"],
        can_undo=bool(row["can_undo"]),
    )


def call_of(row: sqlite3.Row) -> Call:
    return Call(
        id=row["id"],
        turn_id=row["turn_id"],
        tool=row["tool"],
        args=json.loads(row["args"]),
        status=CallStatus(row["status"]),
        result=row["result"],
        outbox_id=row["outbox_id"],
        artifact_id=row["artifact_id"],
        facts=json.loads(row["facts"]),
    )


def message_of(row: sqlite3.Row, calls: Iterable[Call] = (), question: str | None = None) -> Message:
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        turn_id=row["turn_id"] or "",
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        calls=tuple(calls),
        label=AnswerLabel(**json.loads(row["label"])) if row["label"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        complete=bool(row["complete"]),
        question=asking_of(question) if row["role"] == Role.AGENT else None,
        sources=sources_of(row["sources"]),
    )


def sources_of(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def sources_text(sources: Iterable[str]) -> str:
    """ "" for none, so that most rows hold nothing."""
    kept = tidy(sources)
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def asking_of(text: str | None) -> Question | None:
    if not text:
        return None
    kept = json.loads(text)
    choices = tuple(
        Choice(choice["words"], tuple(Planned(**call) for call in choice["calls"])) for choice in kept["choices"]
    )
    return Question(**{**kept, "lacks": tuple(kept["lacks"]), "choices": choices})


def asking_text(question: Question | None) -> str | None:
    return plain(asdict(question)) if question else None


def label_text(label: AnswerLabel | None) -> str | None:
    return plain(asdict(label)) if label else None


def plain(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
