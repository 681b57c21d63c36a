"""Where a profile lives on this machine.

platformdirs knows each system's habits; `CARRYON_HOME=/dir` moves config, data, cache and state under one folder
(tests, portable use) and `AGENTRC=/path` moves the dotfile.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from agent.errors import BrokenError

APPLICATION = "carryon"
HOME_VARIABLE = "CARRYON_HOME"


def network_denied(environ: Mapping[str, str]) -> bool:
    """`CARRYON_OFFLINE=1`: the environment denies the network, whatever the settings say."""
    return environ.get("CARRYON_OFFLINE", "") not in ("", "0")


class Paths(NamedTuple):  # before the first paint; a dataclass takes 3 ms to be made, its module included
    """The folders and files of one profile. Folders exist (0700) after `make()`."""

    config: Path
    data: Path
    cache: Path
    state: Path
    agentrc: Path

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> "Paths":
        """The profile that this environment asks for."""
        agentrc = Path(environ.get("AGENTRC") or Path.home() / ".agentrc").expanduser()
        if home := environ.get(HOME_VARIABLE):
            root = Path(home).expanduser().absolute()
            return cls(root / "config", root / "data", root / "cache", root / "state", agentrc)
        import platformdirs  # where no folder was named

        dirs = platformdirs.PlatformDirs(APPLICATION, appauthor=False)
        return cls(
            Path(dirs.user_config_dir),
            Path(dirs.user_data_dir),
            Path(dirs.user_cache_dir),
            Path(dirs.user_state_dir),
            agentrc,
        )

    def make(self) -> "Paths":
        for folder in (self.config, self.data, self.cache, self.state):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                what = f"This folder of the profile cannot be made: {error.strerror or error}."
                raise BrokenError(what, str(folder), f"Choose another place: {HOME_VARIABLE}=/folder") from error
        return self

    @property
    def database(self) -> Path:
        return self.data / "carryon.db"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def practice(self) -> Path:
        return self.data / "practice.db"

    @property
    def outbox_life(self) -> Path:
        """By which an older copy of the database is known for one, so it lies elsewhere (sync/life.py)."""
        return self.state / "outbox.life"

    @property
    def snapshots(self) -> Path:
        """Saved states of chat models: they can be made again, so they lie in the cache."""
        return self.cache / "snapshots"

    @property
    def models(self) -> Path:
        return self.data / "models.json"

    @property
    def system_agentrc(self) -> Path:
        if os.name != "nt":
            return Path("/etc/agentrc")
        import platformdirs

        return Path(platformdirs.site_config_dir(APPLICATION, appauthor=False)) / "agentrc"
