"""Finds out how a model's thinking is set apart from what it says, and what else stands around that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.dialects.compare import has_tag, is_tag, pieces, same_end, same_start
from models.dialects.dialect import Thinking, Way
from models.dialects.finding_calls import WRITTEN
from models.dialects.probing import NAMES, TEXT, THOUGHT, Probe, UnclearError

CUSTOM = Thinking("<think>", "</think>", begun=False, first=True)  # what most models do that say nothing about it
MARK_CHARACTERS_MAX = 200
_RAW = ("'type'", '"type"')  # blocks of content that were written out as they are
_FIELDS = ("reasoning_content", "reasoning", "thinking")


@dataclass(frozen=True, slots=True)
class Speech:
    """A message that only says something: what is before and behind the words. `prompt`: how far a prompt goes."""

    prompt: str
    before: str
    behind: str

    @property
    def header(self) -> str:
        """What a prompt and a finished message begin with alike."""
        return same_start(self.prompt, self.before)


def look_at_speech(probe: Probe) -> Speech:
    before, found, behind = probe.answer({"role": "assistant", "content": TEXT}).partition(TEXT)
    if not found:
        raise UnclearError("it does not show what the model said")
    return Speech(probe.prompt(), before, behind)


def find_thinking(probe: Probe, speech: Speech, way: Way | None, lead: str) -> Thinking:
    """`way`: how calls are handed over, where they are shown at all; `lead`: what stands before the first of them."""
    for field in _FIELDS:
        if found := _look(probe, speech, {"content": TEXT, field: THOUGHT}, _behind_thought(probe, way, field, lead)):
            return found
    blocks = [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": TEXT}]
    return _look(probe, speech, {"content": blocks}, None) or _left_open(probe, speech) or CUSTOM


def _behind_thought(probe: Probe, way: Way | None, field: str, lead: str) -> str | None:
    """What stands between a thought and a call, without what belongs to the call."""
    if way is None:
        return None
    try:
        body = probe.calls(way, WRITTEN[0], **{field: THOUGHT})
    except UnclearError:
        return None
    _, found, rest = body.partition(THOUGHT)
    between, named, _ = rest.partition(NAMES[0])
    if not found or not named:
        return None
    return between[: len(between) - len(same_end(between, lead))] if lead.strip() else between


def _look(probe: Probe, speech: Speech, fields: dict[str, Any], call: str | None) -> Thinking | None:
    try:
        body = probe.answer({"role": "assistant", **fields})
    except UnclearError:
        return None
    before, found, rest = body.partition(THOUGHT)
    between, said, _ = rest.partition(TEXT)
    if not found or not said or not between.strip() or any(word in body for word in _RAW):
        return None
    close = (same_start(between, call) if call is not None else between).strip()
    shared = same_start(speech.prompt, before)
    opening = before[len(shared) :].strip()
    begun = not opening and not has_tag(speech.prompt[len(shared) :])
    if not opening:
        opening = _last_mark(shared, (between, speech.behind))
    return Thinking(opening, close or between.strip(), begun) if opening else None


def _last_mark(text: str, others: Sequence[str]) -> str:
    """The shortest end of a text that holds a tag and occurs nowhere else."""
    mark = ""
    for piece in reversed(pieces(text.rstrip())):
        mark = piece + mark
        if is_tag(piece) and not any(mark in other for other in others):
            return mark
    return ""


def _left_open(probe: Probe, speech: Speech) -> Thinking | None:
    """A tag that a prompt ends with, where the template knows the tag that closes it."""
    last = (pieces(speech.prompt.rstrip()) or [""])[-1]
    close = re.sub(r"^([<\[]\|?)", r"\1/", last)
    known = close in probe.template.text and close not in speech.behind
    if is_tag(last) and close != last and known:
        return Thinking(last, close, begun=True)
    return None


def silent_marks(probe: Probe, speech: Speech, thinking: Thinking, primed: str) -> tuple[str, ...]:
    """What stands around the model's words and is not to be shown."""
    opening = speech.before[len(speech.header) :]
    for mark in (thinking.open, thinking.close):
        opening = opening.replace(mark, "")
    left = speech.prompt[len(speech.header) :].replace(thinking.open, "")
    before = primed + opening.strip() if opening.strip() and not left.strip() else ""
    behind = until_end(probe, speech.behind).strip()
    return tuple(mark for mark in (before, behind if has_tag(behind) else "") if 0 < len(mark) <= MARK_CHARACTERS_MAX)


def until_end(probe: Probe, text: str) -> str:
    """Up to the token that ends an answer: nothing behind it is ever written by the model."""
    kept = ""
    for piece in pieces(text):
        if is_tag(piece) and probe.tokens.ends(piece):
            return kept
        kept += piece
    return text
