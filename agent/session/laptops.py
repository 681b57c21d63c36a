"""The exchange with other laptops by itself: at the start, after changes here, when the folder changes, when a stick is
plugged in. A thread with a connection of its own; without a folder in the settings it sleeps and imports nothing.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.errors import CarryonError
from agent.explain import explain
from agent.laptops import Laptops
from agent.protocol.commands import Command
from agent.protocol.events import Event, Failed, StoreChanged
from agent.protocol.laptop_commands import ExchangeLibrary, ListLaptops
from agent.protocol.laptop_events import LaptopShown, LaptopsListed, MergeShown
from agent.store import connect

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.laptops import Standing
    from agent.replica.report import Report
    from agent.session.folder_watch import FolderWatch

REST_S = 2.0  # after the last change, so that typing is one exchange and not fifty
REST_S_MAX = 20.0
LOOK_AGAIN_S = 30.0  # a stick that came, a folder that cannot be watched; a look with nothing new takes milliseconds
JOIN_SECONDS_MAX = 10.0  # an exchange under way ends a file; what is left is done at the next start
SHOWN_MAX = 20


class LaptopsRoom:
    """`nudge` from any thread: something may have changed."""

    def __init__(self, runtime: "Runtime", emit: Callable[[Event], None], rest_s: float = REST_S) -> None:
        self._runtime = runtime
        self._emit = emit
        self._rest_s = rest_s
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._asked: str | None = None  # the command that wants one now
        self._told = LaptopsListed(folder="")
        self._thread = threading.Thread(target=self._run, name="laptops", daemon=True)

    def start(self) -> "LaptopsRoom":
        self._thread.start()
        return self

    def close(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_SECONDS_MAX)

    def nudge(self) -> None:
        self._wake.set()

    def handlers(self) -> Mapping[type[Command], Callable[[Any], Iterator[Event]]]:
        return {ListLaptops: self._list, ExchangeLibrary: self._exchange}

    # On the session's thread

    def _list(self, command: ListLaptops) -> Iterator[Event]:
        """As it was last seen: a folder on a disk elsewhere may take long to answer, and the talk must not wait."""
        folder = self._runtime.settings.sync_folder
        known = self._told if folder and self._told.folder == str(folder) else LaptopsListed(folder=str(folder or ""))
        yield replace(known, cause=command.id)
        self._wake.set()

    def _exchange(self, command: ExchangeLibrary) -> Iterator[Event]:
        if not self._thread.is_alive():
            yield Failed(cause=command.id, what="The library cannot be exchanged now.", todo="Restart Carryon.")
            return
        self._asked = command.id
        self._wake.set()
        yield replace(self._told, cause=command.id, busy=True)

    # On its own

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self._runtime.settings.sync_folder is None and self._asked is None:
                    self._wake.wait()
                    self._wake.clear()
                else:
                    self._attend()
        except Exception as error:  # noqa: BLE001  told; what else goes on in the window does not need this
            _, what, where, todo = explain(error)
            self._emit(Failed(what=f"The exchange with other laptops has ended. {what}", where=where, todo=todo))

    def _attend(self) -> None:
        """While a folder is named."""
        from agent.session.folder_watch import FolderWatch

        database, runtime = self._runtime.paths.database, self._runtime
        with closing(connect(database)) as connection, FolderWatch(self._wake.set) as watch:
            laptops = Laptops(connection, database, lambda: runtime.settings)
            while not self._stop.is_set() and (self._asked or runtime.settings.sync_folder):
                self._look(laptops, watch)
                self._wake.wait(LOOK_AGAIN_S)
                self._settle()
            if self._stop.is_set():  # what was written just before the window closed is on the stick, too
                self._look(laptops, watch)

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
        asked, self._asked = self._asked, None
        folder = self._runtime.settings.sync_folder
        may = folder is not None and self._runtime.settings.sync_automatic and folder.is_dir()
        if asked is None and not (may and folder is not None and laptops.has_joined(folder)):
            self._tell(listed(laptops.standing()))
            return
        try:
            done = laptops.exchange()
        except CarryonError as error:
            self._fail(laptops, error, asked)
            return
        watch.see(folder)
        if done.came or done.deleted or done.merges:
            self._emit(StoreChanged(cause=asked or "", areas=frozenset({"library"})))
        self._tell(listed(laptops.standing(), done, cause=asked or ""), always=asked is not None)

    def _fail(self, laptops: Laptops, error: CarryonError, asked: str | None) -> None:
        trouble = " ".join(part for part in (error.what, error.todo) if part)
        if asked is not None:
            self._emit(Failed(cause=asked, what=error.what, where=error.where, todo=error.todo))
        self._tell(listed(laptops.standing(), trouble=trouble, cause=asked or ""), always=asked is not None)

    def _tell(self, event: LaptopsListed, *, always: bool = False) -> None:
        """Only what is new."""
        if always or event != self._told:
            self._told = event
            self._emit(event)


def listed(standing: "Standing", now: "Report | None" = None, *, cause: str = "", trouble: str = "") -> LaptopsListed:
    """The last exchange that brought something, with who is in the folder `now`."""
    last = standing.reports[0] if standing.reports else None
    about = now or last
    return LaptopsListed(
        cause=cause, folder=standing.folder, there=standing.there, joined=standing.joined,
        automatic=standing.automatic, sealed=standing.sealed, trouble=trouble,
        at=last.at if last else 0, came=len(last.came) if last else 0, went=last.went if last else 0,
        merged=len(last.merges) if last else 0,
        merges=tuple(MergeShown(it.artifact_id, it.title, it.n, it.was, it.note) for it in _merges(standing)),
        notices=last.notices[:SHOWN_MAX] if last else (),
        laptops=tuple(LaptopShown(it.name, it.waiting, it.why) for it in about.laptops) if about else (),
    )  # fmt: skip


def _merges(standing: "Standing") -> list[Any]:
    """The newest, of all exchanges that are kept."""
    return [it for report in standing.reports for it in report.merges][:SHOWN_MAX]
