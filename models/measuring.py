"""Measures a deciding model where it runs: the real process, requests as people write them, one after the other.

The first requests warm it up and are not counted. Times are taken on the asker's side, so they hold the way to the
process and back; the first token's is the process's own.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.contracts import DecideRequest, ModelPort
from models.errors import CancelledError
from models.measured import Measured, this_device

SAMPLE = Path(__file__).parent / "starter" / "sample.txt"
WARM_UP = 5
REQUESTS_MAX = 1_000


@dataclass(slots=True)
class _Heard:
    """What is gathered on the way."""

    first_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)


def sample() -> tuple[str, ...]:
    """The built-in requests: every tool, small talk, questions back, things it must hand off."""
    return tuple(line for line in SAMPLE.read_text("utf-8").splitlines() if line.strip())


def measure(
    model: ModelPort, texts: Sequence[str], stop: Callable[[], bool] = lambda: False
) -> Generator[int, None, Measured]:
    """Yields how many of `texts` are done; returns the row. CancelledError once `stop()` says so."""
    texts = texts[:REQUESTS_MAX]
    info = model.info()
    for text in texts[:WARM_UP]:
        model.decide(DecideRequest(text))
    heard, cpu_before, started = _Heard(), cpu_seconds(model), time.perf_counter()
    for number, text in enumerate(texts, 1):
        if stop():
            raise CancelledError
        _ask(model, text, heard)
        yield number
    elapsed, cpu_after = time.perf_counter() - started, cpu_seconds(model)
    device = this_device()
    used = cpu_after - cpu_before if cpu_after is not None and cpu_before is not None else None
    return Measured(
        model=info.name, sha256=info.sha256, measured_at=int(time.time() * 1000), device=device.fingerprint,
        device_about=device.about, requests=len(texts),
        first_token_ms_median=round(statistics.median(heard.first_ms), 2),
        first_token_ms_p95=round(_p95(heard.first_ms), 2),
        median_ms=round(statistics.median(heard.whole_ms), 2), p95_ms=round(_p95(heard.whole_ms), 2),
        requests_per_second=round(len(texts) / elapsed, 1), memory_bytes=_most(model, heard.memory),
        cpu_seconds=round(used / len(texts), 4) if used is not None else None, disk_bytes=info.size_bytes,
    )  # fmt: skip


def _ask(model: ModelPort, text: str, heard: _Heard) -> None:
    began = time.perf_counter()
    decision = model.decide(DecideRequest(text))
    heard.whole_ms.append((time.perf_counter() - began) * 1000)
    heard.first_ms.append(decision.first_token_ms)
    if (memory := model.memory_bytes()) is not None:
        heard.memory.append(memory)


def cpu_seconds(model: ModelPort) -> float | None:
    """Processor time of the model's process so far, over all cores; None where there is none."""
    pid = model.state().pid
    if pid is None:
        return None
    import psutil

    with contextlib.suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return None


def _most(model: ModelPort, seen: Sequence[int]) -> int | None:
    """The most memory that the process ever held, where the system remembers it; else the most that was seen."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{model.state().pid}/status").read_text("utf-8").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return max((int(peak.split()[1]) * 1024, *seen))
    return max(seen, default=None)


def _p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * 95 // 100) - 1)]
