"""Which installed program stands for a command such as `uvx mcp-server-git`: package, version, digest, one small file a
server. The settings keep the command as it was written, so that one dotfile serves several machines."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.agentrc.servers import Server
from agent.mcp.errors import ServerMissingError
from models.json_file import read_json, write_json

FORM = 1
RECORD = "resolution.json"
WORDS_MAX = 200


@dataclass(frozen=True, slots=True)
class Resolution:
    """`asked`: the command it stands for; `command`: what is started instead; `digest`: of every installed file."""

    asked: tuple[str, ...]
    command: tuple[str, ...]
    package: str
    version: str
    digest: str
    at_ms: int
    folder: str  # inside the server's own


def not_installed(server: Server) -> ServerMissingError:
    """Of a server whose program has to be fetched first."""
    return ServerMissingError(
        f"The server {server.name} is not installed: {server.command[0]} would fetch it at each start, which fails "
        "without a network.",
        " ".join(server.command), f"While online: carryon servers update {server.name}",
    )  # fmt: skip


class Installed:
    """`folder`: one of its own, with a folder for each server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, server: Server) -> Resolution | None:
        """None: its command was never resolved, is another now, or what it was resolved to is gone."""
        try:
            found = _resolution(read_json(self.folder(server.name) / RECORD))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        is_there = found.asked == server.command and bool(found.command) and Path(found.command[0]).exists()
        return found if is_there else None

    def keep(self, name: str, found: Resolution) -> None:
        write_json(self.folder(name) / RECORD, {"form": FORM, **asdict(found)})

    def forget(self, name: str) -> None:
        shutil.rmtree(self.folder(name), ignore_errors=True)  # what still runs on Windows stays until the next time

    def folder(self, name: str) -> Path:
        return self._folder / name


def _resolution(plain: Mapping[str, Any]) -> Resolution:
    if plain["form"] != FORM:
        raise ValueError("written by another Carryon")
    package, version, digest = (str(plain[name]) for name in ("package", "version", "digest"))
    asked, command = _words(plain["asked"]), _words(plain["command"])
    return Resolution(asked, command, package, version, digest, int(plain["at_ms"]), str(plain["folder"]))


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value) or len(value) > WORDS_MAX:
        raise ValueError("no command")
    return tuple(value)
