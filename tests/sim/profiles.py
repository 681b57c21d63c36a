"""A profile's database with the outbox's tables alone, and a clock that is turned by hand."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.intent import Intent
from sync.schema import STEPS

NOON = 1_800_000_000.0


@dataclass
class HandClock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


def open_connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def create(path: Path) -> sqlite3.Connection:
    connection = open_connection(path)
    for _, script in STEPS:
        for statement in script.split(";\n"):  # as agent.store runs them
            if statement.strip():
                connection.execute(statement)
    return connection


def intent(text: str = "the contract is signed", destination: str = "webhook:ops", **more: Any) -> Intent:
    fields: dict[str, Any] = {
        "tool": "message.post",
        "args": {"channel": "ops", "text": text},
        "destination": destination,
        "payload": {"channel": "ops", "text": text},
        "sentence": f"Message to ops: {text}"[:200],
    }
    return Intent(**{**fields, **more})
