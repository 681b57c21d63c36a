"""`carryon product`: what the starter does, what it gave up, what it costs here; and what your corrections taught."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from agent import product as words
from app.cli.corrections import corrections
from app.cli.measuring import ENDS, cost_line, cost_row, measure, measured_lines
from app.cli.opening import command, json_option, profile
from app.cli.printing import show, table
from models.measured import Measured, Measures
from models.starter import contract as contracts
from models.starter import gate, loss
from models.starter import product as products
from models.starter.product import Product


@click.group()
def product() -> None:
    """The starter as a product: its promises, its figures, its limits."""


product.add_command(corrections)
product.add_command(measure)


@product.command("ls")
@json_option
@command
def ls(as_json: bool) -> None:
    """Every capability: decided how, shown or not."""
    read = products.read()
    rows = [
        {"name": one.capability.name, "title": one.capability.title, "decision": one.capability.decision,
         "verdict": one.verdict, "n": one.row.n if one.row else 0, "exact": one.row.exact if one.row else None,
         "outcome": one.row.outcome if one.row else None, "why": one.why}
        for one in read.judged
    ]  # fmt: skip
    lines = [
        (str(row["name"]), str(row["decision"]), str(row["verdict"] or "-"), words.figure(one.row))
        for row, one in zip(rows, read.judged, strict=True)
    ]
    show(rows, as_json=as_json, lines=table(lines))


@product.command("show")
@json_option
@command
def show_product(as_json: bool) -> None:
    """What it does, what it does not and where that goes, what was measured. Ends with 1 where a promise is broken, 2
    where one is not shown yet."""
    read = products.read()
    with profile(quiet=True) as runtime:
        measured = words.here(Measures(runtime.paths.data), read.card.sha256)
    document = _document(read) | {"measured_here": measured}
    show(document, as_json=as_json, lines=list(_lines(read, measured)))
    raise SystemExit(ENDS[read.verdict])


def _document(read: Product) -> dict[str, Any]:
    return {
        "name": read.card.name, "sha256": read.card.sha256, "verdict": read.verdict,
        "capabilities": [
            {"name": one.capability.name, "title": one.capability.title, "about": one.capability.about,
             "decision": one.capability.decision, "where": one.capability.where, "why": one.capability.why,
             "who": one.capability.who, "when": one.capability.when.isoformat(), "floor": one.capability.floor,
             "measured": one.row, "verdict": one.verdict, "because": one.why}
            for one in read.judged
        ],
        "limits": [cost_row(one) for one in read.costs],
    }  # fmt: skip


def _lines(read: Product, measured: Measured | None) -> Iterator[str]:
    yield f"{read.card.name} {read.card.sha256[:12]}: {read.verdict}. {words.why(read)}"
    for group, head in loss.HEADS.items():
        kept = [one for one in read.judged if one.capability.group == group and one.capability.floor]
        if kept:
            yield from ("", head)
            yield from table([(f"  {one.capability.title}", one.verdict or "", words.figure(one.row)) for one in kept])
    yield from ("", "What it does not do, and where that goes")
    for one in read.judged:
        if one.capability.floor is None:
            yield f"  {one.capability.title}: {one.capability.where}"
    yield from ("", "What it costs")
    yield from table([cost_line(one) for one in read.costs])
    if measured:
        yield from ("", "On this machine", *measured_lines(measured))
    else:
        yield from ("", "Not measured on this machine yet: carryon product measure")


@product.command("report")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead.")
@json_option
@command
def report(out: Path | None, as_json: bool) -> None:
    """The loss statement, generated from what was measured: the same figures give the same bytes."""
    read = products.read()
    text = loss.statement(read)
    if out is not None:
        out.write_text(text, "utf-8", newline="\n")
    document = {"verdict": read.verdict, "report": text} | ({"path": str(out)} if out else {})
    show(document, as_json=as_json, lines=[f"written: {out}"] if out else text.splitlines())


@product.command("gate")
@click.argument("parent", type=click.Path(path_type=Path))
@click.argument("copy", type=click.Path(path_type=Path))
@json_option
@command
def gate_command(parent: Path, copy: Path, as_json: bool) -> None:
    """Hold a quantised COPY against its PARENT: the answers of both to the same cases, as JSON lines."""
    found = gate.compare(gate.read(parent), gate.read(copy), contracts.read())
    document = {"verdict": found.verdict, "changes": found.changes}
    show(document, as_json=as_json, lines=gate.table(found).splitlines())
    raise SystemExit(ENDS[found.verdict])


@product.command("decide")
@click.argument("capability")
@click.argument("decision", type=click.Choice(contracts.DECISIONS))
@click.option("--why", required=True, help="The reason, in a sentence.")
@click.option("--who", required=True, help="Who signs it.")
@click.option("--where", default="", help="Where such a request goes, or what remains (for sacrifice and redirect).")
@json_option
@command
def decide(capability: str, decision: str, why: str, who: str, where: str, as_json: bool) -> None:
    """Sign a decision: changes the contract of a source checkout, and nothing else in that file."""
    from app.cli.signing import sign

    changed = sign(contracts.FILE, capability, decision, why=why, who=who, where=where)
    one = changed.capability(capability)
    document = {
        "name": one.name,
        "decision": one.decision,
        "why": one.why,
        "who": one.who,
        "when": one.when.isoformat(),
    }
    show(document, as_json=as_json, lines=[f"{one.name}: {one.decision}, signed by {one.who}"])
