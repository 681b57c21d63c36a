"""What the files of the folder are called. A name says whose state it is, so that purging needs to open none."""

from __future__ import annotations

from models.snapshots.form import What

PLAIN, SEALED = ".kv", ".sealed"
QUARANTINE = "quarantine"
_OF: dict[What, str] = {"prefix": "prefix", "conversation": "talk"}
_BASE, _DIGEST = 12, 24  # characters of a digest: chance does not meet twice in so few files


def prefix_name(base_sha256: str, tokens_digest: str, *, sealed: bool) -> str:
    return f"{prefix_start(base_sha256)}{tokens_digest[:_DIGEST]}{_ending(sealed)}"


def prefix_start(base_sha256: str) -> str:
    """Of all beginnings kept for one model file."""
    return f"{_OF['prefix']}-{base_sha256[:_BASE]}-"


def conversation_name(conversation: str, base_sha256: str, *, sealed: bool) -> str:
    """`conversation`: its digest. A conversation has a state for each model that it was held with."""
    return f"{conversation_start(conversation)}{base_sha256[:_BASE]}{_ending(sealed)}"


def conversation_start(conversation: str) -> str:
    return f"{_OF['conversation']}-{conversation[:_DIGEST]}-"


def what_of(name: str) -> What | None:
    """Which kind of state a file holds; None: it is none of ours."""
    if not name.endswith((PLAIN, SEALED)):
        return None
    return next((what for what, start in _OF.items() if name.startswith(f"{start}-")), None)


def is_sealed(name: str) -> bool:
    return name.endswith(SEALED)


def conversation_of(name: str) -> str:
    """The digest's beginning; empty for what belongs to none."""
    return name.split("-")[1] if what_of(name) == "conversation" else ""


def _ending(sealed: bool) -> str:
    return SEALED if sealed else PLAIN
