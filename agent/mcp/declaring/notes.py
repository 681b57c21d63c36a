"""What turned out of a server since it said what it has, on disk beside its listing: that asking it failed, and tools
that say something else of themselves now. A new listing ends both. A note that cannot be read or written counts as
none: what it would tell is found out again.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.mcp.limits import NAME_CHARACTERS_MAX, TOOLS_MAX
from models.json_file import read_json, write_json

FORM = 1
WORDS_CHARACTERS_MAX = 600
ENDING = ".notes.json"  # a server's name holds no dot, so no listing is called that


@dataclass(frozen=True, slots=True)
class Failure:
    """The last time that it was asked what it has, where it did not say. `what`: in words for the user."""

    at_ms: int
    what: str


class Notes:
    """`folder`: that of the listings. `by`: of how the server is declared; notes of another declaration count for
    nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def failure(self, name: str, by: str) -> Failure | None:
        plain = self._read(name, by).get("failure")
        try:
            return Failure(int(plain["at_ms"]), str(plain["what"])[:WORDS_CHARACTERS_MAX]) if plain else None
        except (KeyError, TypeError, ValueError):
            return None

    def changed(self, name: str, by: str) -> frozenset[str]:
        """Tools, by their own names."""
        plain = self._read(name, by).get("changed", ())
        return frozenset(str(tool) for tool in plain[:TOOLS_MAX]) if isinstance(plain, list) else frozenset()

    def note_failure(self, name: str, by: str, failure: Failure) -> None:
        said = {"at_ms": failure.at_ms, "what": failure.what[:WORDS_CHARACTERS_MAX]}
        self._write(name, {**self._read(name, by), "form": FORM, "by": by, "failure": said})

    def note_changed(self, name: str, by: str, tool: str) -> None:
        known = self.changed(name, by)
        if tool in known or len(known) >= TOOLS_MAX or len(tool) > NAME_CHARACTERS_MAX:
            return
        self._write(name, {**self._read(name, by), "form": FORM, "by": by, "changed": sorted({*known, tool})})

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def stamp(self, name: str) -> int:
        """Changes when the notes do; 0: there are none."""
        try:
            return self._file(name).stat().st_mtime_ns
        except OSError:
            return 0

    def _read(self, name: str, by: str) -> Mapping[str, Any]:
        try:
            plain = read_json(self._file(name))
            return plain if plain["form"] == FORM and plain["by"] == by else {}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}

    def _write(self, name: str, plain: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):  # such as a full disk
            write_json(self._file(name), dict(plain))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{ENDING}"
