"""What a turn asks, so that the next message can complete the call: what it lacks, or which reading is meant."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.loop.ports import Intended, Thought, Voice
from agent.protocol.records import Call, Choice, Planned, Question
from agent.tools.results import NeedsClarification
from agent.tools.spec import ToolSpec

# Which argument a tool's question is about, where its name does not tell.
ABOUT: Mapping[str, tuple[str, ...]] = {
    "address": ("to",), "address_bad": ("to",), "which_note": ("title",), "which_task": ("title",),
    "which_item": ("title",), "which_file": ("path",), "time": ("when", "due"), "unit": ("from", "to"),
    "setting": ("key",),
}  # fmt: skip

_TOLD_APART = re.compile(r" \(\d{4}-\d\d-\d\d \d\d:\d\d\)$")  # behind one of several equal titles


def asked_back(thought: Thought, voice: Voice) -> tuple[str, Question | None]:
    """The words of the question, and what an answer to it completes."""
    if thought.missing and thought.lacks:
        given = thought.guess[0].args if thought.guess else {}
        question = Question(thought.missing, given, thought.lacks, *_carried(thought.guess))
        return voice.clarify(thought.missing, thought.lacks, given), question
    second = () if thought.second == thought.guess else thought.second
    readings = [calls for calls in (thought.guess, second) if calls]
    if not readings:
        return voice.clarify(thought.missing), None
    offers = [" + ".join(voice.offer(call.tool, call.args) for call in calls) for calls in readings]
    choices = tuple(Choice(_on_a_button(words), _planned(calls)) for words, calls in zip(offers, readings, strict=True))
    return voice.readings(offers), Question(choices=choices)


def of_tool(asks: NeedsClarification, call: Call, spec: ToolSpec, instead_of: str = "") -> Question:
    """What completes a call about which a tool has a question."""
    lacking = _argument(asks, call.args, spec)
    ids = asks.ids or ("",) * len(asks.choices)
    choices = tuple(
        Choice(words, (Planned(call.tool, _with(call.args, lacking, _TOLD_APART.sub("", words)), target),))
        for words, target in zip(asks.choices, ids, strict=True)
    )
    return Question(call.tool, dict(call.args), (lacking,) if lacking else (), choices, call.id, instead_of)


def _argument(asks: NeedsClarification, args: Mapping[str, Any], spec: ToolSpec) -> str:
    """The argument whose value did not do, or is not there."""
    names = [param.name for param in spec.params]
    if asks.ask in names:
        return asks.ask
    likely = [name for name in ABOUT.get(asks.ask, ()) if name in names]
    said = {str(value) for value in asks.facts.values()}
    by_value = [name for name in (*likely, *names) if str(args.get(name, "")) in said - {""}]
    return next(iter((*by_value, *likely, *spec.required)), "")


def _with(args: Mapping[str, Any], name: str, value: str) -> dict[str, str]:
    return {**args, name: value} if name and value else dict(args)


def _carried(guess: Sequence[Intended]) -> tuple[tuple[Choice, ...], str, str]:
    """A question after a question is still about the same stored call."""
    call = guess[0] if guess else None
    return (), call.answers if call else "", call.earlier.id if call and call.earlier else ""


def _planned(calls: Sequence[Intended]) -> tuple[Planned, ...]:
    return tuple(Planned(call.tool, call.args, call.target) for call in calls)


def _on_a_button(words: str) -> str:
    return words[:1].upper() + words[1:]
