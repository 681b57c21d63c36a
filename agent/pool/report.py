"""What `carryon pool` shows of windows in other processes: each keeps a small file, and takes it along when it ends.

The file says which process wrote it and when that began, so one that a crash left behind speaks for nobody. It is put
in place whole and not forced to the disk: it means nothing after a restart of the machine.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from agent.pool.records import Worker
from models.json_file import read_json

FOLDER = "pool"  # in the state folder
REPORTS_MAX = 64
WORKERS_MAX = 16


class ReportFile:
    """This process's own report in `folder`. A disk without room keeps no worker from its work."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.getpid()}.json"
        self._began: float | None = None

    def keep(self, workers: Sequence[Worker]) -> None:
        """None of them: the report goes too."""
        if not workers:
            self._drop()
            return
        self._began = self._began or began(os.getpid())
        rows = [asdict(worker) for worker in workers[:WORKERS_MAX]]
        text = json.dumps({"pid": os.getpid(), "began": self._began, "workers": rows})
        fresh = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            fresh.replace(self._file)

    def _drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


def reported(folder: Path) -> tuple[Worker, ...]:
    """The workers of every process that is still there. Files of processes that are gone are cleared away."""
    files = sorted(folder.glob("*.json"))[:REPORTS_MAX] if folder.is_dir() else ()
    return tuple(worker for file in files for worker in _living(file))


def _living(file: Path) -> Iterator[Worker]:
    try:
        said = read_json(file)
        pid, rows = int(said["pid"]), list(said["workers"])
        alive = said["began"] is not None and began(pid) == said["began"]
        workers = [Worker(**row) for row in rows[:WORKERS_MAX]] if alive else []
    except (OSError, ValueError, TypeError, KeyError):
        return  # half written by a crash, or by another version: it says nothing
    if not alive:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
    yield from workers


def began(pid: int) -> float | None:
    """When a process of that number began; None: there is none, or it has ended and waits to be collected."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(float(process.create_time()), 2)
    except psutil.Error:
        return None


def is_there(worker: Worker) -> bool:
    return worker.pid is not None and began(worker.pid) is not None
