"""`python -m models.worker '{"path": …}'`: load one model, say "ready", serve requests until stdin closes."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from models import wire
from models.errors import ModelError
from models.worker.desk import EXIT_BAD_ORDER, EXIT_DONE, EXIT_REFUSED, Desk, fault


def main() -> None:
    begun = time.time()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our stdin
    _leave_no_dump()
    if len(sys.argv) != 2:
        sys.stderr.write("This process is started by Carryon itself.\n")
        sys.exit(EXIT_BAD_ORDER)
    if sys.argv[1] == wire.DEVICES_SWITCH:
        return _devices()
    start = wire.Start.parse(sys.argv[1])
    desk = Desk(sys.stdin.buffer, _own_stdout())
    desk.open()
    try:
        _serve(desk, start, begun)
    except BaseException:  # noqa: BLE001  the last line of defence: say what happened, then end the process
        fault()


def _serve(desk: Desk, start: wire.Start, begun: float) -> None:
    from models.worker.seat import Seat

    seat = Seat(start, desk.overdue, begun)
    desk.steps = seat.steps
    try:
        info = seat.load()
    except ModelError as error:
        desk.say("failed", error=error.record())
        os._exit(EXIT_REFUSED)
    desk.say("ready", info=asdict(info), placement=asdict(seat.placement) if seat.placement else None)
    desk.work(seat)


def _devices() -> None:
    from models.worker.report import report

    report(_own_stdout())
    os._exit(EXIT_DONE)  # a driver's own end may hang


def _leave_no_dump() -> None:
    """A crash must not write the memory of this process, which holds what the user wrote, to the disk."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _own_stdout() -> BinaryIO:
    """The pipe to the host. What C code prints to standard output goes to stderr from now on."""
    sys.stdout.flush()
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(pipe, "wb")


if __name__ == "__main__":
    main()
