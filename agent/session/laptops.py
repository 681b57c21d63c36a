"""The exchange with other laptops by itself: at the start, after changes here, when the folder changes, when a stick is
plugged in; with a server now and then. A thread with a connection of its own; while the settings name no place it
sleeps and imports nothing.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.errors import CarryonError
from agent.explain import explain
from agent.laptops import Laptops, place_of
from agent.protocol.commands import Command
from agent.protocol.events import Event, Failed, StoreChanged
from agent.protocol.laptop_commands import ExchangeLibrary, ListLaptops
from agent.protocol.laptop_events import LaptopShown, LaptopsListed, MergeShown
from agent.session.ending import Ending
from agent.store import connect

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.laptops import Standing
    from agent.replica.report import Report
    from agent.session.folder_watch import FolderWatch

REST_S = 2.0  # after the last change, so that typing is one exchange and not fifty
REST_S_MAX = 20.0
LOOK_AGAIN_S = 30.0  # a stick that came, a folder that cannot be watched; a look with nothing new takes milliseconds
ASK_AGAIN_S = 120.0  # a server, which costs some requests each time
REFUSED_S = 3_600.0  # a server that said no is let alone so long
CALM_S = 5.0  # before the first word to a server: the start has other things to do
JOIN_SECONDS_MAX = 3.0  # the rest of the session closes after it; what is left is done at the next start
ASKED_MAX = 20  # commands that wait for one exchange
SHOWN_MAX = 20


class LaptopsRoom:
    """`nudge` from any thread: something may have changed."""

    def __init__(
        self, runtime: "Runtime", emit: Callable[[Event], None], rest_s: float = REST_S, calm_s: float = CALM_S
    ) -> None:
        self._runtime = runtime
        self._emit = emit
        self._rest_s = rest_s
        self._calm_s = calm_s
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._asked: deque[str] = deque()  # commands that want one now; at most ASKED_MAX
        self._told = LaptopsListed(folder="")
        self._laptops: Laptops | None = None
        self._refused = ("", 0.0)  # the settings with which the server said no, and when
        self._thread = threading.Thread(target=self._run, name="laptops", daemon=True)

    def start(self) -> "LaptopsRoom":
        self._thread.start()
        return self

    def leave(self) -> None:
        """End after a last look, without being waited for."""
        self._stop.set()
        self._wake.set()

    def close(self, ending: Ending | None = None) -> None:
        """What goes on with a server after that is cut off; the next start takes it up."""
        self.leave()
        (ending or Ending()).wait_for(self._thread, JOIN_SECONDS_MAX)
        if self._laptops is not None:
            self._laptops.cut()

    def nudge(self) -> None:
        self._wake.set()

    def handlers(self) -> Mapping[type[Command], Callable[[Any], Iterator[Event]]]:
        return {ListLaptops: self._list, ExchangeLibrary: self._exchange}

    # On the session's thread

    def _list(self, command: ListLaptops) -> Iterator[Event]:
        """As it was last seen: a folder on a disk elsewhere may take long to answer, and the talk must not wait."""
        yield replace(self._known(), cause=command.id)
        self._wake.set()

    def _exchange(self, command: ExchangeLibrary) -> Iterator[Event]:
        if not self._thread.is_alive():
            yield Failed(cause=command.id, what="The library cannot be exchanged now.", todo="Restart Carryon.")
            return
        if len(self._asked) >= ASKED_MAX:
            yield Failed(cause=command.id, what="An exchange was asked for many times already.", todo="Wait for it.")
            return
        self._asked.append(command.id)
        self._wake.set()
        yield replace(self._told, cause=command.id, busy=True)

    def _known(self) -> LaptopsListed:
        """Without a look into the folder."""
        folder = place_of(self._runtime.settings)
        return self._told if folder and self._told.folder == folder else LaptopsListed(folder=folder)

    # On its own

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self._is_idle:
                    self._wake.wait()
                    self._wake.clear()
                else:
                    self._attend()
        except Exception as error:  # noqa: BLE001  told; what else goes on in the window does not need this
            _, what, where, todo = explain(error)
            self._emit(Failed(what=f"The exchange with other laptops has ended. {what}", where=where, todo=todo))

    @property
    def _is_idle(self) -> bool:
        return not self._asked and not place_of(self._runtime.settings)

    @property
    def _with_server(self) -> bool:
        return self._runtime.settings.sync_server is not None

    @property
    def _is_refused(self) -> bool:
        """It is not knocked at again and again with what it does not take; but a no may also be one for an hour."""
        settings, since = self._refused
        return settings == self._runtime.settings.config_hash and time.monotonic() - since < REFUSED_S

    def _attend(self) -> None:
        """While a place is named. A database that is busy or a system that has no room for a watch is told, and tried
        again."""
        from agent.session.folder_watch import FolderWatch

        database, runtime = self._runtime.paths.database, self._runtime
        try:
            with closing(connect(database)) as connection, FolderWatch(self._wake.set) as watch:
                laptops = self._laptops = Laptops(
                    connection, database, lambda: runtime.settings, runtime.connectivity.allows
                )
                self._go_on(laptops, watch)
        except (CarryonError, OSError, sqlite3.Error) as error:
            self._fail(replace(self._known(), there=False), error, self._take_asked())
            if not self._stop.is_set():
                self._rest()

    def _go_on(self, laptops: Laptops, watch: "FolderWatch") -> None:
        self._keep_calm()
        while not self._stop.is_set() and not self._is_idle:
            self._look(laptops, watch)
            self._rest()
        if self._stop.is_set() and self._has_last_words(laptops):
            self._look(laptops, watch)

    def _has_last_words(self, laptops: Laptops) -> bool:
        """What was written just before the window closed is on the stick, too; a server is only asked where it answered
        and there is something to tell."""
        return not self._with_server or (self._told.there and laptops.has_news())

    def _keep_calm(self) -> None:
        until = time.monotonic() + self._calm_s
        while self._with_server and not self._asked and not self._stop.is_set() and time.monotonic() < until:
            self._wake.wait(max(until - time.monotonic(), 0.0))
            self._wake.clear()

    def _rest(self) -> None:
        self._wake.wait(ASK_AGAIN_S if self._with_server else LOOK_AGAIN_S)
        self._settle()

    def _settle(self) -> None:
        """Wait until nothing has happened for a moment, but not for ever; a command does not wait."""
        waited = 0.0
        while self._wake.is_set() and not self._asked and waited < REST_S_MAX:
            self._wake.clear()
            if self._stop.wait(self._rest_s):
                return
            waited += self._rest_s
        self._wake.clear()

    def _look(self, laptops: Laptops, watch: "FolderWatch") -> None:
        """A stick that was pulled out, a share that does not answer, a busy database: told, and looked at again."""
        asked = self._take_asked()
        if not asked and self._is_refused:
            return
        seen = replace(self._known(), there=False)
        try:
            seen = listed(standing := laptops.standing())
            self._refused = (self._runtime.settings.config_hash if standing.refused else "", time.monotonic())
            if not asked and not (standing.automatic and standing.joined):
                self._tell(seen)
                return
            done = laptops.exchange()
            watch.see(None if standing.server else self._runtime.settings.sync_folder)
            if done.came or done.deleted or done.merges:
                self._emit(StoreChanged(cause=asked[0] if asked else "", areas=frozenset({"library"})))
            seen = listed(replace(standing, there=True, joined=True, reports=laptops.reports(), why=""), done)
        except (CarryonError, OSError, sqlite3.Error) as error:
            self._fail(seen, error, asked)
        else:
            self._tell_all(seen, asked)

    def _take_asked(self) -> list[str]:
        return [self._asked.popleft() for _ in range(len(self._asked))]

    def _fail(self, seen: LaptopsListed, error: Exception, asked: Sequence[str]) -> None:
        """The folder is not looked at again: that may be what failed."""
        what, where, todo = _words(error, seen.folder)
        for cause in asked:
            self._emit(Failed(cause=cause, what=what, where=where, todo=todo))
        self._tell_all(replace(seen, trouble=" ".join(part for part in (what, todo) if part)), asked)

    def _tell_all(self, event: LaptopsListed, asked: Sequence[str]) -> None:
        """Each command that waits for it."""
        for cause in asked or ("",):
            self._tell(replace(event, cause=cause), always=bool(asked))

    def _tell(self, event: LaptopsListed, *, always: bool = False) -> None:
        """Only what is new."""
        if always or event != self._told:
            self._told = event
            self._emit(event)


def _words(error: Exception, folder: str) -> tuple[str, str, str]:
    """What, where, what to do."""
    if isinstance(error, OSError):
        what = f"The folder cannot be used now: {error.strerror or error}."
        return what, folder, "Plug the stick in again, or see to the share; it is tried again by itself."
    _, what, where, todo = explain(error)
    return what, where, todo


def listed(standing: "Standing", now: "Report | None" = None, *, cause: str = "", trouble: str = "") -> LaptopsListed:
    """The last exchange that brought something, with who is in the folder `now`."""
    last = standing.reports[0] if standing.reports else None
    about = now or last
    return LaptopsListed(
        cause=cause, folder=standing.folder, there=standing.there, joined=standing.joined,
        automatic=standing.automatic, sealed=standing.sealed, server=standing.server,
        trouble=trouble or (standing.why if standing.server else ""),
        at=last.at if last else 0, came=len(last.came) if last else 0, went=last.went if last else 0,
        merged=len(last.merges) if last else 0,
        merges=tuple(MergeShown(it.artifact_id, it.title, it.n, it.was, it.note) for it in _merges(standing)),
        notices=last.notices[:SHOWN_MAX] if last else (),
        laptops=tuple(LaptopShown(it.name, it.waiting, it.why) for it in about.laptops) if about else (),
    )  # fmt: skip


def _merges(standing: "Standing") -> list[Any]:
    """The newest, of all exchanges that are kept."""
    return [it for report in standing.reports for it in report.merges][:SHOWN_MAX]
