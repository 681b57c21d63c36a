"""Keeps one worker process alive and holds the one request it works on.

Threads meet here: those who ask, the worker's reading thread (`_heard`, `_ended`), and a supervisor that probes,
restarts, and ends what does not let go. The lock is held for moments only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models import wire
from models.contracts import ModelInfo, Phase, State
from models.devices.fault import WITHOUT_CARD, is_the_cards
from models.errors import CancelledError, ClosedError, ModelError, ModelTooLargeError, WorkerDiedError, from_record
from models.host.child import Child
from models.host.command import worker_command
from models.host.limits import Limits
from models.host.reason import why
from models.host.request import Died, Request
from models.host.restarts import Restarts
from models.host.watch import Watch

if TYPE_CHECKING:
    from models.devices.records import Placement

LATER = "Try again in a minute, or choose another model."
TRIAL = 0  # id of the request that only shows that one would be served; those of the askers count from 1


class Keeper:
    """`argument(careful)` makes the worker's command-line argument; `on_state` gets the newest state last; `where`:
    what an error names as its place."""

    def __init__(
        self, argument: Callable[[bool], str], limits: Limits, on_state: Callable[[State], None], where: str = ""
    ) -> None:
        self._argument = argument
        self._where = where
        self._limits = limits
        self._on_state = on_state
        self._lock = threading.Condition()
        self._announcing = threading.RLock()
        self._announced: State | None = None
        self._phase: Phase = "stopped"
        self._closed = False
        self._reason = ""
        self._resting = False  # let go on purpose; the next request, or `start`, brings it back
        self._careful = False  # a worker died while loading: the next one leaves out what is special to the processor
        self._info: ModelInfo | None = None
        self._placement: Placement | None = None  # where the model went, if that was told
        self._refusal: ModelError | None = None
        self._request: Request | None = None
        self._waiting = 0  # how many wait for it to be ready
        self._child: Child | None = None
        self._watch = Watch(limits, time.monotonic())
        self._restarts = Restarts(limits)
        self._start_at: float | None = None  # when the supervisor is to start a new worker
        self._supervisor: threading.Thread | None = None

    # -- the whole life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the first worker, or one that rests; else of no effect."""
        with self._lock:
            if self._supervisor is not None or self._closed:
                if self._resting:
                    self._revive()
                return
            self._supervisor = threading.Thread(target=self._supervise, name="model-supervisor", daemon=True)
            self._begin_child()
            self._supervisor.start()
        self._announce()

    def restart(self) -> None:
        """Start again a worker that stays down or whose file was refused, because somebody asked for it."""
        with self._lock:
            self._restarts.forgive()
            self._refusal, self._resting = None, False
            if self._phase in ("stopped", "refused") and self._supervisor is not None:
                self._schedule(0.0)
        self.start()
        self._announce()

    def rest(self, why: str) -> bool:
        """Let the process go until somebody asks; False, and nothing happens, while it has work, while somebody waits
        for it, or when it stays down."""
        with self._lock:
            wanted = self._request is not None or self._waiting > 0
            if wanted or self._phase not in ("ready", "starting", "restarting"):
                return False
            child, self._child = self._child, None
            self._resting, self._start_at = True, None
            self._phase, self._reason = "stopped", why
            self._lock.notify_all()
        if child is not None:
            child.close()
        self._announce()
        return True

    def close(self) -> None:
        with self._lock:
            child, supervisor = self._child, self._supervisor
            self._closed, self._phase, self._reason, self._start_at = True, "closed", "", None
            self._resting = False
            self._lock.notify_all()
        if child is not None:
            child.close()
        if supervisor is not None and supervisor is not threading.current_thread():
            supervisor.join()
        self._announce()

    def listen(self, on_state: Callable[[State], None]) -> None:
        """From now on tell `on_state`, beginning with where things stand."""
        with self._announcing:
            self._on_state, self._announced = on_state, None
        self._announce()

    def state(self) -> State:
        with self._lock:
            pid = self._child.pid if self._child and self._child.code is None else None
            return State(self._phase, self._reason, self._restarts.total, pid, self._info)

    def placement(self) -> Placement | None:
        with self._lock:
            return self._placement

    def probed_s(self) -> float | None:
        """Seconds since the process that is there now last answered a probe; None: it has not yet, or there is none."""
        with self._lock:
            there = self._child is not None and self._child.code is None
            return time.monotonic() - self._watch.probed if there and self._watch.probed is not None else None

    def info(self) -> ModelInfo:
        with self._lock:
            self._waiting += 1
            try:
                self._await_ready(None)
            finally:
                self._waiting -= 1
            assert self._info is not None, "ready means that it was told"
            return self._info

    # -- the request ---------------------------------------------------------------------------------------------

    def hand_over(self, request: Request) -> None:
        """Wait for a worker and give it the request."""
        with self._lock:
            self._request = request
            if isinstance(self._refusal, ModelTooLargeError):  # there may be room for it by now
                self._refusal = None
                self._schedule(0.0)
            child = self._await_ready(request)
            request.child = child
            self._phase = "busy"
            self._watch.moved(time.monotonic())
            child.send(request.order)
            self._lock.notify_all()
        self._announce()

    def let_go(self, request: Request) -> None:
        """The asker is done with it, by an answer, an error, or because nobody reads on."""
        with self._lock:
            self._request = None
            if request.child is not None and self._phase == "busy":
                request.child.send({"op": "cancel", "id": request.id})  # of no effect when it has ended
                self._phase = "ready"
            self._lock.notify_all()
        self._announce()

    def cancel(self) -> None:
        with self._lock:
            request = self._request
            if request is None or request.cancelled_at is not None:
                return
            request.cancelled_at = time.monotonic()
            if request.child is not None:
                request.child.send({"op": "cancel", "id": request.id})
            self._lock.notify_all()

    def _await_ready(self, request: Request | None) -> Child:
        """Wait, under the lock, for a worker that can be asked."""
        while True:
            if request is not None and request.cancelled_at is not None:
                raise CancelledError(request.partial)
            if self._closed:
                raise ClosedError
            if self._refusal is not None:
                raise from_record(self._refusal.record())  # a fresh one: this may be raised many times
            if self._phase == "stopped":
                self._revive()
            elif self._phase in ("ready", "busy") and self._child is not None:
                return self._child
            self._lock.wait()

    def _revive(self) -> None:
        if self._resting:
            self._resting, self._reason = False, ""
        elif not self._restarts.rested(time.monotonic()):
            raise WorkerDiedError(self._reason, self._where, LATER, restarted=False)
        self._schedule(0.0)

    # -- from the worker, on its reading thread ------------------------------------------------------------------

    def _heard(self, child: Child, line: wire.Line) -> None:
        with self._lock:
            if child is not self._child or self._closed:
                return
            self._take(line)
        if line["event"] in ("ready", "failed"):
            self._announce()

    def _take(self, line: wire.Line) -> None:
        now = time.monotonic()
        match line["event"]:
            case "pong":
                self._watch.pong(line["work"], now)
            case "cancelled" if line["id"] == TRIAL:
                self._watch.passed()
            case "ready":
                self._info = ModelInfo(**line["info"])
                self._placement = _placement(line.get("placement"))
                self._phase, self._reason = "ready", ""
                self._lock.notify_all()
            case "failed":
                self._refusal = from_record(line["error"])
                self._phase, self._reason = "refused", str(self._refusal)
                self._lock.notify_all()
            case _ if self._request is not None and self._request.id == line.get("id"):
                self._watch.moved(now)
                self._request.box.put(line)

    def _ended(self, child: Child) -> None:
        """The process is gone."""
        with self._lock:
            if child is not self._child:
                return
            if not self._closed and self._refusal is None:
                self._reason = child.killed_because or why(child.code, tuple(child.last_words))
                self._learn(child)
                self._schedule(self._restarts.pause(time.monotonic(), loaded=self._info is not None))
            if self._request is not None and self._request.child is child:
                self._request.box.put(self._death(child))
            self._lock.notify_all()
        self._announce()

    def _learn(self, child: Child) -> None:
        """Under the lock: what the next start had better leave out."""
        card = self._placement is not None and self._placement.plan.on_card and is_the_cards(child.last_words)
        if card and not self._careful:
            self._reason += f" {WITHOUT_CARD}"
        self._careful = self._careful or self._phase == "starting" or bool(card)

    def _death(self, child: Child) -> Died:
        return Died(self._reason, bool(child.killed_because), stays=self._phase == "stopped", closed=self._closed)

    # -- the supervisor ------------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        while not self._closed:
            if self._look_after():
                self._announce()

    def _look_after(self) -> bool:
        """Wait for the next thing to do and do it; whether the state changed."""
        with self._lock:
            self._lock.wait(self._pause())
            if self._closed:
                return False
            if self._start_at is None:
                if self._child is not None:
                    self._probe(self._child)
                return False
            if time.monotonic() < self._start_at:
                return False
            self._begin_child()
            return True

    def _pause(self) -> float | None:
        """None: nothing to look after until somebody asks."""
        if self._closed:
            return 0.0
        if self._start_at is not None:
            return max(0.0, self._start_at - time.monotonic())
        if self._child is None:
            return None
        return self._watch.pause(busy=self._busy())

    def _probe(self, child: Child) -> None:
        now, busy = time.monotonic(), self._busy()
        if child.code is not None or child.killed_because:
            return
        cancelled = self._request.cancelled_at if self._request and self._request.child is child else None
        wrong = self._watch.verdict(now, child.last_heard, busy=busy, cancelled=cancelled)
        if wrong:
            child.kill(wrong)
        elif self._watch.wants_ping(now, busy=busy):
            child.send({"op": "ping", "n": round(now)})
            if not busy and self._watch.wants_trial(now):
                self._try(child)

    @staticmethod
    def _try(child: Child) -> None:
        """The thread that listens answers pings, whatever became of the one that serves. A request that was cancelled
        beforehand goes the way of any other, and asks for nothing."""
        child.send({"op": "cancel", "id": TRIAL})
        child.send({"op": "decide", "id": TRIAL})

    def _busy(self) -> bool:
        return self._phase in ("busy", "starting")

    def _schedule(self, pause: float | None) -> None:
        """Under the lock: a new worker after `pause` seconds; None: it stays down."""
        self._phase = "stopped" if pause is None else "restarting"
        self._start_at = None if pause is None else time.monotonic() + pause
        self._lock.notify_all()

    def _begin_child(self) -> None:
        """Under the lock: start a worker."""
        self._start_at = None
        self._phase = "starting"
        self._watch = Watch(self._limits, time.monotonic())
        try:
            self._child = Child([*worker_command(), self._argument(self._careful)], self._heard, self._ended)
        except OSError as error:
            self._phase = "stopped"
            self._reason = f"The model could not be started: {error.strerror or error}."
            self._restarts.pause(time.monotonic(), loaded=True)
            self._lock.notify_all()

    def _announce(self) -> None:
        with self._announcing:
            state = self.state()
            if state != self._announced:
                self._announced = state
                self._tell(state)

    def _tell(self, state: State) -> None:
        try:
            self._on_state(state)
        except Exception:  # a listener's fault must not end the thread that keeps the model alive
            import logging  # dear at the start, and not needed there

            logging.getLogger(__name__).exception("a listener to the model's state failed")


def _placement(record: dict[str, Any] | None) -> Placement | None:
    """A small model has none, and then these records are not even imported."""
    if record is None:
        return None
    from models.devices.records import placement_of

    return placement_of(record)
