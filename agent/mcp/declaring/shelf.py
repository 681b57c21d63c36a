"""What each server said it has, on disk, so that the list of tools is complete without starting one: one file a server,
0600, bounded. A file that cannot be relied on counts as absent, and the list says that the server must be asked again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.agentrc.servers import Server
from agent.mcp.declaring.notes import Failure, Notes
from agent.mcp.errors import McpError
from agent.mcp.limits import ABOUT_CHARACTERS_MAX, NAME_CHARACTERS_MAX, REFUSED_MAX, TOOLS_MAX
from agent.mcp.records import Hints, ListedPrompt, ListedResource, ListedTool, Listing, Refused
from models.json_file import BYTES_MAX, read_json, write_json

FORM = 1
INSTRUCTIONS_CHARACTERS_MAX = 20_000
ARGUMENTS_MAX = 100  # of a prompt
REFUSED_KEPT_MAX = 4 * REFUSED_MAX  # a list each of tools, resources, templates and prompts


class Shelf:
    """`folder`: one of its own. A listing counts only for the command or address that gave it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = Notes(folder)

    def keep(self, listing: Listing, server: Server) -> None:
        """Raises McpError when the server says more than can be kept."""
        plain = {"form": FORM, "by": _by(server), **asdict(listing)}
        size = len(json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))
        if size > BYTES_MAX:
            raise McpError(
                f"The server {server.name} says {size / 1e6:.1f} MB about its tools; {BYTES_MAX // 10**6} is the most.",
                server.url or " ".join(server.command), "Use a server with fewer tools, or tell whoever makes it.",
            )  # fmt: skip
        write_json(self._file(server.name), plain)
        self._notes.forget(server.name)

    def find(self, server: Server) -> Listing | None:
        """None: it was never asked, or what was kept is of another command, or damaged."""
        try:
            plain = read_json(self._file(server.name))
            return _listing(plain) if plain["form"] == FORM and plain["by"] == _by(server) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def failure(self, server: Server) -> Failure | None:
        """Since it last said what it has."""
        return self._notes.failure(server.name, _by(server))

    def changed(self, server: Server) -> frozenset[str]:
        """Tools that were found to say something else of themselves since."""
        return self._notes.changed(server.name, _by(server))

    def note_failure(self, server: Server, failure: Failure) -> None:
        self._notes.note_failure(server.name, _by(server), failure)

    def note_changed(self, server: Server, tool: str) -> None:
        self._notes.note_changed(server.name, _by(server), tool)

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)
        self._notes.forget(name)

    def stamp(self, name: str) -> tuple[int, int]:
        """Changes when what is kept of it does; zeros: there is nothing."""
        try:
            return self._file(name).stat().st_mtime_ns, self._notes.stamp(name)
        except OSError:
            return 0, self._notes.stamp(name)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _by(server: Server) -> str:
    """Of how it is declared; secrets are references there and no part of it."""
    said = json.dumps([list(server.command), server.url, server.folder])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _listing(plain: Mapping[str, Any]) -> Listing:
    for part in ("tools", "resources", "prompts"):
        if len(plain[part]) > TOOLS_MAX:
            raise ValueError(f"more than {TOOLS_MAX} {part}")
    return Listing(
        _text(plain["server"], NAME_CHARACTERS_MAX),
        _text(plain["version"], NAME_CHARACTERS_MAX),
        int(plain["at_ms"]),
        tuple(_tool(one) for one in plain["tools"]),
        tuple(_resource(one) for one in plain["resources"]),
        tuple(_prompt(one) for one in plain["prompts"]),
        _text(plain["instructions"], INSTRUCTIONS_CHARACTERS_MAX),
        int(plain.get("nameless", 0)),
        tuple(_refused(one) for one in plain.get("refused", ())[:REFUSED_KEPT_MAX]),
    )


def _refused(plain: Mapping[str, Any]) -> Refused:
    return Refused(
        _text(plain["kind"], NAME_CHARACTERS_MAX), _text(plain["name"], NAME_CHARACTERS_MAX),
        _text(plain["why"], ABOUT_CHARACTERS_MAX),
    )  # fmt: skip


def _tool(plain: Mapping[str, Any]) -> ListedTool:
    output, hints = plain["output"], plain["hints"]
    return ListedTool(
        _text(plain["name"], NAME_CHARACTERS_MAX), _text(plain["title"], ABOUT_CHARACTERS_MAX),
        _text(plain["about"], ABOUT_CHARACTERS_MAX), _table(plain["schema"]),
        None if output is None else _table(output), Hints(**{name: _hint(said) for name, said in hints.items()}),
    )  # fmt: skip


def _resource(plain: Mapping[str, Any]) -> ListedResource:
    return ListedResource(
        _text(plain["uri"], ABOUT_CHARACTERS_MAX), _text(plain["name"], ABOUT_CHARACTERS_MAX),
        _text(plain["about"], ABOUT_CHARACTERS_MAX), _text(plain["media_type"], NAME_CHARACTERS_MAX),
        bool(plain["is_template"]),
    )  # fmt: skip


def _prompt(plain: Mapping[str, Any]) -> ListedPrompt:
    arguments = tuple(
        (_text(name, NAME_CHARACTERS_MAX), _text(about, ABOUT_CHARACTERS_MAX), bool(required))
        for name, about, required in plain["arguments"][:ARGUMENTS_MAX]
    )
    return ListedPrompt(
        _text(plain["name"], NAME_CHARACTERS_MAX), _text(plain["about"], ABOUT_CHARACTERS_MAX), arguments
    )


def _text(value: Any, characters_max: int) -> str:
    if not isinstance(value, str) or len(value) > characters_max:
        raise ValueError("a text that is none, or too long")
    return value


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no JSON Schema")
    return value


def _hint(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError("a hint is true, false or not given")
    return value
