"""The library on the user's other laptops: the exchange as the settings say, and how it stands.

Nothing of it is imported before a folder is named. A folder is joined by hand once; only then it is exchanged with by
itself, so that neither a setting alone nor the erasing of everything brings work in.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.agentrc.references import keyring_get, resolve_secret
from agent.agentrc.settings import Settings

if TYPE_CHECKING:
    from agent.replica.exchange import Exchange
    from agent.replica.report import Report
    from agent.replica.sealing import Seal

NO_FOLDER = "No folder is named."


@dataclass(frozen=True, slots=True)
class Standing:
    """`there`: whether the folder can be seen now; `joined`: whether this laptop exchanged with it before."""

    folder: str
    there: bool
    joined: bool
    automatic: bool
    sealed: bool
    reports: "tuple[Report, ...]" = ()


class Laptops:
    """For one thread. `get`: the keyring."""

    def __init__(
        self, connection: sqlite3.Connection, database: Path, settings: Callable[[], Settings],
        clock: Callable[[], float] = time.time, get: Callable[[str], str | None] = keyring_get, name: str = "",
    ) -> None:  # fmt: skip
        self._connection = connection
        self._database = database
        self._settings = settings
        self._clock = clock
        self._get = get
        self._name = name
        self._kept_seal: tuple[str, Seal] | None = None

    def exchange(self, folder: Path | None = None, *, whole: bool = False, dry_run: bool = False) -> "Report":
        """With this folder, or the one in the settings. Raises NoExchangeError, PassphraseError, SecretError."""
        return self._parts().run(self._folder(folder), self._seal(), whole=whole, dry_run=dry_run)

    def forget(self, laptop: str, folder: Path | None = None) -> "Report":
        """By its name or the beginning of its id."""
        return self._parts().forget(self._folder(folder), self._seal(), laptop)

    def standing(self, folder: Path | None = None) -> Standing:
        """Costs a look into the folder, and nothing at all where none is named."""
        settings = self._settings()
        path = folder or settings.sync_folder
        if path is None:
            return Standing("", there=False, joined=False, automatic=False, sealed=False)
        from agent.replica.report import kept

        there = path.is_dir()
        return Standing(
            str(path), there, there and self.has_joined(path), settings.sync_automatic,
            settings.sync_passphrase is not None, kept(self._connection),
        )  # fmt: skip

    def has_joined(self, folder: Path) -> bool:
        from agent.replica.own import has_joined

        return has_joined(self._connection, folder, self._database)

    def _folder(self, folder: Path | None) -> Path:
        from agent.replica.errors import NoExchangeError

        path = folder or self._settings().sync_folder
        if path is None:
            raise NoExchangeError(NO_FOLDER, "sync.folder", "Name one: carryon sync FOLDER, or set sync.folder.")
        return path.expanduser().absolute()

    def _parts(self) -> "Exchange":
        from agent.replica.exchange import Exchange

        return Exchange(self._connection, self._database, self._clock, self._name)

    def _seal(self) -> "Seal":
        """The same object for the same passphrase: its keys take a moment to make."""
        from agent.replica.sealing import Seal

        reference = self._settings().sync_passphrase
        passphrase = resolve_secret(reference, os.environ, self._get) if reference else ""
        if self._kept_seal is None or self._kept_seal[0] != passphrase:
            self._kept_seal = passphrase, Seal(passphrase)
        return self._kept_seal[1]
