"""`carryon product measure`: what the starter costs on this machine, and how that is told."""

from collections.abc import Generator
from typing import Any

import click

from agent import product as words
from app.cli.opening import command, json_option, profile
from app.cli.printing import DONE, INVALID, NEGATIVE, show, table
from models.measured import Measured, Measures
from models.starter import contract as contracts
from models.starter.loss import told
from models.starter.product import Cost
from models.starter.shares import Verdict

ENDS: dict[Verdict, int] = {"pass": DONE, "regress": NEGATIVE, "insufficient": INVALID}
TOLD_EVERY = 20  # requests


@click.command("measure")
@json_option
@command
def measure(as_json: bool) -> None:
    """Measure the starter on this machine: time, memory, processor. Ends with 1 where a limit is missed."""
    from models import measuring

    agreed, texts = contracts.read(), measuring.sample()
    with profile(quiet=True) as runtime:
        measured = _follow(measuring.measure(runtime.minds.model("starter"), texts), len(texts), quiet=as_json)
        Measures(runtime.paths.data).add(measured)
    costs = words.floors(agreed, measured)
    verdict = words.verdict_here(costs)
    document = {"measured": measured, "limits": [cost_row(one) for one in costs], "verdict": verdict}
    lines = [*measured_lines(measured), *table([(*cost_line(one), "met" if one.met else "MISSED") for one in costs])]
    show(document, as_json=as_json, lines=lines)
    raise SystemExit(ENDS[verdict])


def _follow(going: Generator[int, None, Measured], total: int, *, quiet: bool) -> Measured:
    """Through the measuring, told on stderr."""
    while True:
        try:
            done = next(going)
        except StopIteration as ended:
            measured: Measured = ended.value
            return measured
        if not quiet and done % TOLD_EVERY == 0:
            click.echo(f"{done} of {total} requests", err=True)


def cost_row(one: Cost) -> dict[str, Any]:
    return {"name": one.limit.name, "title": one.limit.title, "most": one.limit.most, "unit": one.limit.unit,
            "goal": one.limit.goal, "measured": one.measured, "met": one.met}  # fmt: skip


def cost_line(one: Cost) -> tuple[str, str, str]:
    kind = "goal" if one.limit.goal else "at most"
    measured = "not measured" if one.measured is None else told(one.measured, one.limit.unit)
    return f"  {one.limit.title}", f"{kind} {told(one.limit.most, one.limit.unit)}", measured


def measured_lines(measured: Measured) -> list[str]:
    memory = told(measured.memory_bytes, "bytes") if measured.memory_bytes is not None else "unknown"
    cpu = f"{measured.cpu_seconds * 1000:.1f} ms" if measured.cpu_seconds is not None else "unknown"
    rows = (
        ("machine", f"{measured.device_about} ({measured.device})"),
        ("model", f"{measured.model} {measured.sha256[:12]}"),
        ("first token", _two(measured.first_token_ms_median, measured.first_token_ms_p95)),
        ("whole decision", _two(measured.median_ms, measured.p95_ms)),
        ("requests a second", f"{measured.requests_per_second:,.1f}"),
        ("most memory", memory),
        ("processor a request", cpu),
    )
    return table([(f"  {name}", value) for name, value in rows])


def _two(median: float, p95: float) -> str:
    return f"{median:.1f} ms, 95 of 100 within {p95:.1f} ms"
