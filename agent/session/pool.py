"""The pool's room: what the user does that brings a resting model back, or lets it rest; and what a window brings along
for its workers."""

import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from agent.pool.beginning import beginning
from agent.pool.pool import Residence
from agent.pool.report import FOLDER, ReportFile
from agent.protocol import commands
from agent.protocol.events import Event
from models.contracts import ChatRequest

if TYPE_CHECKING:
    from agent.compose import Runtime


def resident(runtime: "Runtime") -> Residence:
    def first(name: str) -> ChatRequest | None:
        """Called on a thread of its own: nothing of it is in the database."""
        info = runtime.minds.loaded(name)
        return beginning(runtime.ports, info.n_ctx) if info else None

    return Residence(first, runtime.minds.learn, _beside, ReportFile(runtime.paths.state / FOLDER).keep, os.getpid())


def _beside(job: Callable[[], None]) -> None:
    threading.Thread(target=job, name="warm-up", daemon=True).start()


def wake(runtime: "Runtime", command: commands.WakeModels) -> Iterator[Event]:
    runtime.pool.stir()
    yield from ()


def report_window(runtime: "Runtime", command: commands.ReportWindow) -> Iterator[Event]:
    runtime.pool.hide(hidden=command.hidden)
    yield from ()


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.WakeModels: wake,
    commands.ReportWindow: report_window,
}
