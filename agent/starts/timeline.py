"""From what was noted to one line of time: this process's spans, the models' own, and what nobody accounts for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.spans import Lap
from agent.starts.record import UNACCOUNTED, Span

FIRST = "interpreter"  # the first lap of a program that is started for good
GAP_MS_MIN = 1.0  # shorter ones are counted as unaccounted and not drawn
WORKER = "model"  # the spans of a worker process are parts of "model NAME"
SPAWN = "spawn"  # "spawn NAME" is when its process was started


@dataclass(frozen=True, slots=True)
class Worker:
    """A model's process: what its start was made of, in order, in milliseconds; `load_ms` is all of it."""

    name: str
    spans_ms: Mapping[str, float]
    load_ms: float


def timeline(laps: Sequence[Lap], born_ns: int, end_ns: int, workers: Iterable[Worker]) -> tuple[Span, ...]:
    """All spans by their beginning, with the gaps between them. What began after the end is left out."""
    own = [
        Span(lap.name, _ms(_begin(lap, born_ns), born_ns), _ms(min(lap.end_ns, end_ns), born_ns), lap.parent)
        for lap in laps
        if lap.begin_ns < end_ns
    ]
    made = [*own, *(span for worker in workers for span in _of_worker(worker, own))]
    end_ms = _ms(end_ns, born_ns)
    return tuple(sorted((*made, *gaps(made, end_ms)), key=lambda span: (span.begin_ms, -span.end_ms)))


def gaps(spans: Sequence[Span], end_ms: float) -> tuple[Span, ...]:
    """Where no span was, or only spans that are made of others."""
    found, at = [], 0.0
    for begin, end in (*_busy(spans, end_ms), (end_ms, end_ms)):
        if begin - at >= GAP_MS_MIN:
            found.append(Span(UNACCOUNTED, at, begin))
        at = max(at, end)
    return tuple(found)


def accounted(spans: Sequence[Span], end_ms: float) -> float:
    """The share of the time in which at least one named span went on."""
    named = [span for span in spans if span.name != UNACCOUNTED]
    return min(1.0, sum(end - begin for begin, end in _busy(named, end_ms)) / end_ms) if end_ms > 0 else 1.0


def _busy(spans: Sequence[Span], end_ms: float) -> list[tuple[float, float]]:
    """Times without overlap in which something went on that has no parts."""
    parents = {span.parent for span in spans}
    times: list[tuple[float, float]] = []
    for span in sorted((span for span in spans if span.name not in parents), key=lambda span: span.begin_ms):
        begin, end = max(span.begin_ms, 0.0), min(span.end_ms, end_ms)
        if times and begin <= times[-1][1]:
            times[-1] = (times[-1][0], max(times[-1][1], end))
        elif end > begin:
            times.append((begin, end))
    return times


def _of_worker(worker: Worker, own: Sequence[Span]) -> Iterable[Span]:
    """Its process began when we began to start it."""
    spawned = next((span.begin_ms for span in own if span.name == f"{SPAWN} {worker.name}"), None)
    if spawned is None:
        return
    whole, at = f"{WORKER} {worker.name}", spawned
    yield Span(whole, spawned, spawned + worker.load_ms)
    for name, ms in worker.spans_ms.items():
        yield Span(f"{WORKER} {name}", at, at + ms, whole)
        at += ms


def _begin(lap: Lap, born_ns: int) -> int:
    """The interpreter was at work before it could note anything."""
    return born_ns if lap.name == FIRST else lap.begin_ns


def _ms(at_ns: int, born_ns: int) -> float:
    return (at_ns - born_ns) / 1e6
