"""What a start spends its time on: spans by name, taken on any thread, for some microseconds each.

Imported before everything else, so it imports nothing that is not there already. Times are nanoseconds of
`perf_counter`; `agent.starts` puts them beside the birth of the process and keeps them.
"""

import time
from _thread import get_ident
from types import TracebackType

SPANS_MAX = 1_000  # of one start; what comes later is not noted


class Lap:
    """One span. `parent`: the span around it on the same thread, empty for none."""

    __slots__ = ("begin_ns", "end_ns", "name", "parent")

    def __init__(self, name: str, begin_ns: int, end_ns: int, parent: str) -> None:
        self.name, self.begin_ns, self.end_ns, self.parent = name, begin_ns, end_ns, parent


class Spans:
    """The spans of one start. `lap` ends what went on since the last lap; `span` is for what has an end of its own."""

    def __init__(self) -> None:
        self.born_ns = time.perf_counter_ns()
        self._laps: list[Lap] = []
        self._around: dict[int, list[str]] = {}  # by thread, the names of the spans that are open
        self._last_ns = self.born_ns
        self.is_stopped = False

    def lap(self, name: str) -> None:
        """On the thread that draws: from the end of its last lap until now."""
        now = time.perf_counter_ns()
        self.add(name, self._last_ns, now)
        self._last_ns = now

    def rest(self) -> None:
        """Time that is nobody's ends here: the next lap begins now."""
        self._last_ns = time.perf_counter_ns()

    def span(self, name: str) -> "Span":
        return Span(self, name)

    def add(self, name: str, begin_ns: int, end_ns: int, parent: str = "") -> None:
        if not self.is_stopped and len(self._laps) < SPANS_MAX:
            self._laps.append(Lap(name, begin_ns, end_ns, parent))

    def laps(self) -> tuple[Lap, ...]:
        return tuple(self._laps)

    def stop(self) -> None:
        """The start is over; nothing more is noted."""
        self.is_stopped = True

    def around(self) -> list[str]:
        """The open spans of this thread, outermost first."""
        return self._around.setdefault(get_ident(), [])


class Span:
    __slots__ = ("_begin_ns", "_name", "_spans")

    def __init__(self, spans: Spans, name: str) -> None:
        self._spans, self._name, self._begin_ns = spans, name, 0

    def __enter__(self) -> None:
        self._spans.around().append(self._name)
        self._begin_ns = time.perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_ns = time.perf_counter_ns()
        around = self._spans.around()
        around.pop()
        self._spans.add(self._name, self._begin_ns, end_ns, around[-1] if around else "")


START = Spans()  # of this process
span = START.span
lap = START.lap
