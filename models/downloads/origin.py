"""Where a model file came from, and the digest that was pinned at its first use: NAME.origin.json beside the model."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from models.downloads.records import SaidBy
from models.json_file import read_json, write_json

SCHEMA = 1
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Origin:
    """`address` holds no secret; `said_by`: who named the digest when the file came."""

    address: str
    sha256: str
    size_bytes: int
    said_by: SaidBy
    fetched_at: str  # ISO 8601, UTC


def origin_file(model: Path) -> Path:
    return model.with_name(f"{model.name}.origin.json")


def read_origin(model: Path) -> Origin | None:
    """None when nothing is known of it, or what is kept makes no sense."""
    try:
        kept = read_json(origin_file(model))
        found = Origin(*(kept[name] for name in ("address", "sha256", "size_bytes", "said_by", "fetched_at")))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found.sha256, str) and SHA256.fullmatch(found.sha256) else None


def write_origin(model: Path, origin: Origin) -> None:
    write_json(origin_file(model), {"schema": SCHEMA, **asdict(origin)})
