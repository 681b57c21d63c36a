"""Writes this process's start into the profile once everything is up: after the first paint, on a thread of its own."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent.errors import CarryonError
from agent.spans import START, Spans
from agent.starts import process
from agent.starts.build import app_build
from agent.starts.classes import Evidence, classify
from agent.starts.ledger import Ledger
from agent.starts.record import Start
from agent.starts.timeline import FIRST, Worker, accounted, timeline
from agent.store.connection import Store, connect
from models.contracts import ModelInfo, ModelPort
from models.errors import ModelError

PAINTED, PREFIX, FIRST_WORD = "first paint", "prefix", "first token"

Models = Mapping[str, ModelPort | None]  # None: it was refused before it could be loaded
Infos = Mapping[str, ModelInfo | None]


@contextmanager
def recording(
    database: Path,
    models: Models,
    done: Callable[[Start], None],
    ask: Callable[[], float | None] | None = None,
    spans: Spans = START,
) -> Iterator[None]:
    """While the profile is open: wait for `models`, by name, `ask` one for its first word if that is wanted (it returns
    what first_word.py says), write the start, tell `done`. Once for each process, and only for a program that noted its
    beginning: the window does."""
    if spans.is_stopped or not any(lap.name == FIRST for lap in spans.laps()):
        yield
        return
    record = _Record(database, models, done, ask, spans)
    threading.Thread(target=record.run, name="starts", daemon=True).start()
    try:
        yield
    finally:
        record.end()


class _Record:
    def __init__(
        self, database: Path, models: Models, done: Callable[[Start], None], ask: Callable[[], float | None] | None,
        spans: Spans,
    ) -> None:  # fmt: skip
        self._database, self._models, self._done, self._ask = database, models, done, ask
        self._spans = spans
        self._leaving = threading.Event()
        self._kept: Start | None = None

    def run(self) -> None:
        infos = {name: _loaded(model) if model else None for name, model in self._models.items()}
        ready_ns = ended_ns = time.perf_counter_ns()
        if self._ask and all(infos.values()):
            ended_ns = self._asked(self._ask, ready_ns)
        self._spans.stop()
        if self._leaving.is_set():
            return  # the window went before everything was up
        try:
            with _open(self._database) as store:
                ledger = Ledger(store)
                made = self._made(infos, ready_ns, ended_ns, ledger)
                ledger.add(made)
        except CarryonError:
            return  # a full disk, a newer file: the start itself went well
        self._kept = made
        self._done(made)

    def _asked(self, ask: Callable[[], float | None], ready_ns: int) -> int:
        """When the first word was there; `ready_ns` where none came."""
        prefix_ms = ask()
        if prefix_ms is None:
            return ready_ns
        ended_ns = time.perf_counter_ns()
        begun_ns = min(ended_ns, ready_ns + int(prefix_ms * 1e6))
        if prefix_ms:
            self._spans.add(PREFIX, ready_ns, begun_ns)
        self._spans.add(FIRST_WORD, begun_ns, ended_ns)
        return ended_ns

    def end(self) -> None:
        """The program ends. A model that still loads is waited for by nobody; its thread ends with it."""
        self._leaving.set()
        if self._kept:
            try:
                with _open(self._database) as store:
                    Ledger(store).used(self._kept.id, int(time.time() * 1_000))
            except CarryonError:
                return  # the next start counts its rest from this one's beginning

    def _made(self, infos: Infos, ready_ns: int, ended_ns: int, ledger: Ledger) -> Start:
        born_ns, now = process.born_ns(), time.time()
        born_at = now - (time.perf_counter_ns() - born_ns) / 1e9
        last = ledger.before(int(born_at * 1_000), int(now * 1_000))
        workers = [Worker(name, info.spans_ms, info.load_ms) for name, info in infos.items() if info]
        spans = timeline(self._spans.laps(), born_ns, ended_ns, workers)
        build, llama = app_build(), next((info.llama_build for info in infos.values() if info), "")
        kind, evidence = classify(self._evidence(f"{build} {llama}", infos, last, born_at))
        end_ms = (ended_ns - born_ns) / 1e6
        return Start(
            id=str(uuid.uuid4()), kind=kind, at=int(born_at * 1_000), app_build=build, llama_build=llama,
            ok=all(infos.values()), evidence=evidence,
            window_ms=next((span.end_ms for span in spans if span.name == PAINTED), None),
            ready_ms=(ready_ns - born_ns) / 1e6, first_token_ms=end_ms if ended_ns > ready_ns else None,
            accounted=accounted(spans, end_ms), used_until=int(time.time() * 1_000), spans=spans,
        )  # fmt: skip

    def _evidence(self, build: str, infos: Infos, last: Start | None, born_at: float) -> Evidence:
        pids = [pid for model in self._models.values() if model and (pid := model.state().pid) is not None]
        ours, theirs = process.disk_bytes(), [process.disk_bytes(pid) or 0 for pid in pids]
        return Evidence(
            build=build,
            last_build=f"{last.app_build} {last.llama_build}" if last else None,
            disk_bytes=None if ours is None else ours + sum(theirs),
            major_faults=process.major_faults(),
            model_bytes=sum(info.size_bytes for info in infos.values() if info),
            model_disk_bytes=None if ours is None else sum(theirs),
            since_last_s=born_at - last.used_until / 1_000 if last else None,
            booted_since=last is not None and process.booted_at() > last.used_until / 1_000,
        )


def _loaded(model: ModelPort) -> ModelInfo | None:
    try:
        return model.info()
    except ModelError:
        return None


@contextmanager
def _open(database: Path) -> Iterator[Store]:
    store = connect(database)
    try:
        yield store
    finally:
        store.close()
