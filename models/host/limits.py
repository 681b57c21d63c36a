"""How long the host waits, and how often it tries: every bound of it, in seconds unless the name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    probe_busy_s: float = 2.0  # between pings while it works or loads
    probe_idle_s: float = 30.0
    answer_s: float = 10.0  # a ping unanswered for so long: it hangs
    stuck_s: float = 180.0  # it answers, but its work has not moved: it hangs too
    cancel_s: float = 10.0  # a cancelled request must have ended by then
    restarts_max: int = 3  # within the window; then it stays down until asked for
    window_s: float = 60.0
    backoff_s: tuple[float, ...] = (0.0, 0.5, 2.0)  # before the first, second, third restart of a window


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is loaded. `threads` 0: chosen by the worker from processor and model. `n_ctx`: tokens that a
    conversation may have, AUTO (models.devices.window): planned by the worker. `snapshots`: the folder in
    which the model's states are kept, None: they are not; `snapshot_bytes`: that they may take, 0: the usual;
    `prompt_version`: of the caller's own words around a conversation, a part of a state's key."""

    threads: int = 0
    n_ctx: int = 4_096
    snapshots: Path | None = None
    snapshot_bytes: int = 0
    prompt_version: str = ""
