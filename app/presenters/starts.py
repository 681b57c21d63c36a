"""How a start is shown: a line of words, a strip for each part of it, and the promise beside what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.starts.names import CLASSES, plain
from agent.starts.record import UNACCOUNTED, Span, Start
from agent.starts.slo import Standing
from app.presenters.wording import count, duration

STRIPS_MAX = 40
SHARE_MIN = 0.004  # of the whole; shorter parts are told together
TONES = {"pass": "good", "regress": "bad", "insufficient": "muted"}


@dataclass(frozen=True, slots=True)
class Strip:
    """One part of a start. `begin`, `end`: shares of the whole, 0 to 1; `depth`: how many parts it is within."""

    name: str
    time: str
    begin: float
    end: float
    depth: int = 0
    known: bool = True

    @property
    def words(self) -> str:
        return f"{self.name}: {self.time}"


@dataclass(frozen=True, slots=True)
class Promise:
    """One class of starts against what it may take."""

    name: str
    words: str
    tone: str


def headline(start: Start) -> str:
    """ "Window after 130 ms, ready after 410 ms" """
    marks = [("window", start.window_ms), ("ready", start.ready_ms), ("first word", start.first_token_ms)]
    told = ", ".join(f"{name} after {duration(ms)}" for name, ms in marks if ms is not None)
    return f"{told[:1].upper()}{told[1:]}"


def why(start: Start) -> str:
    kind = CLASSES[start.kind]
    named = f"{start.accounted:.0%} of that time is accounted for below."
    return f"A start {kind}: {start.evidence}. {named}"


def strips(start: Start) -> tuple[Strip, ...]:
    """In the order of their beginnings; the many short ones are told in one line at the end."""
    whole = max(start.end_ms, 1e-9)
    parents = {span.name: span.parent for span in start.spans}
    long = [span for span in start.spans if span.ms / whole >= SHARE_MIN][:STRIPS_MAX]
    shown = tuple(_strip(span, whole, parents) for span in long)
    rest = [span for span in start.spans if span not in long]
    if not rest:
        return shown
    short = Strip(f"{count(len(rest), 'shorter part')}", duration(sum(span.ms for span in rest)), 0.0, 0.0)
    return (*shown, short)


def promises(standings: Sequence[Standing]) -> tuple[Promise, ...]:
    """Only classes of which there were starts."""
    return tuple(_promise(one) for one in standings if one.starts and one.p50_ms is not None)


def _promise(one: Standing) -> Promise:
    until = "window" if one.target.mark == "window" else "ready"
    half = (
        f"half of {count(one.starts, 'start')} within {duration(one.p50_ms)} (promised {duration(one.target.p50_ms)})"
    )
    slow = f"{one.bad} slower than {duration(one.target.p95_ms)}"
    spent = f"{one.burn or 0:.0%} of what may be slow"
    more = "; too few to judge by" if one.verdict == "insufficient" else ""
    kind = CLASSES[one.target.kind]
    return Promise(f"{kind[:1].upper()}{kind[1:]}, {until}", f"{half}; {slow}: {spent}{more}", TONES[one.verdict])


def _strip(span: Span, whole_ms: float, parents: dict[str, str]) -> Strip:
    depth, parent = 0, span.parent
    while parent and depth < len(parents):
        depth, parent = depth + 1, parents.get(parent, "")
    begin, end = max(span.begin_ms, 0.0) / whole_ms, min(span.end_ms / whole_ms, 1.0)
    return Strip(plain(span.name), duration(span.ms), begin, max(begin, end), depth, known=span.name != UNACCOUNTED)
