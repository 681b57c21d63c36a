"""Judges from pings and pongs whether a worker still lives. Pure: time comes in, a verdict goes out.

Two ways to hang are told apart: it no longer answers, or it answers but its work stands still. While it has no work it
is given a trial, a request that asks for nothing: one that lives and would serve nobody hangs too. A host that slept
itself (a closed lid) starts its patience anew.
"""

from __future__ import annotations

from models.host.limits import Limits

NO_ANSWER = "The model stopped: it no longer answered"
NO_PROGRESS = "The model stopped: it did not get on with its work"
NOT_CANCELLED = "The model was stopped: it did not let go of a cancelled request"


class Watch:
    """One life of a worker. All times are readings of a monotonic clock, in seconds."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._looked = now
        self._pinged: float | None = None  # the unanswered ping
        self._tried: float | None = None  # the unanswered trial
        self._answered = now
        self.probed: float | None = None  # when it last answered a ping
        self._work = -1
        self._moved = now

    def pause(self, *, busy: bool) -> float:
        """Seconds until the next look."""
        probe = self._limits.probe_busy_s if busy else self._limits.probe_idle_s
        return probe if self._pinged is None else min(probe, self._limits.answer_s / 2)

    def wants_ping(self, now: float, *, busy: bool) -> bool:
        """Whether to ping now; a yes is counted as sent."""
        probe = self._limits.probe_busy_s if busy else self._limits.probe_idle_s
        if self._pinged is not None or now - self._answered < probe * 0.9:
            return False
        self._pinged = now
        return True

    def wants_trial(self, now: float) -> bool:
        """Between requests, with a ping: whether to send a trial too; a yes is counted as sent."""
        if self._tried is not None:
            return False
        self._tried = now
        return True

    def passed(self) -> None:
        """It went through the trial."""
        self._tried = None

    def pong(self, work: int, now: float) -> None:
        self._pinged, self._answered, self.probed = None, now, now
        if work != self._work:
            self._work, self._moved = work, now

    def moved(self, now: float) -> None:
        """A request began, or something came of it."""
        self._moved = now

    def verdict(self, now: float, heard: float, *, busy: bool, cancelled: float | None = None) -> str | None:
        """What is wrong, or None. `heard`: when anything last came of it; `cancelled`: since when it should let go."""
        slept = now - self._looked > 2 * max(self._limits.probe_idle_s, self._limits.answer_s)
        self._looked = now
        if slept:
            self._moved = now
            self._pinged = now if self._pinged is not None else None
            self._tried = now if self._tried is not None else None
            return None
        if self._pinged is not None and heard < self._pinged and now - self._pinged > self._limits.answer_s:
            return f"{NO_ANSWER} for {self._limits.answer_s:g} seconds."
        idle_stuck = self._tried is not None and now - self._tried > self._limits.stuck_s
        if idle_stuck or (busy and now - self._moved > self._limits.stuck_s):
            return f"{NO_PROGRESS} for {self._limits.stuck_s:g} seconds."
        if cancelled is not None and now - cancelled > self._limits.cancel_s:
            return f"{NOT_CANCELLED}."
        return None
