"""The starter as a product: what its contract promises beside what was measured, and the verdict on both.

    product = read()           # contract.toml and card.json
    product.verdict            # pass | regress | insufficient
    product.judged             # the same for each capability, with the row behind it

A floor is passed only where the measured share shows it with the contract's certainty; few cases never pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from models.errors import ContractBadError
from models.starter import card as cards
from models.starter import contract as contracts
from models.starter.card import Card, Row
from models.starter.contract import Capability, Contract, Floor, Limit
from models.starter.shares import Verdict, at_least, at_most, worst

# Rows of the card that sum up and are no capability of their own.
SUMS = frozenset({"all", "held_out", "sample"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A capability with its measured row. `verdict` None: nothing is promised, so nothing is judged."""

    capability: Capability
    row: Row | None
    verdict: Verdict | None
    why: str


@dataclass(frozen=True, slots=True)
class Cost:
    """A limit with what was measured. `verdict` None: a goal, or not measured."""

    limit: Limit
    measured: float | None
    verdict: Verdict | None

    @property
    def met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.limit.most


@dataclass(frozen=True, slots=True)
class Product:
    contract: Contract
    card: Card
    judged: tuple[Judged, ...]
    costs: tuple[Cost, ...]

    @property
    def verdicts(self) -> tuple[tuple[str, Verdict], ...]:
        """Title and verdict of all that is judged."""
        return (
            *((one.capability.title, one.verdict) for one in self.judged if one.verdict),
            *((one.limit.title, one.verdict) for one in self.costs if one.verdict),
        )

    @property
    def verdict(self) -> Verdict:
        return worst(*(verdict for _, verdict in self.verdicts))

    def titles(self, verdict: Verdict) -> tuple[str, ...]:
        return tuple(title for title, found in self.verdicts if found == verdict)

    @property
    def counted(self) -> str:
        """ "of 42 floors 37 shown, 1 missed, 4 not shown yet" """
        shown, missed, open_ = (len(self.titles(verdict)) for verdict in get_args(Verdict))
        return f"of {shown + missed + open_} floors {shown} shown, {missed} missed, {open_} not shown yet"


def read(contract: Path = contracts.FILE, card: Path = cards.FILE) -> Product:
    """ContractBadError when either cannot be read, leaves something open, or does not fit the other."""
    return join(contracts.read(contract), cards.read(card))


def join(contract: Contract, card: Card) -> Product:
    names = {one.name for one in contract.capabilities}
    for row in card.rows:
        if row.name not in names | SUMS:
            raise ContractBadError(
                f"{row.name!r} was measured, and nobody decided about it.", "contract.toml",
                "Decide it: keep, sacrifice or redirect. Until then it blocks the release.",
            )  # fmt: skip
    if card.name != contract.product:
        raise ContractBadError(f"The contract is of {contract.product!r}, the card of {card.name!r}.", "card.json")
    judged = tuple(judge(one, card.row(one.name), contract.level) for one in contract.capabilities)
    return Product(contract, card, judged, tuple(cost(limit, card.measures) for limit in contract.limits))


def judge(capability: Capability, row: Row | None, level: float) -> Judged:
    if capability.floor is None:
        return Judged(capability, row, None, "Nothing is promised here.")
    found, why = verdict_of(capability.floor, row, level)
    return Judged(capability, row, found, why)


def verdict_of(floor: Floor, row: Row | None, level: float) -> tuple[Verdict, str]:
    """The worst of what the floor asks for, and why, in words."""
    if row is None or row.n < floor.cases:
        n = row.n if row else 0
        return "insufficient", f"{n} of the {floor.cases} cases that it takes."
    found: list[tuple[Verdict, str]] = []
    for what, share, right, least in (
        ("all right", row.exact, row.exact_right, floor.exact),
        ("the right thing done", row.outcome, row.outcome_right, floor.outcome),
    ):
        if least is not None:
            verdict = at_least(right, row.n, least, level)
            found.append((verdict, f"{share:.1%} {what}, {_stands(verdict)} the floor of {least:.0%}."))
    if floor.false_most is not None:
        found.append(_false_ones(floor, row, level))
    worst_of = worst(*(verdict for verdict, _ in found))
    return worst_of, " ".join(why for verdict, why in found if verdict == worst_of)


def _false_ones(floor: Floor, row: Row, level: float) -> tuple[Verdict, str]:
    assert floor.false_most is not None
    if row.false_n < floor.cases:
        return "insufficient", f"{row.false_n} of the {floor.cases} cases that could wrongly be handed off."
    verdict = at_most(round(row.false_share * row.false_n), row.false_n, floor.false_most, level)
    beyond = {"pass": "at most", "regress": "more than", "insufficient": "not shown to be below"}[verdict]
    return verdict, f"{row.false_share:.1%} wrongly handed off, {beyond} {floor.false_most:.0%}."


def _stands(verdict: Verdict) -> str:
    return {"pass": "above", "regress": "below", "insufficient": "not shown to be above"}[verdict]


def cost(limit: Limit, measures: Mapping[str, float]) -> Cost:
    measured = measures.get(limit.name)
    if limit.goal or measured is None:
        return Cost(limit, measured, None if limit.goal else "insufficient")
    return Cost(limit, measured, "pass" if measured <= limit.most else "regress")
