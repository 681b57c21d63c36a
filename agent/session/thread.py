"""The session on a thread of its own, and the dispatcher on another: the only place besides models.host that knows
that time is shared. A front end submits commands and gets events through `emit`, called from these threads.
"""

import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.explain import explain
from agent.paths import Paths, network_denied
from agent.protocol.commands import CancelTurn, Command, RestoreProfile, ResumeFetched
from agent.protocol.events import (
    ConversationRestored,
    Event,
    Failed,
    ItemChanged,
    ProfileRestored,
    ProfileUnavailable,
    TurnEnded,
)
from agent.protocol.network_commands import PutOffAttempt
from agent.protocol.outbox_events import ItemsDecided
from agent.protocol.server_commands import OUT_OF_TURN
from agent.spans import span

if TYPE_CHECKING:
    from agent.session.handling import Session
    from agent.session.opening import OnStart
    from agent.store.restoring import Restored
    from models.contracts import ModelPort

COMMANDS_WAITING_MAX = 1_000  # past that the front end is told, not blocked
CLOSE_SECONDS_MAX = 10.0
READ = ("web:", "ask:")  # destinations from which something comes that a conversation may wait for

OpenSession = Callable[[Callable[[Event], None]], AbstractContextManager["Session"]]


class SessionThread:
    """Core of a front end: `submit` returns at once. Everything is opened on the thread, after the first paint."""

    def __init__(
        self, open_session: OpenSession, emit: Callable[[Event], None], restore: Callable[[], "Restored"] | None = None
    ) -> None:
        self._open_session = open_session
        self._emit = emit
        self._restore = restore
        self._commands: queue.Queue[Command | None] = queue.Queue(COMMANDS_WAITING_MAX)  # None: look up
        self._resume: ResumeFetched | None = None  # due behind every command that waits
        self._resume_lock = threading.Lock()
        self._closing = threading.Event()
        self._session: Session | None = None
        self._ticks = True
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, command: Command) -> None:
        if isinstance(command, CancelTurn):
            self.cancel()
            return
        if isinstance(command, PutOffAttempt):
            if self._session is not None:
                self._session.put_off()
            return
        if isinstance(command, OUT_OF_TURN):
            if self._session is not None:
                self._session.answer(command)
            return
        if isinstance(command, ResumeFetched):
            self._resume_later(command)
            return
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            self._emit(Failed(cause=command.id, what="Carryon is still busy with what you asked before.",
                              todo="Wait for it, or press Stop."))  # fmt: skip

    def cancel(self) -> None:
        """Stop the running turn; commands that wait are kept."""
        if self._session is not None:
            self._session.cancel()

    def close(self) -> None:
        """The commands that wait are served first, as far as the time allows."""
        self.cancel()
        self._closing.set()
        self._wake()
        self._thread.join(CLOSE_SECONDS_MAX)

    def _resume_later(self, command: ResumeFetched) -> None:
        """However much arrives meanwhile: one resume is due, for whatever has come, and takes no command's room."""
        with self._resume_lock:
            if self._resume is not None:
                return
            self._resume = replace(command, item_id="")
        self._wake()

    def _take_resume(self) -> ResumeFetched | None:
        with self._resume_lock:
            due, self._resume = self._resume, None
            return due

    def _wake(self) -> None:
        with suppress(queue.Full):  # then it has enough to be awake for
            self._commands.put_nowait(None)

    def _run(self) -> None:
        """Open, serve, close; when the profile cannot be opened, wait for the user's word on what to do about it."""
        while True:
            try:
                with self._open_session(self._hear) as session:
                    self._session = session
                    self.submit(ResumeFetched())  # what came while nobody was there to go on with it
                    self._serve(session)
                return
            except Exception as error:  # noqa: BLE001  the window must hear why, whatever it was
                self._session = None
                if not self._mended(error):
                    return

    def _hear(self, event: Event) -> None:
        """Told on; where something arrived that a conversation waited for, it goes on."""
        self._emit(event)
        if _lets_go_on(event):
            self.submit(ResumeFetched())

    def _serve(self, session: "Session") -> None:
        while (command := self._next(session)) is not None:
            try:
                for event in session.handle(command):
                    self._hear(event)
                    if isinstance(command, ResumeFetched) and isinstance(event, TurnEnded):
                        self._go_on_after(event)
            except Exception as error:  # noqa: BLE001  one failed command must not end the others
                self._report(error, command.id)

    def _go_on_after(self, resumed: TurnEnded) -> None:
        """There may be more. Stop is meant for all that have come by now: they wait until another comes, or for the
        next start."""
        if resumed.cancelled:
            self._take_resume()
        else:
            self.submit(ResumeFetched())

    def _next(self, session: "Session | None" = None) -> Command | None:
        """The next command; while there is none, the session looks around at its own pace. None: the end."""
        while True:
            pace = self._tick(session) if session else None
            closing = self._closing.is_set()  # before the look: what was submitted before is seen by it
            due = closing or (session is not None and self._resume is not None)
            try:
                command = self._commands.get(block=not due, timeout=pace)
            except queue.Empty:
                if closing:
                    return None
                command = self._take_resume() if session else None
            if command is not None:
                return command

    def _tick(self, session: "Session") -> float | None:
        """Told once and then left alone, should it fail: what is between commands must not end them."""
        if not self._ticks:
            return None
        try:
            return session.tick()
        except Exception as error:  # noqa: BLE001  told, not swallowed
            self._ticks = False
            self._report(error, "")
            return None

    def _mended(self, error: Exception) -> bool:
        """Tell what is wrong and answer every command with it, none is swallowed; True once a backup was put back."""
        _, what, where, todo = explain(error)
        restorable = self._restore is not None and _helped_by_a_backup(error)
        trouble = ProfileUnavailable(what=what, where=where, todo=todo, restorable=restorable)
        self._emit(trouble)
        while (command := self._next()) is not None:
            if isinstance(command, RestoreProfile) and self._restore is not None:
                try:
                    done = self._restore()
                except Exception as failure:  # noqa: BLE001  no good backup, no room: the user hears it and decides
                    self._report(failure, command.id)
                else:
                    self._emit(ProfileRestored(cause=command.id, backup=str(done.source), kept=str(done.kept or "")))
                    return True
            else:
                self._emit(replace(trouble, cause=command.id))
        return False

    def _report(self, error: Exception, cause: str) -> None:
        _, what, where, todo = explain(error)
        self._emit(Failed(cause=cause, what=what, where=where, todo=todo))


