"""`ModelHost`: a model that lives in another process and is always there.

Whoever asks blocks on its own request and others wait their turn. A worker that dies before anything came of a request
is replaced and the request given to the new one, once; later, the error carries the text that had arrived.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models import bounds, wire
from models.contracts import ChatRequest, DecideRequest, Decision, Delta, Finished, ModelInfo, PointedCall, State
from models.errors import CancelledError, ClosedError, WorkerDiedError, WorkerHungError, from_record
from models.host.keeper import LATER, Keeper
from models.host.limits import Limits, Settings
from models.host.request import Died, Request

ATTEMPTS = 2
AGAIN = "It is being started again; ask once more."


class ModelHost:
    """A `ModelPort` over a child process.

    `sha256`: of the file, where the caller knows it; `on_state` is called from the host's own threads, with the newest
    state last, and must neither block nor close the host; `clock`: unix seconds. A swap of models is a new host.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        sha256: str = "",
        settings: Settings | None = None,
        limits: Limits | None = None,
        on_state: Callable[[State], None] = lambda _state: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path)
        self._name = name or self._path.stem
        self._sha256 = sha256
        self._settings = settings or Settings()
        self._clock = clock
        self._turn = threading.Lock()
        self._keeper = Keeper(self._argument, limits or Limits(), on_state)

    def start(self) -> None:
        self._keeper.start()

    def restart(self) -> None:
        self._keeper.restart()

    def listen(self, on_state: Callable[[State], None]) -> None:
        self._keeper.listen(on_state)

    def info(self) -> ModelInfo:
        self.start()
        return self._keeper.info()

    def state(self) -> State:
        return self._keeper.state()

    def memory_bytes(self) -> int | None:
        pid = self.state().pid
        if pid is None:
            return None
        import psutil

        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss)
        return None

    def decide(self, request: DecideRequest) -> Decision:
        bounds.check_decide(request)
        run = self._run({"op": "decide", "request": asdict(request)})
        try:
            next(run)
        except StopIteration as ended:
            return _decision(ended.value["decision"])
        raise AssertionError("a decision has no pieces")

    def chat(self, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
        bounds.check_chat(request)
        ended = yield from self._run({"op": "chat", "request": asdict(request)})
        yield Finished(**{key: value for key, value in ended.items() if key not in ("event", "id")})

    def cancel(self) -> None:
        self._keeper.cancel()

    def close(self) -> None:
        self._keeper.close()

    def _argument(self, careful: bool) -> str:
        return wire.Start(
            path=str(self._path.absolute()),
            name=self._name,
            sha256=self._sha256,
            threads=self._settings.threads,
            n_ctx=self._settings.n_ctx,
            careful=careful,
            born=self._clock(),
        ).argument()

    def _run(self, order: wire.Line) -> Generator[Delta, None, wire.Line]:
        """Yield what arrives; return the line that ended it."""
        self.start()
        request = Request(order)
        with self._turn:
            try:
                for attempt in range(1, ATTEMPTS + 1):
                    self._keeper.hand_over(request)
                    ended = yield from _arriving(request)
                    if not isinstance(ended, Died):
                        return ended
                    self._judge(request, ended, last=attempt == ATTEMPTS)
            finally:
                self._keeper.let_go(request)
        raise AssertionError("the last attempt returns or raises")

    def _judge(self, request: Request, death: Died, *, last: bool) -> None:
        """Return when the request may be given to the next worker; else raise."""
        request.child = None
        if death.closed:
            raise ClosedError
        if request.cancelled_at is not None:
            raise CancelledError(request.partial)
        if request.arrived or last or death.stays:
            kind = WorkerHungError if death.hung else WorkerDiedError
            todo = LATER if death.stays else AGAIN
            raise kind(death.reason, self._name, todo, restarted=not death.stays, partial=request.partial)


def _arriving(request: Request) -> Generator[Delta, None, wire.Line | Died]:
    while True:
        line = request.box.get()
        if isinstance(line, Died):
            return line
        match line["event"]:
            case "delta":
                request.arrived.append(line["text"])
                yield Delta(line["index"], line["text"])
            case "error":
                raise from_record(line["error"])
            case _ if request.cancelled_at is not None:
                raise CancelledError(request.partial)  # also when it was done at the same moment
            case _:
                return line


def _decision(record: dict[str, Any]) -> Decision:
    for several in ("calls", "guess", "second"):
        record[several] = tuple(_call(call) for call in record[several])
    return Decision(**record | {"lacks": tuple(record["lacks"])})


def _call(record: dict[str, Any]) -> PointedCall:
    spans = {name: (start, end) for name, (start, end) in record["spans"].items()}
    return PointedCall(record["tool"], record["args"], spans)
