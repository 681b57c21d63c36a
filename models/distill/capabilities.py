"""Which capabilities of the starter's contract a question of the exam is about, and how they came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from models.contracts import DecideRequest
from models.distill.evaluate import row
from models.distill.exam import Judged, Question
from models.distill.score import Call
from models.starter.gate import Case
from models.starter.vocabulary import TOOLS

_LANGUAGES = {"de": "german", "es": "spanish", "fr": "french"}
_TAGS = {"typo": "typos", "nonnative": "non_native", "chatty": "chatter", "names": "names", "known": "context_names",
         "lowered": "no_capitals"}  # fmt: skip
_OUTCOMES = {"clarify": "asking_back", "several": "several_intents"}


def capabilities_of(question: Question) -> tuple[str, ...]:
    """A question counts in every one that it is about. In other languages than English it is about that language."""
    if question.language in _LANGUAGES:
        return (_LANGUAGES[question.language],)
    if question.request.tools:
        return ("user_tools",)
    how = [_TAGS[tag] for tag in question.tags if tag in _TAGS]
    outcome = _OUTCOMES.get(question.outcome, question.outcome)
    return tuple(how) if "lowered" in question.tags else (outcome, *how)


def lowered(questions: Iterable[Question]) -> list[Question]:
    """English requests once more as most people type them: no capitals, no full stop at the end."""
    return [
        replace(
            one,
            id=f"{one.id}-lowered",
            request=DecideRequest(one.request.text.lower().rstrip(" .!?")),
            wanted=tuple(Call(call.tool, _lowered(call.args)) for call in one.wanted),
            tags=("lowered",),
        )
        for one in questions
        if one.language == "en" and one.request == DecideRequest(one.request.text) and one.wanted[0].tool in TOOLS
        and one.request.text != one.request.text.lower()
    ]  # fmt: skip


def _lowered(args: Any) -> dict[str, str]:
    return {name: value.lower().rstrip(" .!?") for name, value in args.items()}


def rows_of(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """A row of the card for each capability; of hand-offs also how many were false."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        for name in capabilities_of(one.question):
            groups.setdefault(name, []).append(one)
    rows = {name: row(name, groups[name]) for name in sorted(groups)}
    if "handoff" in rows:
        able = [j for j in judged if j.question.wanted[0].tool != "handoff" and not j.question.request.tools]
        false = sum(j.decision.outcome == "handoff" for j in able)
        rows["handoff"] |= {"false_n": len(able), "false_share": round(false / len(able), 4) if able else 0.0}
    return list(rows.values())


def cases_of(judged: Iterable[Judged]) -> list[Case]:
    """For the gate of a quantised copy."""
    return [Case(j.question.id, capabilities_of(j.question), j.exact, j.outcome) for j in judged]
