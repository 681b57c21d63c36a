"""The loss statement: what the starter gave up, generated from measured rows. The same card gives the same bytes.

The teacher is a careful person who knows what was meant: the labels, right by definition. Each capability is one line
and counts once, however often it is asked for; the average over requests stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.starter.card import Card, Interval, Row
from models.starter.contract import Capability, Contract
from models.starter.product import Judged, Product, judge
from models.starter.shares import Verdict

DECIDED = {"keep": "kept", "sacrifice": "given up", "redirect": "redirected"}
FOUND = {"pass": "pass", "regress": "**below**", "insufficient": "not shown"}
HEADS = {
    "tools": "What you can ask for", "care": "With care", "follow_ups": "Going on from what was said",
    "how": "However it is said", "languages": "In other languages than English", "talk": "Talking",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a student is not accepted: a capability that its contract keeps and its rows do not show."""

    name: str
    verdict: Verdict
    why: str


def refuse(rows: Iterable[Row], contract: Contract) -> tuple[Refusal, ...]:
    """Every reason against a student with these rows; empty: it is accepted. No average outweighs a floor."""
    by_name = {row.name: row for row in rows}
    found = (judge(one, by_name.get(one.name), contract.level) for one in contract.held)
    return tuple(
        Refusal(one.capability.name, one.verdict, one.why) for one in found if one.verdict not in (None, "pass")
    )


def macro(rows: Sequence[Row]) -> float:
    """Each capability counts the same."""
    return sum(row.exact for row in rows) / len(rows) if rows else 0.0


def micro(rows: Sequence[Row]) -> float:
    """Each case counts the same; a case may stand in several rows."""
    total = sum(row.n for row in rows)
    return sum(row.exact_right for row in rows) / total if total else 0.0


def statement(product: Product) -> str:
    """Markdown, ending in a line feed."""
    parts = [*_opening(product), *_costs(product)]
    for group, head in HEADS.items():
        judged = [one for one in product.judged if one.capability.group == group]
        if any(one.row for one in judged) or any(one.capability.floor for one in judged):
            parts += ["", f"## {head}", "", *_table(judged)]
    parts += ["", "## What it does not do, and where that goes", "", *_given_up(product.contract)]
    return "\n".join((*parts, ""))


def _opening(product: Product) -> list[str]:
    card = product.card
    rows = [one.row for one in product.judged if one.row and one.capability.decision == "keep"]
    teacher = (
        "a careful person who wrote the requests and their labels: right in every case, by definition"
        if card.teacher is None
        else f"the labels; trained on answers of {card.teacher.get('name', 'another model')}"
        f" ({card.teacher.get('licence', 'licence unknown')}, {card.teacher.get('sha256', '')[:12]})"
    )
    return [
        f"# What the {card.name} gave up",
        "",
        f"- model: {card.sha256}{', ' + card.quantisation if card.quantisation else ''}",
        f"- measured against: {teacher}",
        *([f"- measured on: {card.measured_on}"] if card.measured_on else []),
        f"- verdict: {product.verdict} ({product.counted})",
        f"- all right, each capability counted once: {macro(rows):.1%}",
        f"- all right, each case counted once: {micro(rows):.1%} of {sum(row.n for row in rows):,}",
        "",
        "“Right” is the right tool with every argument, “done” the right thing done, maybe with a word too many. Lost",
        "is right less the careful person's 100 %, with its 95 % interval. A floor is passed only where the cases show",
        f"it with {product.contract.level:.0%} certainty; “not shown” is too few cases, or too close to tell.",
    ]


def _costs(product: Product) -> list[str]:
    lines = ["", "## What it costs", "", "| | at most | measured | |", "|---|---|---|---|"]
    for one in product.costs:
        verdict = ("goal" if one.limit.goal else "") or FOUND[one.verdict or "insufficient"]
        measured = "not yet" if one.measured is None else told(one.measured, one.limit.unit)
        lines.append(f"| {one.limit.title} | {told(one.limit.most, one.limit.unit)} | {measured} | {verdict} |")
    return lines


def _table(judged: Iterable[Judged]) -> list[str]:
    lines = [
        "| capability | cases | right | lost | done | decided | floor |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    return [*lines, *(_line(one) for one in judged if one.row or one.capability.floor)]


def _line(one: Judged) -> str:
    row, capability = one.row, one.capability
    name = f"{capability.title} (`{capability.name}`)"
    if row is None or not row.n:
        return f"| {name} | 0 | | | | {_decided(capability)} | {_found(one)} |"
    return (
        f"| {name} | {row.n} | {row.exact:.1%} | {_lost(row.exact, row.exact_interval)} | {row.outcome:.1%} "
        f"| {_decided(capability)} | {_found(one)} |"
    )


def _lost(share: float, interval: Interval) -> str:
    low, high = ((edge - 1) * 100 for edge in interval)
    return f"{_minus((share - 1) * 100)} ({_minus(low)} to {_minus(high)})"


def _minus(points: float) -> str:
    shown = f"{abs(points):.1f}"
    return "0.0" if shown == "0.0" else f"−{shown}"


def _found(one: Judged) -> str:
    return FOUND[one.verdict] if one.verdict else "none"


def _decided(capability: Capability) -> str:
    return DECIDED[capability.decision]


def _given_up(contract: Contract) -> list[str]:
    return [
        f"- **{one.title}** ({DECIDED[one.decision]} by {one.who}, {one.when:%Y-%m-%d}): {one.where}. {one.why}"
        for one in contract.capabilities
        if one.floor is None
    ]


def told(value: float, unit: str) -> str:
    """A measure for people: 24.0 MB, 120 ms, 1.0 %."""
    if unit == "bytes":
        return f"{value / 1e6:,.1f} MB"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.1f} {unit}" if value < 100 else f"{value:,.0f} {unit}"


__all__ = ["Card", "Refusal", "macro", "micro", "refuse", "statement", "told"]
