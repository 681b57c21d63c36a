"""Speakers under any settings, and what the tools say they find."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.agentrc.sources import builtin, session
from agent.agentrc.stack import Stack
from agent.speech.speaker import Speaker

NOW = 1_795_700_000  # 26 November 2026

DUE = "2026-11-27T09:00:00+01:00"
SAMPLES: dict[str, dict[str, Any]] = {
    "note.create": {"title": "Aisle seat", "characters": 12},
    "note.append": {"title": "Packing", "text": "adapter", "version": 2},
    "library.search": {"query": "lease", "count": 2, "found": [{"title": "A", "kind": "note", "snippet": "x"}] * 2},
    "library.open": {"title": "Packing", "kind": "note", "text": "adapter", "cut": False},
    "task.add": {"title": "invoice her", "due": DUE, "said": "on Friday", "understood": True},
    "task.list": {"when": None, "count": 2, "tasks": [{"title": "A", "due": DUE, "late": True}, {"title": "B"}]},
    "task.done": {"title": "invoice her", "already": False},
    "calendar.add": {"title": "Dentist", "starts": DUE, "ends": DUE, "all_day": False, "said": "x", "clashes": []},
    "calendar.list": {"when": None, "count": 2, "events": [{"title": "A", "starts": DUE}] * 2},
    "timer.set": {"label": None, "seconds": 600, "rings": DUE},
    "calc.evaluate": {"expression": "15/100*240", "value": "36", "exact": True},
    "units.convert": {"value": "10", "from": "miles", "to": "kilometres", "result": "16.1", "exact": False},
    "clock.now": {"place": "Tokyo", "zone": "Asia/Tokyo", "now": DUE, "weekday": 4, "differs_minutes": 480},
    "file.read": {"path": "a.txt", "text": "hello", "size_bytes": 5, "cut": False, "binary": False},
    "file.find": {"query": "lease", "count": 2, "found": [{"path": "a", "line": 3}, {"path": "b"}], "complete": True},
    "email.send": {"to": "dana@example.org", "name": "Dana", "subject": "s", "body": "b", "expires": DUE},
    "message.post": {"channel": "ops", "text": "t", "expires": DUE},
    "issue.create": {"project": "web", "title": "Login fails", "body": "", "expires": DUE},
    "web.fetch": {"url": "http://x", "title": "X", "text": "t", "age_s": 7300, "cached": True, "stale": False},
    "rc.set": {"key": "tone", "value": "terse", "old": "neutral", "diff": "-a\n+b\n"},
}

MakeSpeaker = Callable[..., Speaker]


@pytest.fixture
def speaker() -> MakeSpeaker:
    def make(**settings: str) -> Speaker:
        sets = [f"{key}={value}" for key, value in settings.items()]
        return Speaker(Stack([builtin(), session(sets)]).settings(), clock=lambda: NOW)

    return make


@pytest.fixture
def samples() -> dict[str, dict[str, Any]]:
    return SAMPLES
