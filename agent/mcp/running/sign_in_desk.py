"""One sign-in from end to end, for whoever waits for it: the window's core on a lane, or the command line."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import wait as wait_for
from typing import TYPE_CHECKING

from agent.errors import CarryonError
from agent.mcp.errors import SecretLackingError, SignInFailedError
from agent.mcp.limits import LOOK_EVERY_S
from agent.mcp.records import ServerEntry
from agent.mcp.signing.records import Doorstep, SignIn, may_sign_in
from agent.mcp.signing.sign_ins import SignIns

if TYPE_CHECKING:
    from agent.mcp.running.wire.sign_in import SigningIn
    from agent.mcp.running.wire.thread import LoopThread

WITHIN_S = 300.0  # with the time that the user takes
Show = Callable[[Doorstep], None]


class SignInDesk:
    """`allows`: whether the network may be used; `reveal`: the secret behind a reference. One sign-in at a time: two
    pages that look alike would be told apart by nobody."""

    def __init__(self, sign_ins: SignIns, allows: Callable[[], bool], reveal: Callable[[str], str]) -> None:
        self._sign_ins, self._allows, self._reveal = sign_ins, allows, reveal
        self._turn = threading.Lock()

    def sign_in(
        self, entry: ServerEntry, show: Show, cancel: threading.Event | None = None, within_s: float = WITHIN_S
    ) -> None:
        """Kept when this returns; raises CarryonError, then all is as it was. `show` is called once, on a thread of the
        sign-in's own, with where the user has to go; nothing is opened here."""
        if not may_sign_in(entry):
            raise SignInFailedError(
                f"The server {entry.name} is not one to sign in to.", f"~/.agentrc, servers.{entry.name}",
                "That is for one with a url and without an Authorization header.",
            )  # fmt: skip
        if not self._turn.acquire(blocking=False):
            raise SignInFailedError("Another sign-in goes on already.", entry.name, "Finish that one, or cancel it.")
        try:
            self._sign_ins.check(entry.name)
            before = self._sign_ins.find(entry)
            found = self._signed_in(entry, before.issuer if before else "", show, cancel or threading.Event(), within_s)
            self._sign_ins.keep(entry.name, found)
        finally:
            self._turn.release()

    def _signed_in(
        self, entry: ServerEntry, issuer: str, show: Show, cancel: threading.Event, within_s: float
    ) -> SignIn:
        from agent.mcp.running.wire.quiet import hush
        from agent.mcp.running.wire.sign_in import SigningIn
        from agent.mcp.running.wire.thread import LoopThread

        hush()
        headers, secret = self._revealed(entry)
        work = SigningIn(entry, headers, secret, issuer, show, self._allows, within_s)
        thread = LoopThread(f"sign-in-{entry.name}")
        try:
            return _waited(thread, work, entry.name, cancel)
        finally:
            thread.close()

    def _revealed(self, entry: ServerEntry) -> tuple[dict[str, str], str]:
        try:
            headers = {name: self._reveal(value) for name, value in entry.headers.items()}
            return headers, self._reveal(entry.client_secret) if entry.client_secret else ""
        except CarryonError as error:
            raise SecretLackingError(error.what, f"~/.agentrc, servers.{entry.name}", error.todo) from error


def _waited(thread: "LoopThread", work: "SigningIn", name: str, cancel: threading.Event) -> SignIn:
    task = thread.portal.start_task_soon(work.run)
    while not wait_for([task], timeout=LOOK_EVERY_S).done:
        if cancel.is_set():
            task.cancel()
    try:
        return task.result()
    except CancelledError:
        raise SignInFailedError(
            f"The sign-in at the server {name} was cancelled.", name, "Nothing was kept. Begin it again when you like."
        ) from None
