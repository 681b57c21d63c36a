"""One correction as a frozen value, and as a row of its table."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.contracts import PointedCall
from models.starter.situation import Situation


class How(StrEnum):
    """What the user did that told of a wrong reading."""

    EDITED = "edited"  # changed the arguments of an item that waited in the outbox
    AMENDED = "amended"  # "no, on Monday"
    OTHER = "other"  # meant another thing of that name
    UNDONE = "undone"  # took back what was done
    ASKED_AGAIN = "asked_again"  # said it differently, and another decision came of it
    SAID_WRONG = "said_wrong"  # said so


Calls = tuple[PointedCall, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """`corrected` None: it was wrong, and what would have been right was not said. `made_at`: unix milliseconds;
    `source`: the outbox item, call or turn it is about, "" for none."""

    id: str
    made_at: int
    how: How
    text: str
    situation: Situation
    decided: Calls
    corrected: Calls | None
    model_sha256: str = ""
    config_hash: str = ""
    conversation_id: str | None = None
    turn_id: str | None = None
    source: str = ""


def calls_text(calls: Sequence[PointedCall]) -> str:
    return _json([{"tool": c.tool, "args": c.args, "spans": {n: list(s) for n, s in c.spans.items()}} for c in calls])


def situation_text(situation: Situation) -> str:
    asked = [situation.asked[0], list(situation.asked[1])] if situation.asked else None
    return _json({"after": list(situation.after), "asked": asked, "known": [list(pair) for pair in situation.known]})


def correction_of(row: sqlite3.Row) -> Correction:
    return Correction(
        id=row["id"], made_at=row["made_at"], how=How(row["how"]), text=row["text"],
        situation=_situation_of(json.loads(row["situation"])), decided=_calls_of(row["decided"]),
        corrected=_calls_of(row["corrected"]) if row["corrected"] is not None else None,
        model_sha256=row["model_sha256"], config_hash=row["config_hash"], conversation_id=row["conversation_id"],
        turn_id=row["turn_id"], source=row["source"],
    )  # fmt: skip


def _calls_of(text: str) -> Calls:
    return tuple(
        PointedCall(call["tool"], call["args"], {name: (start, end) for name, (start, end) in call["spans"].items()})
        for call in json.loads(text)
    )


def _situation_of(plain: Mapping[str, Any]) -> Situation:
    asked = plain["asked"]
    return Situation(
        tuple(plain["after"]),
        (asked[0], tuple(asked[1])) if asked else None,
        tuple((kind, name) for kind, name in plain["known"]),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
