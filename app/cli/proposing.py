"""`carryon models catalog`: the models that Carryon proposes, and which of them fit this machine."""

from typing import TYPE_CHECKING, Any

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import aside, show, table
from models.errors import ModelError

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.devices.records import Device
    from models.gallery import Machine, Proposal, Speed

MEASURING = "Measuring how fast this machine is; a few seconds, once."


@click.command("catalog")
@click.option("--again", is_flag=True, help="Measure the speed of this machine again.")
@click.option("--unmeasured", is_flag=True, help="Do not measure; judge by memory alone.")
@json_option
@command
def catalog(again: bool, unmeasured: bool, as_json: bool) -> None:
    """Models to fetch: size, licence, how well they call tools, and whether they fit this machine."""
    from models.downloads import unfinished
    from models.gallery import offers, propose, this_machine, version

    with profile(quiet=True) as runtime:
        machine = this_machine(_speed(runtime, again=again, unmeasured=unmeasured), _devices())
        known = {model.path: model.name for model in runtime.catalog.list()}
        paused = unfinished(runtime.paths.data / "models")
        proposals = propose(offers(), machine, known, paused)
    document = {"version": version(), "machine": machine, "models": [_record(one) for one in proposals]}
    show(document, as_json=as_json, lines=_lines(proposals, machine))


def _speed(runtime: "Runtime", *, again: bool, unmeasured: bool) -> "Speed | None":
    """As it was measured here before, else measured now; a measuring that fails leaves the verdicts to memory."""
    from models.gallery import Speeds, measure

    kept = Speeds(runtime.paths.data)
    if unmeasured or (not again and kept.here()):
        return kept.here()
    click.echo(MEASURING, err=True)
    try:
        speed = measure(runtime.paths.cache)
        kept.keep(speed)
    except ModelError as error:
        aside(str(error))
        return kept.here()
    return speed


def _devices() -> "tuple[Device, ...]":
    """What llama.cpp can compute on; a driver that fails leaves the verdicts to memory."""
    from models.host.devices import ask_devices

    report = ask_devices()
    if report.problem:
        aside(report.problem)
    return report.devices


def _record(one: "Proposal") -> dict[str, Any]:
    offer, fit = one.offer, one.fit
    return {
        "name": offer.name, "title": offer.title, "publisher": offer.publisher, "repository": offer.repository,
        "file": offer.file, "address": offer.address(), "size_bytes": offer.size_bytes, "licence": offer.licence,
        "architecture": offer.architecture, "parameters": offer.parameters,
        "active_parameters": offer.active_parameters or offer.parameters, "context": offer.context,
        "thinks": offer.thinks, "languages": offer.languages, "tools": offer.tools, "tools_about": offer.tools_about,
        "tools_source": offer.tools_source, "confirmed": offer.confirmed, "verdict": fit.verdict, "words": fit.words,
        "needs_bytes": fit.needs_bytes, "card_share": round(fit.card_share, 3),
        "tokens_per_second": fit.tokens_per_second, "words_per_second": fit.words_per_second, "how": fit.how,
        "here_as": one.here_as,
        "paused_bytes": one.paused.done if one.paused else 0,
    }  # fmt: skip


def _lines(proposals: "tuple[Proposal, ...]", machine: "Machine") -> list[str]:
    rows = [
        (one.offer.name, f"{one.offer.size_bytes / 1e9:.1f} GB", one.offer.licence, f"tools: {one.offer.tools}",
         _standing(one))
        for one in proposals
    ]  # fmt: skip
    speed = machine.speed
    reckoned = (
        f"Speeds are estimates: {speed.bytes_per_second / 1e9:.1f} GB of weights a second were measured here."
        if speed
        else "Speeds were not measured here: carryon models catalog --again"
    )
    if speed and speed.disturbed:
        reckoned += " Other programs kept the processor busy then; for a fairer figure: carryon models catalog --again"
    return [*table(rows), "", reckoned, "To get one: carryon models pull NAME. Everything about each: --json"]


def _standing(one: "Proposal") -> str:
    if one.here_as:
        return f"Here, as {one.here_as}. {one.fit.words}"
    if one.paused:
        share = 100 * one.paused.done // one.paused.total
        return f"Paused at {share} %; pull it to go on. {one.fit.words}"
    return one.fit.words
