"""A key that keeps a repeat from having a second effect, put where the tool itself takes one."""

from collections.abc import Mapping
from typing import Any

from agent.mcp.outcomes import Arguments

NAMES = frozenset(("idempotencykey", "idempotencytoken"))  # however they are spelled


def with_key(args: Arguments, schema: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The arguments, with the key in the one that is meant for it; nothing else is touched."""
    properties = schema.get("properties")
    if not key or not isinstance(properties, Mapping):
        return dict(args)
    place = next((name for name, one in properties.items() if _takes_key(name, one)), None)
    return dict(args) if place is None or place in args else {**args, place: key}


def _takes_key(name: Any, one: Any) -> bool:
    plain = "".join(letter for letter in str(name).lower() if letter.isalnum())
    return plain in NAMES and isinstance(one, Mapping) and one.get("type", "string") == "string"
