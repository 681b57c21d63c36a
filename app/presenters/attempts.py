"""What happened to an item, for people: each try with its outcome and how long it took, tries that went alike as one,
and the next try that is to come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from app.presenters import states
from app.presenters.wording import count, duration, when
from sync.item import Item

STEPS_SHOWN_MAX = 40
MARKS_SHOWN_MAX = 200
SAID = {"Waiting for your approval": "Waits for your approval", "Queued until online": "Queued"}  # the store's words
OUTCOMES: Mapping[str, tuple[str, str]] = {  # of a try: words, tone
    "delivered": ("Delivered", "good"),
    "failed": ("Put off by the destination", "wait"),
    "queued": ("Not reached", "wait"),
    "rejected": ("Not accepted", "bad"),
    "unknown": ("No answer came back", "wait"),
    "conflict": ("Something had changed", "wait"),
}
WILL_BE_TRIED = ("queued", "failed")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of what happened. `times`: tries that went alike, the last one at `until`; `ahead`: still to come."""

    at: str
    words: str
    what: str = ""
    tone: str = "muted"
    took: str = ""
    times: int = 1
    until: str = ""
    is_try: bool = False
    ahead: bool = False

    @property
    def spoken(self) -> str:
        span = f"{self.at} to {self.until}" if self.until else self.at
        often = count(self.times, "try", "tries") if self.times > 1 else ""
        return ", ".join(part for part in (span, self.words, often, self.took, self.what) if part)


@dataclass(frozen=True, slots=True)
class Mark:
    """A try on the line of time, from 0 (written down) to 1 (now, or the next try)."""

    place: float
    tone: str
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    marks: tuple[Mark, ...]
    begins: str
    ends: str
    words: str


@dataclass(frozen=True, slots=True)
class _Try:
    at: int
    tone: str


def steps(item: Item, timeline: Sequence[Mapping[str, Any]], now_ms: int) -> tuple[Step, ...]:
    """Oldest first. Of very many the first and the last are shown, and how many lie between."""
    made = [*_merged(_told(timeline, now_ms)), *_ahead(item, now_ms)]
    if len(made) <= STEPS_SHOWN_MAX:
        return tuple(made)
    left_out = len(made) - STEPS_SHOWN_MAX + 1
    return (*made[:2], Step("", f"{left_out:,} more", "", "muted"), *made[2 + left_out :])


def track(item: Item, timeline: Sequence[Mapping[str, Any]], now_ms: int) -> Track | None:
    """Two tries or more, drawn in time; None where there is nothing to compare."""
    tries = [_Try(int(row["at"]), OUTCOMES[after][1]) for row, after in _tries(timeline)]
    next_ms = item.next_attempt_at if _has_next(item, now_ms) else 0
    if len(tries) + bool(next_ms) < 2 or not tries:
        return None
    begins, ends = int(timeline[0]["at"]), max(next_ms, tries[-1].at + 1)
    span = max(ends - begins, 1)
    marks = [Mark((one.at - begins) / span, one.tone) for one in tries[-MARKS_SHOWN_MAX:]]
    if next_ms:
        marks.append(Mark(1.0, "info", ahead=True))
    words = f"{count(len(tries), 'try', 'tries')} between {when(tries[0].at, now_ms)} and {when(tries[-1].at, now_ms)}"
    then = f"next {when(next_ms, now_ms)}" if next_ms else when(ends, now_ms)
    return Track(tuple(marks), when(begins, now_ms), then, f"{words}; {then}" if next_ms else words)


def _told(timeline: Sequence[Mapping[str, Any]], now_ms: int) -> Iterator[Step]:
    position = 0
    while position < len(timeline):
        row = timeline[position]
        after = timeline[position + 1] if position + 1 < len(timeline) else None
        if str(row["state"]) == "sending" and after is not None and str(after["state"]) in OUTCOMES:
            words, tone = OUTCOMES[str(after["state"])]
            took = f"after {duration(int(after['at']) - int(row['at']))}"
            yield Step(when(int(row["at"]), now_ms), words, _what(after, words), tone, took, is_try=True)
            position += 2
        else:
            words = states.item_face(str(row["state"])).words.rstrip("…")
            what = _what(row, words)
            yield Step(when(int(row["at"]), now_ms), what.rstrip(".") or words, "", _tone(str(row["state"])))
            position += 1


def _tries(timeline: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for row, after in pairwise(timeline):
        if str(row["state"]) == "sending" and str(after["state"]) in OUTCOMES:
            yield row, str(after["state"])


def _merged(told: Iterator[Step]) -> list[Step]:
    made: list[Step] = []
    for step in told:
        last = made[-1] if made else None
        if last and step.is_try and last.is_try and (step.words, step.what) == (last.words, last.what):
            made[-1] = replace(last, times=last.times + 1, until=step.at, took="")
        else:
            made.append(step)
    return made


def _ahead(item: Item, now_ms: int) -> Iterator[Step]:
    if _has_next(item, now_ms):
        yield Step(when(item.next_attempt_at, now_ms), "Next try", tone="info", ahead=True)


def _has_next(item: Item, now_ms: int) -> bool:
    return str(item.state) in WILL_BE_TRIED and item.attempts > 0 and item.next_attempt_at > now_ms


def _what(row: Mapping[str, Any], words: str) -> str:
    what = str(row.get("what", "") or "")
    return "" if what.rstrip(".") in (words, SAID.get(words)) else what


def _tone(state: str) -> str:
    return "muted" if state in ("queued", "sending", "cancelled") else states.item_face(state).tone
