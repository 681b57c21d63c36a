"""`ModelHost`: a model that lives in another process and is always there.

Whoever asks blocks on its own request and others wait their turn. A worker that dies before anything came of a request
is replaced and the request given to the new one, once; later, the error carries the text that had arrived.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import bounds, wire
from models.contracts import (
    Called,
    ChatRequest,
    DecideRequest,
    Decision,
    Delta,
    Finished,
    ModelInfo,
    PointedCall,
    State,
    ToolCall,
)
from models.embedding import Embedded, check_embed, unpacked
from models.errors import CancelledError, ClosedError, WorkerDiedError, WorkerHungError, from_record
from models.host.keeper import LATER, Keeper
from models.host.limits import Limits, Settings
from models.host.request import Died, Request
from models.snapshots.terms import Terms

if TYPE_CHECKING:
    from models.devices.records import Placement

ATTEMPTS = 2
AGAIN = "It is being started again; ask once more."


class ModelHost:
    """A `ModelPort` over a child process.

    `sha256`: of the file, where the caller knows it; `on_state` is called from the host's own threads, with the newest
    state last, and must neither block nor close the host; `clock`: unix seconds; `terms`, asked with each chat: how its
    state may be kept. A swap of models is a new host.
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
        terms: Callable[[], Terms] = Terms,
    ) -> None:
        self._path = Path(path)
        self._name = name or self._path.stem
        self._sha256 = sha256
        self._settings = settings or Settings()
        self._clock = clock
        self._terms = terms
        self._turn = threading.Lock()
        self._keeper = Keeper(self._argument, limits or Limits(), on_state, self._name)

    def start(self) -> None:
        """Also wakes one that rests."""
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

    def placement(self) -> Placement | None:
        """Where the model went and what devices there are, in records and words; None before it was loaded, and of a
        small model, which is always on the processor."""
        return self._keeper.placement()

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
        return _decision(self._whole({"op": "decide", "request": asdict(request)})["decision"])

    def embed(self, texts: Sequence[str]) -> Embedded:
        check_embed(texts)
        return unpacked(self._whole({"op": "embed", "texts": list(texts)}))

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        bounds.check_chat(request)
        ended = yield from self._run({"op": "chat", "request": asdict(request), "snapshots": self._kept_how()})
        yield Finished(**{key: value for key, value in ended.items() if key not in ("event", "id")})

    def rest(self, why: str) -> bool:
        """Let the process go until the next request, or `start`, brings it back; `why` is the reason that is shown.
        False, and nothing happens, while it works, when it rests already or when it cannot be used."""
        return self._keeper.rest(why)

    def probed_s(self) -> float | None:
        """Seconds since it last answered a probe; None: not yet, or there is no process."""
        return self._keeper.probed_s()

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
            snapshots=str(self._settings.snapshots.absolute()) if self._settings.snapshots else "",
            snapshot_bytes=self._settings.snapshot_bytes,
            prompt_version=self._settings.prompt_version,
        ).argument()

    def _kept_how(self) -> wire.Line:
        """The key, if any, goes through the pipe with each request: never on a command line, never in the environment,
        and a worker that was replaced has it too."""
        return dict(self._terms().line()) if self._settings.snapshots else {}

    def _whole(self, order: wire.Line) -> wire.Line:
        """The line that ends a request that has no pieces."""
        run = self._run(order)
        try:
            next(run)
        except StopIteration as ended:
            line: wire.Line = ended.value
            return line
        raise AssertionError("it has no pieces")

    def _run(self, order: wire.Line) -> Generator[Delta | Called, None, wire.Line]:
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
        if request.begun or last or death.stays:
            kind = WorkerHungError if death.hung else WorkerDiedError
            todo = LATER if death.stays else AGAIN
            raise kind(death.reason, self._name, todo, restarted=not death.stays, partial=request.partial)


def _arriving(request: Request) -> Generator[Delta | Called, None, wire.Line | Died]:
    while True:
        line = request.box.get()
        if isinstance(line, Died):
            return line
        match line["event"]:
            case "delta":
                request.begun = True
                if not line["thinking"]:
                    request.arrived.append(line["text"])
                yield Delta(line["index"], line["text"], line["thinking"])
            case "called":
                request.begun = True
                yield Called(ToolCall(**line["call"]))
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
