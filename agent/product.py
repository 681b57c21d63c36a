"""The starter as a product, put into plain words: what it does, what it does not, what it costs, what was measured."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.protocol.records import AbilityView, FloorView, ProductView
from models.errors import ContractBadError, ModelError
from models.measured import Measured, Measures, this_device
from models.starter import loss, product
from models.starter.card import Row
from models.starter.contract import Contract
from models.starter.loss import told
from models.starter.product import Cost, Judged, Product, cost
from models.starter.shares import Verdict, worst

WORDS = {
    "pass": "Everything that it promises was shown.",
    "regress": "It falls short of what it promises.",
    "insufficient": "Not all that it promises was shown yet.",
}


def here(measures: Measures, sha256: str) -> Measured | None:
    """The newest row of these weights on this machine."""
    return measures.newest(sha256, this_device().fingerprint)


def floors(contract: Contract, measured: Measured) -> tuple[Cost, ...]:
    """The limits that a machine can be measured against."""
    found = measured.measures
    return tuple(cost(limit, found) for limit in contract.limits if limit.name in found)


def verdict_here(costs: tuple[Cost, ...]) -> Verdict:
    return worst(*(one.verdict for one in costs if one.verdict))


def why(read: Product) -> str:
    return f"{WORDS[read.verdict]} {read.counted.capitalize()}."


def view(measures: Measures, sha256: str) -> ProductView:
    """For a front end. A contract that leaves something open is told, never hidden behind an empty page."""
    try:
        read = product.read()
    except ContractBadError as error:
        return ProductView("starter", sha256, "insufficient", "", (), (), (), "", "", _told(error))
    try:
        return shown(read, here(measures, sha256 or read.card.sha256))
    except ModelError as error:  # what was measured here cannot be read; what the card says can
        return replace(shown(read, None), trouble=_told(error))


def shown(read: Product, measured: Measured | None) -> ProductView:
    return ProductView(
        name=read.card.name,
        sha256=read.card.sha256,
        verdict=read.verdict,
        why=why(read),
        abilities=tuple(map(_ability, read.judged)),
        floors=tuple(map(_floor, _limits(read, measured))),
        reliability=tuple((step.said, step.right, step.n) for step in read.card.reliability if step.n),
        measured=_when(measured) if measured else "",
        report=loss.statement(read),
    )


def _told(error: ModelError) -> str:
    return " ".join(part for part in (error.what, error.where and f"({error.where})", error.todo) if part)


def _ability(judged: Judged) -> AbilityView:
    capability = judged.capability
    return AbilityView(
        capability.title, capability.about, loss.HEADS[capability.group], capability.floor is not None,
        figure(judged.row), judged.verdict or "", capability.where,
    )  # fmt: skip


def figure(row: Row | None) -> str:
    """ "93 % right (88 to 97 %, 61 cases)" """
    if row is None or not row.n:
        return ""
    low, high = row.exact_interval
    return f"{row.exact * 100:.0f} % right ({low * 100:.0f} to {high * 100:.0f} %, {row.n} cases)"


def _limits(read: Product, measured: Measured | None) -> tuple[Cost, ...]:
    """Measured here where it was, else as the card has it."""
    own = {one.limit.name: one for one in floors(read.contract, measured)} if measured else {}
    return tuple(own.get(one.limit.name, one) for one in read.costs)


def _floor(one: Cost) -> FloorView:
    value = "not measured" if one.measured is None else told(one.measured, one.limit.unit)
    kind = "goal" if one.limit.goal else "at most"
    return FloorView(one.limit.title, f"{kind} {told(one.limit.most, one.limit.unit)}", value, one.met)


def _when(measured: Measured) -> str:
    day = datetime.fromtimestamp(measured.measured_at / 1000, UTC)
    return (
        f"{day:%Y-%m-%d}, {measured.device_about}: first token {measured.first_token_ms_median:.1f} ms "
        f"({measured.first_token_ms_p95:.1f} ms for 95 of 100), {measured.requests_per_second:,.0f} requests a second"
        + (f", {measured.cpu_seconds * 1000:.0f} ms of processor each" if measured.cpu_seconds is not None else "")
    )
