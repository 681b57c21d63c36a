"""Reads the fields of a JSON document, and says which one is wrong and how it should be. null counts as left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from app.serve.errors import Refusal

_IGNORED_MAX, _NAME_CHARACTERS_MAX = 20, 40


class Fields:
    """`at`: where in the request this document stands, empty for the request itself."""

    def __init__(self, value: Any, at: str = "") -> None:
        self._at = at
        self._values: Mapping[str, Any] = value if isinstance(value, dict) else self.refuse("", "must be an object")
        self._asked: set[str] = set()

    def any(self, name: str) -> Any:
        self._asked.add(name)
        return self._values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.any(name)
        value = default if value is None else value
        return value if isinstance(value, str) else self.refuse(name, "must be a text")

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.any(name)
        value = default if value is None else value
        return value if isinstance(value, bool) else self.refuse(name, "must be true or false")

    def whole(self, name: str) -> int | None:
        value = self.any(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self.refuse(name, "must be a whole number")

    def number(self, name: str, least: float, most: float, default: float) -> float:
        value = self.any(name)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.refuse(name, f"must be a number from {least:g} to {most:g}")
        return float(value)

    def list(self, name: str, most: int) -> list[Any]:
        value = self.any(name)
        value = [] if value is None else value
        if not isinstance(value, list):
            self.refuse(name, "must be a list")
        if len(value) > most:
            self.refuse(name, f"holds {len(value):,} entries; {most:,} is the most")
        return value

    def inner(self, name: str) -> Fields | None:
        value = self.any(name)
        return None if value is None else Fields(value, self.at(name))

    def json_object(self, name: str, characters_max: int) -> dict[str, Any] | None:
        """Kept as it is, such as a JSON Schema."""
        value = self.any(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(name, "must be an object")
        if (size := len(json.dumps(value))) > characters_max:
            self.refuse(name, f"is {size:,} characters long; {characters_max:,} is the most")
        return value

    def ignored(self) -> tuple[str, ...]:
        """Names of fields that nobody has read."""
        names = (name for name, value in self._values.items() if value is not None and name not in self._asked)
        plain = sorted(name for name in names if name.isidentifier() and name.isascii())
        return tuple(name for name in plain if len(name) <= _NAME_CHARACTERS_MAX)[:_IGNORED_MAX]

    def at(self, name: str) -> str:
        return ".".join(part for part in (self._at, name) if part)

    def refuse(self, name: str, words: str, todo: str = "") -> NoReturn:
        at = self.at(name)
        raise Refusal(400, f"{at or 'The request'} {words}.", todo=todo, code="invalid_value", param=at or None)
