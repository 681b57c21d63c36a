"""The library on the user's other laptops: the exchange as the settings say, and how it stands.

Nothing of it is imported before a place is named. A place is joined by hand once; only then it is exchanged with by
itself, so that neither a setting alone nor the erasing of everything brings work in.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from agent.agentrc.errors import SecretError
from agent.agentrc.references import is_reference, keyring_get, resolve_secret
from agent.agentrc.settings import Place, Settings

if TYPE_CHECKING:
    from agent.replica.exchange import Exchange
    from agent.replica.report import Report
    from agent.replica.road import Road
    from agent.replica.sealing import Seal
    from agent.replica.server import Line, Server

NO_FOLDER = "No folder is named."


class Allows(Protocol):
    """Whether the network may be used now."""

    def __call__(self, *, loopback: bool) -> bool: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """`there`: whether the place can be seen now, and else `why` not; `joined`: whether this laptop exchanged with it
    before; `server`: it is the one in the settings; `refused`: it does not let this laptop in."""

    folder: str
    there: bool
    joined: bool
    automatic: bool
    sealed: bool
    reports: "tuple[Report, ...]" = ()
    server: bool = False
    why: str = ""
    refused: bool = False


class Laptops:
    """For one thread, but for `cut`. `get`: the keyring."""

    def __init__(
        self, connection: sqlite3.Connection, database: Path, settings: Callable[[], Settings],
        allows: Allows, clock: Callable[[], float] = time.time,
        get: Callable[[str], str | None] = keyring_get, name: str = "",
    ) -> None:  # fmt: skip
        self._connection = connection
        self._database = database
        self._settings = settings
        self._allows = allows
        self._clock = clock
        self._get = get
        self._name = name
        self._kept_seal: tuple[str, Seal] | None = None
        self._line: Line | None = None
        self._is_cut = False
        self._told_until = -1

    def exchange(self, folder: Path | None = None, *, whole: bool = False, dry_run: bool = False) -> "Report":
        """With this folder, or the place in the settings. Raises NoExchangeError, PassphraseError, SecretError."""
        from agent.replica.reading import newest_seq

        newest = newest_seq(self._connection)  # what is written while it goes on may not go with it
        done = self._parts().run(self._road(folder), self._seal(), whole=whole, dry_run=dry_run)
        self._told_until = newest
        return done

    def forget(self, laptop: str, folder: Path | None = None) -> "Report":
        """By its name or the beginning of its id."""
        return self._parts().forget(self._road(folder), self._seal(), laptop)

    def standing(self, folder: Path | None = None) -> Standing:
        """Costs a look there, and nothing at all where no place is named."""
        settings = self._settings()
        where = str(folder) if folder else place_of(settings)
        if not where:
            return Standing("", there=False, joined=False, automatic=False, sealed=False)
        from agent.replica.errors import NoExchangeError, RefusedError

        there, joined, refused, why = True, False, False, ""
        try:
            road = self._road(folder)
            road.begin()
            joined = self._has_joined(road)
        except NoExchangeError as error:
            there, refused, why = False, isinstance(error, RefusedError), error.what
        except SecretError as error:
            there, why = False, f"{error.what} {error.todo}".strip()
        return Standing(
            where, there, joined, settings.sync_automatic, settings.sync_passphrase is not None,
            self.reports(), folder is None and settings.sync_server is not None, why, refused,
        )  # fmt: skip

    def reports(self) -> "tuple[Report, ...]":
        """Of the last exchanges, newest first."""
        from agent.replica.report import kept

        return kept(self._connection)

    def has_news(self) -> bool:
        """Whether anything was written here since the last exchange of this object."""
        from agent.replica.reading import newest_seq

        return newest_seq(self._connection) != self._told_until

    def cut(self) -> None:
        """End what goes on with a server, and let nothing begin anew. From any thread."""
        self._is_cut = True
        if self._line is not None:
            self._line.cut()

    def _has_joined(self, road: "Road") -> bool:
        from agent.replica.own import has_joined

        return has_joined(self._connection, road, self._database)

    def _road(self, folder: Path | None) -> "Road":
        from agent.replica.disk import Disk
        from agent.replica.errors import NoExchangeError

        settings = self._settings()
        if folder is None and settings.sync_server is not None:
            return self._server(settings.sync_server)
        path = folder or settings.sync_folder
        if path is None:
            raise NoExchangeError(NO_FOLDER, "sync.folder", "Name one: carryon sync FOLDER, or set sync.folder.")
        return Disk(path.expanduser().absolute())

    def _server(self, place: Place) -> "Server":
        from agent.replica.errors import NoExchangeError
        from agent.replica.server import Line, Server
        from sync.transports.dav import DavAccount

        self._line = self._line or Line()
        if self._is_cut:
            self._line.cut()
        url = self._secret(place.url) if is_reference(place.url) else place.url
        secret = self._secret(place.secret) if place.secret else None
        server = Server(DavAccount(place.name, url, place.user, secret), self._line, clock=self._clock)
        if not self._allows(loopback=server.loopback):
            raise NoExchangeError("There is no network now, or it is switched off.", server.where, "Try again with it.")
        return server

    def _parts(self) -> "Exchange":
        from agent.replica.exchange import Exchange

        return Exchange(self._connection, self._database, self._clock, self._name)

    def _seal(self) -> "Seal":
        """The same object for the same passphrase: its keys take a moment to make."""
        from agent.replica.sealing import Seal

        reference = self._settings().sync_passphrase
        passphrase = self._secret(reference) if reference else ""
        if self._kept_seal is None or self._kept_seal[0] != passphrase:
            self._kept_seal = passphrase, Seal(passphrase)
        return self._kept_seal[1]

    def _secret(self, reference: str) -> str:
        return resolve_secret(reference, os.environ, self._get)


def place_of(settings: Settings) -> str:
    """The place in the settings, as a person would name it; "" for none. Costs no look."""
    server = settings.sync_server
    if server is None:
        return str(settings.sync_folder or "")
    return server.url if is_reference(server.url) else urlsplit(server.url).netloc.rpartition("@")[2]
