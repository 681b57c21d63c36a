"""Where other desktop clients keep the servers that their users declared, on each system."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClientFile:
    client: str
    path: Path


def places(home: Path, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> tuple[ClientFile, ...]:
    """Each place that a client would use here; few of them exist."""
    config = _config(home, environ, platform)
    found = {
        "Claude Desktop": config / "Claude" / "claude_desktop_config.json",
        "Claude Code": home / ".claude.json",
        "Cursor": home / ".cursor" / "mcp.json",
        "VS Code": config / "Code" / "User" / "mcp.json",
        "Windsurf": home / ".codeium" / "windsurf" / "mcp_config.json",
        "LM Studio": home / ".lmstudio" / "mcp.json",
        "Gemini CLI": home / ".gemini" / "settings.json",
    }
    return tuple(ClientFile(client, path) for client, path in found.items())


def here(home: Path, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> tuple[ClientFile, ...]:
    """Those that are there."""
    return tuple(one for one in places(home, environ, platform) if one.path.is_file())


def _config(home: Path, environ: Mapping[str, str], platform: str) -> Path:
    if platform == "darwin":
        return home / "Library" / "Application Support"
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
