"""How far a laptop has come with a folder: what it has written there and read there. Kept in the folder itself, so that
another stick, or the same one emptied, is simply one where nothing was written yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.replica.errors import UnreadError
from agent.replica.segment import At

FORM = 1


@dataclass(frozen=True, slots=True)
class Read:
    """`digest`: of the file at `at`; the next one must name it."""

    at: At = field(default_factory=At)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """`until`: this laptop's `seq` up to which the folder knows everything; `began`: what it was when the generation
    was begun. `wants`: files of others that are broken here."""

    name: str = ""
    token: str = ""
    at: At = field(default_factory=At)
    digest: str = ""
    until: int = 0
    began: int = 0
    read: Mapping[str, Read] = field(default_factory=dict)
    wants: Mapping[str, At] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    written_at: int = 0


def encode(position: Position) -> bytes:
    told: dict[str, Any] = {
        "form": FORM, "name": position.name, "token": position.token, "at": _pair(position.at),
        "digest": position.digest, "until": position.until, "began": position.began, "written_at": position.written_at,
        "read": {replica: [*_pair(read.at), read.digest] for replica, read in position.read.items()},
        "wants": {replica: _pair(at) for replica, at in position.wants.items()}, "names": dict(position.names),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


def decode(payload: bytes) -> Position:
    """Raises UnreadError."""
    try:
        told = json.loads(payload)
        return Position(
            str(told["name"])[:100], str(told["token"]), _at(told["at"]), str(told["digest"]), int(told["until"]),
            int(told["began"]),
            {str(replica): Read(_at(read[:2]), str(read[2])) for replica, read in told["read"].items()},
            {str(replica): _at(at) for replica, at in told["wants"].items()},
            {str(replica): str(name)[:100] for replica, name in told["names"].items()}, int(told["written_at"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise UnreadError("it makes no sense") from error


def _pair(at: At) -> tuple[str, int]:
    return at.generation, at.n


def _at(told: Any) -> At:
    return At(str(told[0]), int(told[1]))
