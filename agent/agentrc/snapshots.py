"""Settings by their hash: every answer names the `config_hash` it was made under, and this finds what that was.

A small file for each settings ever in force, named by the hash, in the state folder. Reading them changes nothing.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from agent.agentrc.settings import Settings
from agent.agentrc.writing import write_atomically

SNAPSHOTS_MAX = 1_000  # a few kilobytes each; the oldest go first

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Snapshots:
    folder: Path

    def keep(self, settings: Settings) -> None:
        """Keep these settings, once. Raises RcError when there is no room."""
        file = self._file(settings.config_hash)
        if file.exists():
            return
        write_atomically(file, settings.compiled.encode())
        by_age = sorted(self.folder.glob("*.json"), key=lambda kept: kept.stat().st_mtime_ns)
        for old in by_age[:-SNAPSHOTS_MAX]:
            old.unlink(missing_ok=True)

    def find(self, config_hash: str) -> Settings | None:
        """The settings of that hash; None if they are not kept, or their file is damaged."""
        if not _HASH.fullmatch(config_hash):
            return None
        try:
            raw = self._file(config_hash).read_bytes()
        except OSError:
            return None
        whole = hashlib.sha256(raw).hexdigest() == config_hash
        return Settings.of(raw.decode()) if whole else None

    def _file(self, config_hash: str) -> Path:
        return self.folder / f"{config_hash}.json"
