"""Labelled requests that nothing was trained on, and what came of each.

A row of data/held_out/*.jsonl is {"text", "tool", "args"}, with several calls {"text", "calls": [{"tool", "args"}, …]},
and may hold "after", "asked", "known", "tools" (what it is read with), "follow", "missing", "lacks", "tags", "lang".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.contracts import DecideRequest, Decision, PointedCall
from models.distill.runner import Runner
from models.distill.score import Call, same, same_outcome
from models.records import CardArgument, ToolCard
from models.starter.arithmetic import to_symbols

FOLDER = Path(__file__).parent / "data" / "held_out"

LOOKING = frozenset({
    "library.search", "library.open", "task.list", "calendar.list", "calc.evaluate", "units.convert", "clock.now",
    "file.read", "file.find", "web.fetch",
})  # fmt: skip
_NAMES = {"answered": "reply", "handoff": "handoff", "clarify": "clarify"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request and what a careful person would have it come to."""

    id: str
    request: DecideRequest
    wanted: tuple[Call, ...]
    follow: str | None = None
    lacks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"

    @property
    def outcome(self) -> str:
        """By what it is counted: a tool, reply, handoff, clarify, several, or the kind of follow-up."""
        return self.follow or ("several" if len(self.wanted) > 1 else self.wanted[0].tool)


@dataclass(frozen=True, slots=True)
class Judged:
    question: Question
    decision: Decision

    @property
    def got(self) -> tuple[Call, ...]:
        """What was done: calls, or one of reply, handoff, clarify. The calls of a follow-up hold what is new."""
        if self.decision.outcome == "called":
            return tuple(_call(call) for call in self.decision.calls)
        if self.decision.outcome == "clarify" and self.decision.lacks:
            return (Call("clarify", self.decision.guess[0].args if self.decision.guess else {}),)
        return (Call(_NAMES[self.decision.outcome], {}),)

    @property
    def outcome(self) -> bool:
        return self._followed and same_outcome(self.got, self.question.wanted)

    @property
    def _followed(self) -> bool:
        """To look once more, and to look for something else, come to the same where nothing is changed by looking."""
        pair = {self.decision.follow, self.question.follow}
        return len(pair) == 1 or (pair == {"amend", "again"} and self.question.wanted[0].tool in LOOKING)

    @property
    def exact(self) -> bool:
        asked = not self.question.lacks or set(self.decision.lacks) == set(self.question.lacks)
        return self.outcome and asked and same(self.got, self.question.wanted)

    @property
    def meant(self) -> tuple[Call, ...]:
        """What the model had in mind, sure or not: for the calibration."""
        unsure = self.decision.outcome == "clarify" and not self.decision.lacks
        return tuple(_call(call) for call in self.decision.guess) if unsure and self.decision.guess else self.got

    @property
    def wrong_action(self) -> bool:
        """Something was done, and it was not what was asked for."""
        return self.decision.outcome == "called" and not self.outcome

    @property
    def wrong_words(self) -> bool:
        """The right thing was done, with a word too many, too few or elsewhere."""
        return self.decision.outcome == "called" and self.outcome and not self.exact

    @property
    def asked_needlessly(self) -> bool:
        return self.decision.outcome == "clarify" and self.question.wanted[0].tool != "clarify"


def read(file: Path) -> list[Question]:
    rows: Iterable[dict[str, Any]] = map(json.loads, file.read_text("utf-8").splitlines())
    return [_question(row, file.stem) for row in rows]


def judge(runner: Runner, questions: Iterable[Question]) -> list[Judged]:
    return [Judged(question, runner.decide(question.request)) for question in questions]


def _question(row: dict[str, Any], stem: str) -> Question:
    asked = row.get("asked")
    return Question(
        id=row["id"],
        request=DecideRequest(
            row["text"],
            after=tuple(row.get("after", ())),
            asked=(asked[0], tuple(asked[1])) if asked else None,
            known=tuple((kind, name) for kind, name in row.get("known", ())),
            tools=tuple(_card(card) for card in row.get("tools", ())),
        ),
        wanted=tuple(_wanted(call) for call in row.get("calls", [row])),
        follow=row.get("follow"),
        lacks=tuple(row.get("lacks", ())),
        tags=tuple(row.get("tags", ())),
        language=row.get("lang", stem if stem in ("de", "es", "fr") else "en"),
    )


def _wanted(call: dict[str, Any]) -> Call:
    args = dict(call.get("args", {}))
    if "expression" in args:
        args["expression"] = to_symbols(args["expression"])  # a row may hold the sum as said
    return Call(call["tool"], args)


def _card(card: dict[str, Any]) -> ToolCard:
    return ToolCard(card["name"], card["about"], tuple(CardArgument(**argument) for argument in card["arguments"]))


def _call(call: PointedCall) -> Call:
    return Call(call.tool, call.args)
