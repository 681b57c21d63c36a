"""`carryon start`: one real start, watched. `carryon slo coldstart`: the kept starts against what was promised."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from agent.errors import BrokenError
from agent.starts import slo
from agent.starts.ledger import STARTS_MAX, Ledger
from agent.starts.names import CLASSES, plain
from agent.starts.record import Span, Start, StartClass
from agent.starts.waterfall import headline, seconds, waterfall
from app.cli.opening import command, json_option, profile
from app.cli.printing import DONE, INVALID, NEGATIVE, show, table

WATCHED = "app.traced"
WAIT_S_MAX = 330
DOCTOR = "Look at: carryon doctor"
ENDS: Mapping[slo.Verdict, int] = {"pass": DONE, "regress": NEGATIVE, "insufficient": INVALID}


@click.command()
@click.option("--trace", is_flag=True, help="Draw what the time went into.")
@click.option("--tools", is_flag=True, help="Also import every tool, as its first use would, and time each.")
@click.option("--no-window", is_flag=True, help="Start everything but the window.")
@json_option
@command
def start(trace: bool, tools: bool, no_window: bool, as_json: bool) -> None:
    """Start Carryon once, for real, and tell how long it took. Opens the window for a moment; without a screen it is
    drawn where nobody sees it. Ends with 1 where a model did not come up."""
    document = _run([*(["--tools"] if tools else []), *(["--no-window"] if no_window else [])])
    watched, refused = _start(document["start"]), document["refused"]
    lines = waterfall(watched) if trace else [headline(watched)]
    used = document.get("tools", [])
    lines += table([(f"First use of {one['name']}", f"{one['ms']:.1f} ms") for one in used])
    lines += [f"The model {name} did not come up: {why}" for name, why in refused.items()]
    show({**_document(watched), "tools": used, "refused": refused}, as_json=as_json, lines=lines)
    if not watched.ok:
        raise SystemExit(NEGATIVE)


@click.group("slo", invoke_without_command=True)
@json_option
@click.pass_context
def promises(context: click.Context, as_json: bool) -> None:
    """What was promised, and whether it is kept: `coldstart`, also where nothing is named."""
    if context.invoked_subcommand is None:
        context.invoke(coldstart, as_json=as_json)


@promises.command("coldstart")
@json_option
@command
def coldstart(as_json: bool) -> None:
    """The kept starts of this profile against the promise, each class for itself. Ends with 1 where it is broken, 2
    where there are too few starts to say."""
    with profile(quiet=True) as runtime:
        starts = Ledger(runtime.connection).recent(STARTS_MAX)
    found = slo.standings(starts)
    verdict = slo.verdict(found)
    parent = click.get_current_context().parent
    as_json = as_json or bool(parent and parent.params.get("as_json"))  # `carryon slo --json coldstart`
    document = {"verdict": verdict, "starts": len(starts), "classes": [_row(one) for one in found]}
    lines = [f"{len(starts)} starts kept: {verdict}", *table([_HEADS, *map(_cells, found)])]
    show(document, as_json=as_json, lines=lines)
    raise SystemExit(ENDS[verdict])


_HEADS = ("a start", "until", "starts", "half within", "95 of 100 within", "budget used", "")


def _cells(one: slo.Standing) -> tuple[str, ...]:
    until = "the window" if one.target.mark == "window" else "ready"
    if one.p50_ms is None or one.p95_ms is None or one.burn is None:
        return (CLASSES[one.target.kind], until, str(one.starts) if one.starts else "none", "", "", "", one.verdict)
    return (
        CLASSES[one.target.kind], until, str(one.starts),
        f"{seconds(one.p50_ms)} (goal {seconds(one.target.p50_ms)})",
        f"{seconds(one.p95_ms)} (goal {seconds(one.target.p95_ms)})", f"{one.burn:.0%}", one.verdict,
    )  # fmt: skip


def _row(one: slo.Standing) -> dict[str, Any]:
    return {
        "class": one.target.kind, "until": one.target.mark, "starts": one.starts, "bad": one.bad, "p50_ms": one.p50_ms,
        "p95_ms": one.p95_ms, "target_p50_ms": one.target.p50_ms, "target_p95_ms": one.target.p95_ms,
        "error_budget": one.target.budget, "burn": one.burn, "verdict": one.verdict,
    }  # fmt: skip


def _run(options: Sequence[str]) -> dict[str, Any]:
    words = [sys.executable, "-m", WATCHED, *options]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=WAIT_S_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", "") or f"it took longer than {WAIT_S_MAX} seconds"
        raise BrokenError(f"Carryon could not be started: {why}.", words[0], DOCTOR) from error
    document = _answer(done.stdout)
    if error_words := document.get("error"):
        raise BrokenError(
            f"Carryon did not come up: {error_words['what']}", error_words["where"], error_words["todo"] or DOCTOR
        )
    if done.returncode or "start" not in document:
        said = (done.stderr.strip().splitlines() or ["It said nothing."])[-1]
        raise BrokenError(f"Carryon did not come up: {said}", WATCHED, DOCTOR)
    return document


def _answer(printed: str) -> dict[str, Any]:
    """What it printed last; nothing where it died over it."""
    try:
        document = json.loads((printed.splitlines() or ["{}"])[-1])
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _start(plain_start: Mapping[str, Any]) -> Start:
    spans = tuple(Span(**one) for one in plain_start["spans"])
    return Start(**{**plain_start, "spans": spans, "kind": StartClass(plain_start["kind"])})


def _document(one: Start) -> dict[str, Any]:
    return {
        "id": one.id, "class": one.kind, "at": one.at, "app_build": one.app_build, "llama_build": one.llama_build,
        "ok": one.ok, "evidence": one.evidence, "window_ms": one.window_ms, "ready_ms": one.ready_ms,
        "first_token_ms": one.first_token_ms, "accounted": one.accounted,
        "spans": [
            {"name": span.name, "about": plain(span.name), "begin_ms": span.begin_ms, "end_ms": span.end_ms,
             "parent": span.parent}
            for span in one.spans
        ],
    }  # fmt: skip
