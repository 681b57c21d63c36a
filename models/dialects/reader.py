"""Takes an answer apart as it streams: what is said, what is thought, what is called.

It holds back only what may be the beginning of a mark, and blanks that a call would swallow. A call that cannot be used
comes out as text, with the reason; nothing that the model wrote is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models.contracts import CALLS_MAX, ChatTool
from models.dialects.call_reading import Section
from models.dialects.checking import whats_wrong
from models.dialects.dialect import Dialect
from models.dialects.flow import Flow
from models.dialects.marks import Marks, overlap
from models.dialects.source import MalformedError, Source, Steps


@dataclass(frozen=True, slots=True)
class Said:
    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    text: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A call that fits its tool."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A call that cannot be used; its text is said too."""

    reason: str


Event = Said | Thought | Wrote | Spoiled


class Reader:
    """`tools` empty: calls are not looked for. `sections`: how many times calls were begun; `after_thinking`: what came
    in one piece with the mark that closed the last thinking, and behind it."""

    def __init__(self, dialect: Dialect, tools: Mapping[str, ChatTool]) -> None:
        self._dialect = dialect
        self._tools = tools
        self._marks = Marks(dialect, calls=bool(tools))
        self._mode: Literal["text", "thinking", "call"] = "thinking" if dialect.thinking.begun else "text"
        self._held = dialect.primed
        self._base = 0  # characters that were there before what is held
        self._hidden = [(0, len(self._held))] if self._held else []  # places of control tokens, and of what we wrote
        self._last = ""  # letter of the text that was taken, none behind a mark
        self._text = Flow(holds=bool(tools))
        self._thought = Flow(holds=True)
        self._events: list[Event] = []
        self._final = False
        self.sections = 0
        self.after_thinking = ""
        self._source = Source()
        self._section = Section(self._source, dialect.writing, tools)
        self._steps: Steps[None] | None = None
        self._opening = ""  # of this section of calls
        self._told = 0  # how many of them
        self._calls = 0  # how many that can be used

    def feed(self, text: str, *, control: bool = False) -> list[Event]:
        """What has become certain. `control`: the text of a control token, which is never shown."""
        if control and text:
            start = self._base + len(self._held if self._steps is None else self._source.text)
            self._hidden.append((start, start + len(text)))
        if self._steps is not None:
            self._source.feed(text)
        else:
            self._held += text
        return self._go_on(final=False)

    def finish(self) -> list[Event]:
        """What is left when no more comes."""
        self._final = True
        self._source.end()
        return self._go_on(final=True)

    @property
    def thinking(self) -> bool:
        return self._mode == "thinking"

    @property
    def pending(self) -> str | None:
        """What the model wrote of a section of calls; None where there is none, or it may still be text."""
        if self._steps is None or not self._section.certain():
            return None
        return self._source.text[len(self._dialect.primed) if self.primed else 0 :]

    @property
    def primed(self) -> bool:
        """Whether the prompt has begun what is held now: nothing was taken from the beginning of the answer."""
        return self._base == 0 and bool(self._dialect.primed)

    # -- the three ways of going on ------------------------------------------------------------------------------

    def _go_on(self, *, final: bool) -> list[Event]:
        while self._once(final=final):
            pass
        if final and (space := self._text.rest()):
            self._events.append(Said(space))
        events, self._events = self._events, []
        return events

    def _once(self, *, final: bool) -> bool:
        """Do what can be done; whether there may be more."""
        if self._steps is not None:
            return self._call_on(self._steps)
        return self._think_on(final=final) if self._mode == "thinking" else self._speak_on(final=final)

    def _think_on(self, *, final: bool) -> bool:
        close = self._dialect.thinking.close
        at = self._held.find(close) if close else -1
        if at >= 0:
            self._think(self._taken(at))
            self._taken(len(close))
            self.after_thinking = self._held
            self._turn("text")
            return True
        keep = 0 if final else overlap(self._held, close)
        self._think(self._taken(len(self._held) - keep))
        return False

    def _speak_on(self, *, final: bool) -> bool:
        hit = self._marks.find(self._held, before=self._last, spoken=self._text.begun, final=final)
        self._last = self._held[: hit.start][-1:] or self._last
        self._say(self._taken(hit.start))
        if not hit.mark:
            return False
        if hit.kind == "call":
            self._open(hit.mark)
            return True
        self._taken(len(hit.mark))
        self._last = ""
        if hit.kind == "think":
            self._turn("thinking")
        return True

    def _turn(self, mode: Literal["text", "thinking"]) -> None:
        self._mode, self._last = mode, ""
        self._text.break_off()
        self._thought = Flow(holds=True)

    # -- calls ---------------------------------------------------------------------------------------------------

    def _open(self, mark: str) -> None:
        self._opening = mark
        self._mode, self._told = "call", 0
        self.sections += 1
        self._source = Source(self._held)
        if self._final:
            self._source.end()
        self._section = Section(self._source, self._dialect.writing, self._tools)
        self._steps = self._section.read()
        self._held = ""

    def _call_on(self, steps: Steps[None]) -> bool:
        try:
            next(steps)
        except StopIteration:
            self._tell()
            self._close(self._source.at)
        except MalformedError as error:
            self._tell()
            self._spoil(str(error))
        else:
            self._tell()
            return False
        return True

    def _tell(self) -> None:
        """The calls that are complete and not told yet."""
        for call in self._section.found[self._told :]:
            self._told += 1
            reason = whats_wrong(call.name, call.arguments, self._tools)
            if reason is None and self._calls >= CALLS_MAX:
                reason = f"The model wrote more than {CALLS_MAX} calls in one answer; the others are not carried out."
            if reason is None:
                self._calls += 1
                self._text.break_off()
                self._events.append(Wrote(call.name, call.arguments))
                continue
            self._say(self._source.text[call.start : call.end])
            self._events.append(Spoiled(reason))

    def _spoil(self, reason: str) -> None:
        """What is behind the last complete call is none: it becomes text again, its opening first."""
        found, certain = self._section.found, self._section.certain()
        if certain:
            self._events.append(Spoiled(f"The model began a call that cannot be read: {reason}."))
        self._close(found[-1].end if found else 0)
        if not found:
            self._say(self._taken(len(self._opening)))

    def _close(self, at: int) -> None:
        """Go on with the text from `at`."""
        self._held, self._steps, self._mode = self._source.text, None, "text"
        self._taken(at)

    # -- saying --------------------------------------------------------------------------------------------------

    def _taken(self, count: int) -> str:
        """The first `count` characters of what is held, without what is not to be shown."""
        text, self._held = self._held[:count], self._held[count:]
        end = self._base + len(text)
        for start, stop in reversed(self._hidden):
            if self._base <= start and stop <= end:
                text = text[: start - self._base] + text[stop - self._base :]
        self._hidden = [(start, stop) for start, stop in self._hidden if stop > end]
        self._base = end
        return text

    def _say(self, text: str) -> None:
        if shown := self._text.push(text):
            self._events.append(Said(shown))

    def _think(self, text: str) -> None:
        if shown := self._thought.push(text):
            self._events.append(Thought(shown))