def _lets_go_on(event: Event) -> bool:
    """Something came that a conversation may wait for, or the user says that it did; or one is out of the trash."""
    if isinstance(event, ItemChanged):
        return event.item.state == "delivered" and event.item.destination.startswith(READ)
    if isinstance(event, ItemsDecided):
        return event.verb == "delivered" and bool(event.done)
    return isinstance(event, ConversationRestored)


def _helped_by_a_backup(error: Exception) -> bool:
    """A damaged file of which there is a copy; a full disk or a file in use is no reason to go back."""
    from agent.store.copies import backups_of, copies
    from agent.store.errors import DatabaseDamagedError, in_words

    database = Paths.of().database
    damaged = isinstance(error, sqlite3.Error) and isinstance(in_words(error, database), DatabaseDamagedError)
    return damaged and bool(copies(backups_of(database)))


def start_session(
    emit: Callable[[Event], None], starter: "ModelPort | None" = None, on_start: "OnStart | None" = None
) -> SessionThread:
    """The core of this machine's profile, running. Its parts are imported on its own thread: call after first paint."""

    def open_it(tell: Callable[[Event], None]) -> AbstractContextManager["Session"]:
        with span("profile imports"):
            from agent.session.opening import open_session

        offline = network_denied(os.environ)
        return open_session(Paths.of(), tell, starter=starter, offline=offline, on_start=on_start)

    def restore() -> "Restored":
        from agent.store.restoring import restore as put_back

        paths = Paths.of()
        return put_back(paths.database, life=paths.outbox_life)

    session = SessionThread(open_it, emit, restore)
    session.start()
    return session
