"""Finds out a model's dialect from its chat template. Where that shows no calls, they are written in our own protocol.

Nothing is taken from a table: every mark comes from comparing what the template makes of conversations that differ in
one thing (probing.py).
"""

from __future__ import annotations

from dataclasses import replace

from models.dialects.compare import has_tag, is_tag, pieces, same_end, same_start
from models.dialects.dialect import ENVELOPE, SLOTS, Dialect, Thinking, Way, Writing
from models.dialects.finding_calls import WRITTEN, Calls, ended_alike, find_call, look_at_calls, numbered
from models.dialects.finding_thinking import (
    CUSTOM,
    Speech,
    find_thinking,
    look_at_speech,
    silent_marks,
    until_end,
)
from models.dialects.generic import OWN_WAY, OWN_WRITING
from models.dialects.probing import RESULT, TEXT, Probe, Tokens, UnclearError, calling
from models.dialects.template import ChatTemplate

_WAYS = tuple(Way(as_text, bare) for as_text in (False, True) for bare in ("", None))


def derive(template: ChatTemplate | None, tokens: Tokens, now: float, *, calls: bool = True) -> Dialect:
    """`template` None: the model has none; `calls` False: nobody wants to know how those are written."""
    if template is None:
        return Dialect(False, OWN_WRITING, CUSTOM, OWN_WAY, why="the model has no chat template")
    probe = Probe(template, tokens, now)
    try:
        speech = look_at_speech(probe)
    except UnclearError as unclear:
        return Dialect(False, OWN_WRITING, CUSTOM, OWN_WAY, why=str(unclear))
    if not calls:
        return _ours(probe, speech, "it was not looked for")
    reasons: list[str] = []
    for way in _WAYS:
        try:
            return _native(probe, speech, way)
        except UnclearError as unclear:
            reasons.append(str(unclear))
    return _ours(probe, speech, _best(reasons))


def _best(reasons: list[str]) -> str:
    """The reason that got furthest: not that a way of asking failed, nor that it shows no call, if there is another."""
    return min(reasons, key=lambda reason: ("template" in reason, "no call" in reason))


def _ours(probe: Probe, speech: Speech, why: str) -> Dialect:
    try:
        thinking = find_thinking(probe, speech, None, "")
    except UnclearError:
        thinking = CUSTOM
    silent = silent_marks(probe, speech, thinking, "")
    return Dialect(False, OWN_WRITING, thinking, OWN_WAY, silent, why=why)


def _native(probe: Probe, speech: Speech, way: Way) -> Dialect:
    alone = probe.calls(way, WRITTEN[0])
    calls = look_at_calls(probe, way, _header(speech, alone))
    beside = _lead_after_text(probe, way, calls)
    closing = same_start(beside or "", speech.behind)
    lead = _lead(calls.lead, None if beside is None else beside[len(closing) :])
    if any(until_end(probe, text) != text for text in (lead, calls.lead)):
        raise UnclearError("it ends the answer before a call")
    primed = lead.strip() if not calls.lead.strip() and speech.prompt.endswith(lead.strip()) else ""
    thinking = find_thinking(probe, speech, way, lead)
    silent = (*silent_marks(probe, speech, thinking, primed), *([closing.strip()] if has_tag(closing) else []))
    writing = _opened(_writing(probe, speech, calls, _without(lead, thinking)), thinking, silent)
    way = replace(way, text_with_calls=beside is not None, results=_shows_results(probe, way))
    return Dialect(True, writing, thinking, way, silent, primed)


def _header(speech: Speech, alone: str) -> str:
    """What comes before the model's own words in a message that only calls."""
    if alone.startswith(speech.prompt):
        return speech.prompt
    return max(same_start(speech.prompt, alone), same_start(speech.before, alone), key=len)


def _lead_after_text(probe: Probe, way: Way, calls: Calls) -> str | None:
    """What stands between text and a call; None where both cannot stand together."""
    try:
        body = probe.calls(way, WRITTEN[0], content=TEXT)
        _, found, rest = body.partition(TEXT)
        sighted = find_call(rest, 0, 0, calls.parameters)
    except UnclearError:
        return None
    return numbered(rest[: sighted.start], 0) if found else None


def _lead(alone: str, beside: str | None) -> str:
    """What belongs to a call wherever it stands."""
    if beside is None or not beside.strip():
        return alone
    return same_end(alone, beside) if alone.strip() else beside


def _without(lead: str, thinking: Thinking) -> str:
    """Thinking that a template closes before it writes a call is no part of that."""
    for mark in (thinking.open, thinking.close):
        before, found, after = lead.partition(mark) if mark else (lead, "", "")
        lead = after if found and not before.strip() else lead
    return lead


def _writing(probe: Probe, speech: Speech, calls: Calls, lead: str) -> Writing:
    ending = same_end(calls.rest, speech.behind)
    rest = until_end(probe, calls.rest[: len(calls.rest) - len(ending)])
    middle = calls.middle
    several = middle is not None and until_end(probe, middle) == middle
    if middle is None or not several:
        return Writing("", True, "", lead, calls.form, rest, "", "", ending, False, calls.envelope, calls.parameters)
    before, long, long_in_middle = ended_alike(lead, middle)
    middle = middle[: len(middle) - long_in_middle]
    after = same_start(middle, rest)
    return Writing(
        "", True, lead[: len(lead) - long], before, calls.form, after, middle[len(after) :],
        rest[len(after) :], ending, True, calls.envelope, calls.parameters,
    )  # fmt: skip


def _opened(writing: Writing, thinking: Thinking, silent: tuple[str, ...]) -> Writing:
    """With the shortest opening that tells a call from everything else."""
    lead = _before_slot(writing.head + writing.before).lstrip()
    others = [mark for mark in (thinking.open, thinking.close, *silent) if mark]
    opening = ""
    for piece in pieces(lead):
        opening += piece
        if is_tag(piece) and not any(mark.startswith(opening) for mark in others):
            return replace(writing, opening=opening)
    opening = lead.rstrip()
    if not opening and writing.form == ENVELOPE and writing.envelope and writing.envelope.members:
        opening = f'{{"{writing.envelope.members[0].key}"'
    if not opening:
        raise UnclearError("nothing tells a call from text")
    sure = has_tag(opening + ">") and not any(mark.startswith(opening) for mark in others)
    return replace(writing, opening=opening, sure=sure)


def _before_slot(pattern: str) -> str:
    return next((pattern[:at] for at, sign in enumerate(pattern) if sign in SLOTS), pattern)


def _shows_results(probe: Probe, way: Way) -> bool:
    call = calling(way, WRITTEN[0])
    result = {"role": "tool", "content": RESULT, "tool_call_id": call["tool_calls"][0]["id"], "name": _NAME}
    try:
        return RESULT in probe.answer(call, result)
    except UnclearError:
        return False


_NAME = "zqfirst"
