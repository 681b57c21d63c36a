"""`carryon pool`: the model processes that open windows keep, how they are, and how this machine stands."""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, replace

import click

from agent.pool.records import Worker
from app.cli.opening import command, json_option
from app.cli.printing import show, table
from models.host.pressure import Level, Reading, Thresholds, battery_level, memory_level

GONE = "gone"  # reported a moment ago, and no longer there; the window notices too
NOBODY = "No window of Carryon is open, so no model is kept ready. The next message starts what it needs."
LEVEL_WORDS = {
    Level.CALM: "enough",
    Level.FAIR: "getting short",
    Level.LOW: "short: idle models rest",
    Level.OUT: "nearly used up: idle models rest",
    None: "this machine does not say",
}


@click.command()
@json_option
@command
def pool(as_json: bool) -> None:
    """Models that are kept ready: process, state, memory, last probe, and why one rests."""
    from agent.agentrc.agentrc import Agentrc
    from agent.paths import Paths
    from agent.pool.report import FOLDER, reported
    from models.host.readings import read

    paths = Paths.of().make()
    workers = [_now(worker) for worker in reported(paths.state / FOLDER)]
    keep = Agentrc(paths, environ=os.environ).load().model_keep_warm
    reading = read()
    levels = {"memory": memory_level(reading, 0, Thresholds()), "battery": battery_level(reading, Thresholds())}
    document = {
        "workers": workers,
        "keep_warm": keep,
        "machine": asdict(reading) | {name: _plain(level) for name, level in levels.items()},
    }
    show(document, as_json=as_json, lines=list(_lines(workers, keep, reading, levels)))


def _now(worker: Worker) -> Worker:
    """The report is up to half a minute old; whether the process is there is looked up."""
    from agent.pool.report import is_there

    return worker if worker.pid is None or is_there(worker) else replace(worker, state=GONE, memory_bytes=None)


def _lines(workers: list[Worker], keep: str, reading: Reading, levels: dict[str, Level | None]) -> Iterator[str]:
    if workers:
        yield from table([("model", "state", "process", "memory", "last probe", "why"), *map(_row, workers)])
    else:
        yield NOBODY
    yield ""
    available = f"{_size(reading.available_bytes)} of {_size(reading.total_bytes)} free, "
    yield f"memory: {available if reading.available_bytes is not None else ''}{LEVEL_WORDS[levels['memory']]}"
    percent = f"{reading.battery_percent:.0f} %, " if reading.battery_percent is not None else ""
    plugged = "plugged in, " if reading.plugged else ""
    yield f"battery: {percent}{plugged}{LEVEL_WORDS[levels['battery']]}"
    yield f"model.keep_warm = {keep}"


def _row(worker: Worker) -> tuple[str, ...]:
    probe = _ago(worker.probed_at) if worker.probed_at else "-"
    return (worker.name, worker.state, str(worker.pid or "-"), _size(worker.memory_bytes), probe, worker.why)


def _ago(at_ms: int) -> str:
    return f"{max(0, round(time.time() - at_ms / 1_000))} s ago"


def _plain(level: Level | None) -> str | None:
    return None if level is None else level.name.lower()


def _size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return "-"
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"
