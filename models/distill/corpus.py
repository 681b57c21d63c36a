"""The corpus: hand-written wordings from data/requests, and requests composed from them.

A tenth of the wordings, chosen by a hash of the line, is held out: no training request is ever made from those.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.distill.noise import noisy
from models.distill.slots import kinds
from models.distill.wording import Marked, Segment, segments_of
from models.starter.vocabulary import (
    CALLS_MAX,
    CLARIFY,
    HANDOFF,
    REPLY,
    TOOLS,
    setting_token,
    tool_token,
    topic_token,
)  # fmt: skip

DATA = Path(__file__).parent / "data"
HELD_OUT_EACH = 10
SEVERAL_SHARE = 0.13  # of requests with more than one call
CHATTER_SHARE = 0.3

# How often each outcome is drawn; one not named here has weight 4.
WEIGHTS = {"task.add": 8, "email.send": 8, "calendar.add": 8, "note.create": 8, "message.post": 6, "handoff": 8,
           "library.search": 7, "note.append": 6, "issue.create": 5, "rc.set": 5, "library.open": 5, "task.done": 5,
           "clarify": 5, "reply": 5, "clock.now": 3}  # fmt: skip
# What people ask for together with something else.
JOINED = ("email.send", "message.post", "issue.create", "task.add", "task.add", "note.create", "note.append",
          "calendar.add", "timer.set", "task.done", "library.search", "calendar.list", "web.fetch")  # fmt: skip
JOINERS = (" and ", " and ", ", and ", ", and ", ", then ", " then ", ". ", ". ", "; ", ", ", " and also ", ". also ",
           ", also ", ". and ", " plus ", "\n", ". then ", " & ", ", and then ", ". oh and ")  # fmt: skip
_IMPERATIVE = re.compile(
    r"(e?-?mail|send|write|post|open|create|add|put|set|remind|note|make|start|schedule|book|block|tell|let|message|"
    r"announce|file|log|raise|report|append|jot|take|save|mark|tick|check|cross|find|search|look|show|list|give|get|"
    r"fetch|read|drop|shoot|nudge|poke|ping|pencil|reserve|plan|convert|calculate|compute|work|count|pull|bring|"
    r"throw|stick|inform|notify|share|slack|ask|buzz|don't let|load|grab|download)\b"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """One hand-written line: the outcome it asks for, how the answer opens, and the text in the notation."""

    outcome: str
    head: tuple[str, ...]
    text: str

    @property
    def held_out(self) -> bool:
        return int.from_bytes(hashlib.sha256(self.text.encode()).digest()[:4]) % HELD_OUT_EACH == 0

    @property
    def imperative(self) -> bool:
        return bool(_IMPERATIVE.match(self.text))


def wordings() -> list[Wording]:
    return [wording for file in sorted((DATA / "requests").glob("*.txt")) for wording in _read(file)]


def digest() -> str:
    """SHA-256 over every data file, name and bytes, in order."""
    total = hashlib.sha256()
    for file in sorted(DATA.rglob("*.txt")):
        total.update(file.relative_to(DATA).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _read(file: Path) -> Iterator[Wording]:
    for line in dict.fromkeys(file.read_text("utf-8").splitlines()):
        if line.strip() and not line.startswith("# "):
            yield _wording(file.stem, line)


def _wording(outcome: str, line: str) -> Wording:
    label, _, text = line.partition(" :: ")
    if outcome in TOOLS and outcome != "rc.set":
        return Wording(outcome, (tool_token(outcome),), line)
    if outcome == "handoff":
        return Wording(outcome, (HANDOFF,), line)
    head = {
        "reply": (REPLY, topic_token(label)),
        "clarify": (CLARIFY, tool_token(label)),
        "rc.set": (tool_token("rc.set"), setting_token(label)),
    }[outcome]
    return Wording(outcome, head, text)


class Composer:
    """Draws requests from a set of wordings; the same seed gives the same requests."""

    def __init__(self, lines: list[Wording], seed: int) -> None:
        self._rng = random.Random(seed)
        self._kinds = kinds()
        self._by_outcome: dict[str, list[Wording]] = {}
        for line in lines:
            self._by_outcome.setdefault(line.outcome, []).append(line)
        self._outcomes = list(self._by_outcome)
        self._weights = [WEIGHTS.get(outcome, 4) for outcome in self._outcomes]
        self._chatter = {
            file.stem: file.read_text("utf-8").splitlines() for file in sorted((DATA / "chatter").glob("*.txt"))
        }

    def draw(self) -> Marked:
        if self._rng.random() < SEVERAL_SHARE:
            return self._finish(self._several(), chatty=True)
        outcome = self._rng.choices(self._outcomes, self._weights)[0]
        return self.render(self._rng.choice(self._by_outcome[outcome]))

    def render(self, wording: Wording) -> Marked:
        marked = Marked(segments_of(wording.text, self._kinds, self._rng), [wording.head])
        return self._finish(marked, chatty=wording.outcome != "reply", imperative=wording.imperative)

    def _several(self) -> Marked:
        count = self._rng.choice((2, 2, 2, 2, 3)) if CALLS_MAX > 2 else 2
        segments: list[Segment] = []
        heads: list[tuple[str, ...]] = []
        for call in range(count):
            pool = [line for line in self._by_outcome.get(self._rng.choice(JOINED), []) if line.imperative]
            if not pool:
                continue
            wording = self._rng.choice(pool)
            part = segments_of(wording.text, self._kinds, self._rng, len(heads))
            segments += [Segment(self._rng.choice(JOINERS)), *part] if call and segments else part
            heads.append(wording.head)
        return Marked(segments, heads)

    def _finish(self, marked: Marked, *, chatty: bool, imperative: bool = True) -> Marked:
        segments = marked.segments
        if chatty and self._rng.random() < CHATTER_SHARE:
            segments = self._chat(segments, imperative)
        segments = [segment for segment in noisy(segments, self._rng) if segment.text]
        return Marked(segments, marked.heads)

    def _chat(self, segments: list[Segment], imperative: bool) -> list[Segment]:
        pick = self._rng.random()
        if pick < 0.5:
            before = self._rng.choice(self._chatter["before"])
            if before[-1].isalpha() and not imperative:
                before += ","
            segments = [Segment(before + " "), *segments]
        if pick > 0.85 or 0.4 < pick < 0.5:
            sentences = " ".join(self._chatter_sentence() for _ in range(self._rng.choice((1, 1, 1, 2, 3))))
            segments = [Segment(sentences + " "), *segments]
        if 0.45 < pick < 0.88:
            after = self._rng.choice(self._chatter["after"])
            segments = [*segments, Segment(after if not after[0].isalnum() else " " + after)]
        return segments

    def _chatter_sentence(self) -> str:
        text = self._rng.choice(self._chatter["sentence"])
        return "".join(segment.text for segment in segments_of(text, self._kinds, self._rng))
