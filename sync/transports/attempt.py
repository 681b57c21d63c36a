"""One try as it goes on: the transport says which stage it is in, a watch says so to others when a stage takes long.

The delivery makes an Attempt and it is `current()` in its thread, so that the contract of a transport stays as it is;
where nobody watches, `current()` is one that tells nobody. The watch is a thread that begins with the first stage.

A machine that slept in the middle of a stage finds connections that nobody holds at the other end: if such a stage does
not end soon after waking, the watch ends it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sync.clocks import elapsed_s

TELL_AFTER_S = 1.5  # two seconds are promised
TICK_S = 1.0
SLEPT_S = 15.0  # a tick that took so much longer was slept through

GIVEN_UP = "it was given up"

OnWords = Callable[[str], None]


class Stage(StrEnum):
    """What it is that does not come, in words for the user."""

    LOOKING_UP = "The name of {host} cannot be looked up: no answer for {s:g} s"
    CONNECTING = "{host} cannot be reached: no answer for {s:g} s"
    SECURING = "{host} has not shown for {s:g} s that it is what it should be"
    SENDING = "{host} has not taken all of it for {s:g} s"
    WAITING = "No answer from {host} for {s:g} s"
    RECEIVING = "The rest of the answer from {host} does not come, or hardly: for {s:g} s"


class Cut(Protocol):
    """What can be ended from outside (sync/transports/deadline.py)."""

    ends_at: float

    def strike(self, why: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Step:
    stage: Stage
    host: str
    began: float
    until: float
    tell_s: float


class Attempt:
    """`rung`: how many tries there have failed to come as far as the offer. `on_words` gets a sentence when a stage
    takes long, and "" when it goes on after that; from another thread, never after `end`. `asks`: it sends nothing that
    could arrive twice. `given_up`: set when whoever waited wants no more of it."""

    def __init__(
        self, on_words: OnWords | None = None, *, rung: int = 0, elapsed: Callable[[], float] = elapsed_s,
        tick_s: float = TICK_S, asks: bool = False,
    ) -> None:  # fmt: skip
        self.rung = rung
        self.asks = asks
        self.given_up = threading.Event()
        self.offered = False
        self.connected_s: float | None = None  # how long it took until the connection stood
        self._on_words = on_words
        self._elapsed = elapsed
        self._tick_s = tick_s
        self._changed = threading.Condition()
        self._step: _Step | None = None
        self._told: _Step | None = None
        self._cut: Cut | None = None
        self._over = self._telling = self._watched = False
        self._began = time.monotonic()

    def stage(self, stage: Stage, host: str, within_s: float, tell_s: float = TELL_AFTER_S) -> None:
        """It has come so far now; `within_s`: how long this stage may take."""
        now = time.monotonic()
        if stage in (Stage.SENDING, Stage.WAITING) and self.connected_s is None:
            self.connected_s = now - self._began
        with self._changed:
            ends = min(now + within_s, self._cut.ends_at if self._cut else now + within_s)
            self._step = _Step(stage, host, now, ends, tell_s)
            if self._on_words and not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name=f"watch over {host}", daemon=True).start()
            self._changed.notify_all()

    def guarded_by(self, cut: Cut) -> None:
        with self._changed:
            self._cut = cut
        if self.given_up.is_set():
            cut.strike(GIVEN_UP)

    def give_up(self) -> None:
        """From any thread; what hangs on a socket comes back with an error."""
        self.given_up.set()
        with self._changed:
            cut = self._cut
        if cut is not None:
            cut.strike(GIVEN_UP)

    def end(self) -> None:
        """Nothing is told after this."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._telling)

    # Inner, in the watch's thread

    def _watch(self) -> None:
        seen = self._elapsed()
        woke_at: float | None = None
        slept_in: _Step | None = None
        while True:
            with self._changed:
                before = self._step
                if before is None or self._over:
                    return
                if not self._due(before):
                    self._changed.wait(self._wait_s(before))
                step = self._step or before
                self._telling = due = not self._over and self._due(step)
            if self._elapsed() - seen > SLEPT_S:
                slept_in, woke_at = before, time.monotonic()
            if due:
                self._say(step)
            seen = self._elapsed()
            if woke_at is not None and slept_in is step and time.monotonic() >= woke_at + step.tell_s:
                self._end_stuck()
                woke_at = None

    def _due(self, step: _Step) -> bool:
        """Something is to be said: it takes long, or it goes on."""
        if self._told is step:
            return False
        return self._told is not None or time.monotonic() >= step.began + step.tell_s

    def _wait_s(self, step: _Step) -> float:
        left_s = step.began + step.tell_s - time.monotonic()
        return min(max(left_s, 0.001), self._tick_s) if self._told is not step else self._tick_s

    def _say(self, step: _Step) -> None:
        late = time.monotonic() >= step.began + step.tell_s
        try:
            if self._on_words:
                self._on_words(self._words(step) if late else "")
        finally:
            with self._changed:
                self._told = step if late else None
                self._telling = False
                self._changed.notify_all()

    def _words(self, step: _Step) -> str:
        what = step.stage.value.format(host=step.host, s=step.tell_s)
        until = datetime.now().astimezone().timestamp() + step.until - time.monotonic()
        at = datetime.fromtimestamp(until).astimezone().strftime("%H:%M:%S")
        if self.asks:
            return f"{what}; still trying until {at}."
        if self.offered:
            return f"{what}; still waiting until {at}. It may have arrived already."
        return f"{what}; still trying until {at}, then again. Nothing was sent yet."

    def _end_stuck(self) -> None:
        with self._changed:
            cut = self._cut
        if cut is not None:
            cut.strike("this machine slept, and nothing came since")


_NOBODY = ContextVar[Attempt | None]("attempt", default=None)


def current() -> Attempt:
    """The try that this thread is making."""
    return _NOBODY.get() or Attempt()


def under_way() -> bool:
    """Whether somebody watches what this thread does."""
    return _NOBODY.get() is not None


@contextlib.contextmanager
def trying(attempt: Attempt) -> Iterator[Attempt]:
    """For the time of one delivery."""
    token = _NOBODY.set(attempt)
    try:
        yield attempt
    finally:
        _NOBODY.reset(token)
        attempt.end()
