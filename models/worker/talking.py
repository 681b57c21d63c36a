"""A chat model's requests from end to end: put in its words, a saved state taken up, answered, a state written.

Imported on a thread of its own while the model is read, with all that a conversation needs (jinja2 above all).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from models import wire
from models.errors import TemplateError
from models.snapshots.folder import Snapshots
from models.snapshots.terms import Terms
from models.worker.chat import chat
from models.worker.desk import Say
from models.worker.early import Early, snapshots_of
from models.worker.engine import Engine, Leave
from models.worker.keeping import Keeping
from models.worker.prefix import SharedPrefix
from models.worker.setup import setup_of
from models.worker.wording import Wording


class Talking:
    """`digest`: of the model file; `overdue`: ends the process when a template takes too long."""

    def __init__(
        self, engine: Engine, start: wire.Start, digest: str, overdue: Callable[[TemplateError], None]
    ) -> None:
        self._engine = engine
        self._start = start
        self._overdue = overdue
        self._shared = SharedPrefix()
        self._told_short = False
        self._made: Wording | None = None  # at the first request: a template that is broken is no broken model
        self._keeping = self._kept_in(snapshots_of(start), digest) if start.snapshots else None

    def take_up(self, early: Callable[[], Early | None]) -> None:
        """The beginning that was last of use, if states are kept; `early`: what was read of it."""
        if self._keeping:
            self._keeping.warm(early)

    def settle(self) -> None:
        if self._keeping:
            self._keeping.settle()

    def answer(self, order: wire.Line, leave: Leave, say: Say) -> dict[str, Any]:
        """The fields of Finished; its times count from here, since the asker waits from here."""
        begun = time.perf_counter()
        request = wire.chat_request(order)
        wording = self._wording()
        now = time.time() if request.now is None else request.now
        tokens = wording.tokens(request, request.messages, now)
        request = wording.stopped(request)
        shared = self._shared.length(tokens, request, lambda some: wording.tokens(request, some, now))
        self._engine.part(shared)
        if self._keeping:
            self._keeping.begin(request.keep, tokens, shared, Terms.of(order.get("snapshots")))
        before_ms = (time.perf_counter() - begun) * 1000
        finished = chat(self._engine, tokens, request, wording.dialect(request, now), leave, say)
        if self._keeping:
            finished = _noted(finished, self._keeping.end(finished))
        if self._engine.short and not self._told_short:
            self._told_short = True
            finished = _noted(finished, {**finished, "note": self._engine.short})
        times = {name: finished[name] + before_ms for name in ("first_token_ms", "total_ms")}
        return {**finished, **times, "prefix_ms": (self._engine.parted_at - begun) * 1000}

    def _wording(self) -> Wording:
        if self._made is None:
            self._made = Wording(self._engine, self._start.path, self._overdue)
        return self._made

    def _kept_in(self, folder: Snapshots, digest: str) -> Keeping:
        setup = setup_of(self._engine, digest, self._start.prompt_version)
        return Keeping(self._engine, folder, setup, self._start.name)


def _noted(finished: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """With what is to be said of the answer as well as of its state."""
    return {**kept, "note": " ".join(filter(None, (finished["note"], kept["note"])))}
