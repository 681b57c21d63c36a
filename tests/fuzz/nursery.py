"""Makes real workers by forking: `python -m tests.fuzz.nursery` has loaded all that a worker loads but the model.

A worker started the usual way costs some 100 ms before it looks at its model, a forked one 5; apart from that it is the
same process: `models.worker`'s own main, its own pipes, its own end. One JSON line in for each, one out.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import selectors
import signal
import sys
import time
import traceback
from typing import Any

SPOKEN_BYTES_MAX = 4_000_000  # that a worker may say, all in all
MEMORY_BYTES_MAX = 4_000_000_000  # of address space: a damaged model must not take the machine along


def main() -> None:
    _preload()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever asked is gone: so are we
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(raise_one(json.loads(line))) + "\n")
        sys.stdout.flush()


def _preload() -> None:
    """Also what a worker imports only when it is asked for the first time."""
    import jinja2.sandbox

    import models.dialects
    import models.worker

    assert jinja2.sandbox
    for package in (models.worker, models.dialects):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    importlib.import_module("models.worker.library").load()


def raise_one(job: dict[str, Any]) -> dict[str, Any]:
    """`job`: {"argument", "order", "patience_s"}. What became of it: {"said", "words", "status", "hung", "seconds"}."""
    (orders, give), (take, answers), (hear, words) = os.pipe(), os.pipe(), os.pipe()
    os.write(give, job["order"].encode())  # small enough to wait in the pipe
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become_worker(job["argument"], orders, answers, words, (give, take, hear))
    for end in (orders, answers, words):
        os.close(end)
    said, spoken, hung = _hear_out(pid, give, take, hear, started + job["patience_s"])
    _, status = os.waitpid(pid, 0)
    os.close(take)
    os.close(hear)
    return {
        "said": said.decode("utf-8", "replace"),
        "words": spoken.decode("utf-8", "replace")[-4_000:],
        "status": status,
        "hung": hung,
        "seconds": time.monotonic() - started,
    }


def _become_worker(argument: str, orders: int, answers: int, words: int, others: tuple[int, ...]) -> None:
    try:
        for number, end in enumerate((orders, answers, words)):
            os.dup2(end, number)
        for end in (orders, answers, words, *others):
            if end > 2:
                os.close(end)
        sys.stdin = os.fdopen(0, "r")
        sys.stdout = os.fdopen(1, "w")
        sys.stderr = os.fdopen(2, "w")
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as Python begins
        _bound_memory()
        sys.argv = ["models.worker", argument]
        from models.worker.__main__ import main as work

        work()
    except BaseException:  # noqa: BLE001  whatever happens, this copy of the nursery ends here
        traceback.print_exc()
    os._exit(99)


def _bound_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _hear_out(pid: int, give: int, take: int, hear: int, until: float) -> tuple[bytes, bytes, bool]:
    """Until it has answered, ended or hung. When it has answered, its orders end (`give` is closed), and so does it."""
    said = {take: bytearray(), hear: bytearray()}
    hung = let_go = False
    with selectors.DefaultSelector() as ready:
        for pipe in said:
            ready.register(pipe, selectors.EVENT_READ)
        while ready.get_map():
            left = until - time.monotonic()
            if left <= 0 or len(said[take]) > SPOKEN_BYTES_MAX:
                hung = True
                os.kill(pid, signal.SIGKILL)
                break
            for key, _ in ready.select(left):
                data = os.read(key.fd, 65_536)
                said[key.fd] += data
                if not data:
                    ready.unregister(key.fd)
            if not let_go and _answered(said[take]):
                let_go = True
                os.close(give)
    if not let_go:
        os.close(give)
    return bytes(said[take]), bytes(said[hear]), hung


def _answered(said: bytearray) -> bool:
    return any(b'"event":"%s"' % event in said for event in (b"finished", b"decided", b"embedded", b"error", b"failed"))


if __name__ == "__main__":
    main()
