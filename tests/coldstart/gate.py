"""Gathers what the verdict rests on: starts of each class and, between them, the bare things below, so that a drift of
the machine hits both alike."""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.starts.record import UNACCOUNTED, StartClass
from agent.starts.slo import quantile
from models.catalog import STARTER_FILE
from tests.coldstart import processes, profiles
from tests.coldstart.budgets import Budget, Budgets
from tests.coldstart.judging import Judged, Verdict, judge, worst
from tests.coldstart.processes import Place, StartFailedError

PROMPT_TOKENS = 40  # about what a request to the bundled model becomes
STRAYED_MAX = 0.2  # of a class's starts may turn out to be of another; more, and the class could not be made here
FAILED_MAX = 0.1
ACCOUNTED_MIN = 0.95  # of a start's time, by named parts


@dataclass(frozen=True, slots=True)
class Plan:
    """`windows`: classes that are started with their window; the others without, which is lighter."""

    classes: Sequence[str] = profiles.CLASSES
    windows: Sequence[str] = profiles.CLASSES
    runs: int = 20


@dataclass(slots=True)
class Gathered:
    """Milliseconds by what was measured. `strayed`, `failed`: by class, with words."""

    bare: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ours: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))  # (what, class)
    accounted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    modules: dict[str, str] = field(default_factory=dict)  # of tools
    strayed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    judged: tuple[Judged, ...]
    troubles: tuple[tuple[Verdict, str], ...]
    gathered: Gathered


def gather(place: Place, plan: Plan) -> Gathered:
    """Run everything. One warm-up of each kind is not counted: it compiles, and fills the system's memory."""
    found = Gathered()
    with tempfile.TemporaryDirectory(prefix="coldstart-") as folder:
        _warm_up(place, _home(StartClass.WARM_DISK, Path(folder), 0), plan)
        for number in range(plan.runs):
            _peers(place, found, windows=bool(plan.windows))
            for kind in plan.classes:
                if profiles.can_be_made(kind):
                    _one(place, found, kind, _home(kind, Path(folder), number), window=kind in plan.windows)
            print(f"\r{number + 1} of {plan.runs} rounds", end="", file=sys.stderr, flush=True)
        for kind in plan.classes:
            _make_up_for(place, found, kind, plan, Path(folder))
    print(file=sys.stderr)
    return found


def _make_up_for(place: Place, found: Gathered, kind: str, plan: Plan, folder: Path) -> None:
    """Some starts turn out to be of another class (a backup touched the disk, say): as many again are tried."""
    for number in range(min(len(found.strayed[kind]), round(STRAYED_MAX * plan.runs))):
        _one(place, found, kind, _home(kind, folder, plan.runs + number), window=kind in plan.windows)


def _home(kind: str, folder: Path, number: int) -> Path:
    """One profile for all, but for updates, each of which wants an old one."""
    return folder / (f"update-{number}" if kind == StartClass.AFTER_UPDATE else "home")


def conclude(found: Gathered, plan: Plan, budgets: Budgets) -> Outcome:
    judged, troubles = [], list(_troubles(found, plan, budgets))
    for kind in plan.classes:
        for what, ours in sorted((what, ours) for (what, of), ours in found.ours.items() if of == kind):
            budget = budgets.of_span(what.removeprefix("span "), kind) if what.startswith("span ") else None
            budget = budget or budgets.of_mark(what, kind)
            bare = found.bare[budget.against] if budget else []
            if budget and bare:
                judged.append(judge(budget, ours, bare, budgets))
    verdict = worst([*(one.verdict for one in judged if _counts(one, budgets)), *(verdict for verdict, _ in troubles)])
    return Outcome(verdict, tuple(judged), tuple(troubles), found)


def _counts(one: Judged, budgets: Budgets) -> bool:
    """A part that only some starts had (a backup, say) can break its budget but is not needed for a pass."""
    return one.verdict != "insufficient" or not one.budget.what.startswith("span ") or one.starts >= budgets.starts_min


def _warm_up(place: Place, home: Path, plan: Plan) -> None:
    processes.python(place)
    processes.start(place, home, window=False)
    if plan.windows:
        processes.window(place)
        processes.start(place, home, window=True)


def _peers(place: Place, found: Gathered, *, windows: bool) -> None:
    found.bare["python"].append(bare := processes.python(place))
    model = processes.model(place, STARTER_FILE, PROMPT_TOKENS) + bare  # it counts from its own first line
    found.bare["model"].append(model)
    if windows:
        found.bare["window"].append(window := processes.window(place))
        found.bare["window_and_model"].append(window + model)


def _one(place: Place, found: Gathered, kind: str, home: Path, *, window: bool) -> None:
    try:
        profiles.make_ready(kind, place, home)
        document = processes.start(place, home, window=window)
    except StartFailedError as error:
        found.failed[kind].append(str(error))
        return
    start = document["start"]
    if not start["ok"] or start["first_token_ms"] is None:
        found.failed[kind].append("a model did not come up, or said no word")
        return
    if start["kind"] != kind:
        found.strayed[kind].append(f"was {start['kind']}: {start['evidence']}")
        return
    found.accounted[kind].append(start["accounted"])
    if window:
        found.ours["window", kind].append(start["window_ms"])
        found.ours["first_token", kind].append(start["first_token_ms"])
    for name, ms in _spans(document):
        found.ours[f"span {name}", kind].append(ms)
    found.modules.update({tool["name"]: tool["module"] for tool in document["tools"]})


def _spans(document: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Each part once: what is unaccounted for is one sum; what others are parts of is not a part."""
    spans = document["start"]["spans"]
    parents = {span["parent"] for span in spans}
    times: dict[str, float] = defaultdict(float)
    for span in spans:
        if span["name"] not in parents:
            times[span["name"]] += span["end_ms"] - span["begin_ms"]
    times[UNACCOUNTED] += 0.0
    yield from times.items()
    for tool in document["tools"]:
        yield f"tool {tool['name']}", tool["ms"]


def _troubles(found: Gathered, plan: Plan, budgets: Budgets) -> Iterator[tuple[Verdict, str]]:
    for kind in plan.classes:
        if not profiles.can_be_made(kind):
            yield "insufficient", f"{kind}: this system has no way to let go of a file in memory"
        yield from _too_many(found.failed[kind], FAILED_MAX * plan.runs, f"{kind}: starts failed")
        yield from _too_many(found.strayed[kind], STRAYED_MAX * plan.runs, f"{kind}: starts were of another class")
        shares = found.accounted[kind]
        if 0 < len(shares) < budgets.starts_min:
            yield "insufficient", f"{kind}: {len(shares)} starts; {budgets.starts_min} are needed"
        if len(shares) >= budgets.starts_regress and (share := quantile(shares, 0.5)) < ACCOUNTED_MIN:
            yield "regress", f"{kind}: only {share:.1%} of the time is accounted for; {ACCOUNTED_MIN:.0%} is promised"


def _too_many(told: Sequence[str], most: float, words: str) -> Iterator[tuple[Verdict, str]]:
    if len(told) > most:
        yield "infra", f"{words}, {len(told)} of them; the last: {told[-1]}"


def prefix_budget(budgets: Budgets) -> Budget:
    found = budgets.of_mark("prefix", "with_snapshot")
    assert found is not None, "packaging/budgets.toml has it"
    return found
