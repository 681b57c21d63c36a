"""Signing in to servers of tools, beside the conversation. Begun and cancelled from any thread, since the user may be
in the middle of a turn; what comes of it is told from the lane itself. Nothing is opened here: where the user has to go
is told, and a front end opens it when the user says so."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.explain import explain
from agent.protocol.events import Event
from agent.protocol.server_commands import CancelSignIn, SignInServer
from agent.protocol.server_events import SignInBegan, SignInEnded, SignInShown, SignInWanted
from agent.session.ending import Ending
from agent.session.lane import Lane

if TYPE_CHECKING:
    from agent.mcp.signing.records import Doorstep
    from agent.runtime import Runtime

BUSY = "A sign-in goes on already. Finish that one, or cancel it."


class SignInRoom:
    def __init__(self, runtime: "Runtime", emit: Callable[[Event], None]) -> None:
        self._runtime, self._emit = runtime, emit
        self._lane = Lane("sign-in")
        self._lock = threading.Lock()
        self._going: _SigningIn | None = None
        runtime.servers.sign_in_changed = self._changed

    def begin(self, command: SignInServer) -> None:
        """From any thread; one at a time."""
        work = _SigningIn(self._runtime, command.name, self._emit, self._over)
        with self._lock:
            is_free = self._going is None
            if is_free:
                self._going = work
        if is_free:
            self._emit(SignInBegan(cause=command.id, server=command.name))  # first: the lane may be quick
            if self._lane.put(work):
                return
            self._over()
        self._emit(SignInEnded(cause=command.id, server=command.name, signed_in=False, words=BUSY))

    def cancel(self, command: CancelSignIn) -> None:
        """From any thread; of one that is over there is nothing to cancel."""
        with self._lock:
            going = self._going
        if going is not None and going.name == command.name:
            going.stop()

    def end(self) -> None:
        self._lane.end()

    def close(self, ending: Ending) -> None:
        self.end()
        self._lane.join(ending)

    def _changed(self, name: str, waited_for: bool) -> None:
        """On whatever thread that turned out."""
        self._emit(SignInWanted(server=name, waited_for=waited_for))

    def _over(self) -> None:
        with self._lock:
            self._going = None


class _SigningIn:
    """One, on the lane."""

    def __init__(self, runtime: "Runtime", name: str, emit: Callable[[Event], None], over: Callable[[], None]) -> None:
        self._runtime, self.name, self._emit, self._over = runtime, name, emit, over
        self._cancelled = threading.Event()

    def run(self) -> None:
        words = ""
        try:
            self._runtime.servers.front.sign_in(self.name, self._show, self._cancelled)
        except Exception as error:  # noqa: BLE001  told to the user, whatever a stranger's service brought about
            _, what, _, todo = explain(error)
            words = " ".join(filter(None, (what, todo)))
        self._over()
        if not words:
            self._runtime.nudge(settings=True)  # what waited for this is looked at now
        self._emit(SignInEnded(server=self.name, signed_in=not words, words=words))

    def stop(self) -> None:
        self._cancelled.set()

    def _show(self, doorstep: "Doorstep") -> None:
        """On the sign-in's own thread."""
        self._emit(SignInShown(server=self.name, host=doorstep.host, url=doorstep.url, takes=doorstep.takes))
