"""Corrections as JSON lines, in the form in which an adapter is trained:

{"text", "situation": {"after", "asked", "known"}, "answer": [{"tool", "args", "spans"}] or null, "rejected": [...],
 "how", "model_sha256"}

A span points at the value's words in `text`; an argument without one was not said there.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.corrections.records import Calls, Correction
from agent.corrections.redaction import Redacted, Redaction, names_of
from agent.errors import BrokenError
from models.contracts import PointedCall


def line(pair: Correction, *, raw: bool) -> str:
    hide = Redaction() if raw else Redaction(names_of(pair.situation.known))
    text = Redacted(pair.text, ()) if raw else hide.of(pair.text)

    def shown(value: str) -> str:
        return value if raw else hide.of(value).text

    def calls(made: Calls) -> list[dict[str, Any]]:
        return [_call(call, pair.text, text, shown) for call in made]

    asked = pair.situation.asked
    return json.dumps(
        {
            "text": text.text,
            "situation": {
                "after": list(pair.situation.after),
                "asked": [asked[0], list(asked[1])] if asked else None,
                "known": [[kind, shown(name)] for kind, name in pair.situation.known],
            },
            "answer": None if pair.corrected is None else calls(pair.corrected),
            "rejected": calls(pair.decided),
            "how": pair.how.value,
            "model_sha256": pair.model_sha256,
        },
        ensure_ascii=False,
    )


def _call(call: PointedCall, said: str, text: Redacted, shown: Callable[[str], str]) -> dict[str, Any]:
    args = {name: shown(value) for name, value in call.args.items()}
    spans: dict[str, list[int]] = {}
    for name, value in call.args.items():
        if (span := _span(said, value, call.spans.get(name))) is None:
            continue
        start, end = spans[name] = list(text.span(*span))
        if _plain(args[name]) != _plain(text.text[start:end]):  # there it is part of something longer that was replaced
            args[name] = text.text[start:end]
    return {"tool": call.tool, "args": args, "spans": spans}


def _span(said: str, value: str, pointed: tuple[int, int] | None) -> tuple[int, int] | None:
    """Where the model pointed, as long as that is this value still, else the first place with its words."""
    if pointed and _plain(said[pointed[0] : pointed[1]]) == _plain(value):
        return pointed
    start = said.find(value)
    if start < 0 and len(said.casefold()) == len(said):
        start = said.casefold().find(value.casefold())
    return (start, start + len(value)) if start >= 0 and value else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def write(path: Path, lines: list[str]) -> int:
    """A file of the user's alone (0600), whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.writelines(f"{text}\n" for text in lines)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise BrokenError(f"The file could not be written: {error.strerror or error}.", str(path),
                          "Choose another place.") from error  # fmt: skip
    return len(lines)
