"""The verdict in words, and as one JSON document."""

from collections.abc import Iterator
from dataclasses import asdict
from statistics import median
from typing import Any

from agent.starts.names import plain
from tests.coldstart.gate import Outcome
from tests.coldstart.judging import Judged
from tests.coldstart.prefix import Prefix


def lines(outcome: Outcome, prefix: Prefix | None) -> Iterator[str]:
    """What broke first; then how each class stands; then the parts of a start, dearest first."""
    yield f"cold start: {outcome.verdict}"
    for verdict, words in outcome.troubles:
        yield f"  {verdict}: {words}"
    for one in outcome.judged:
        if one.verdict != "pass" and not (one.verdict == "insufficient" and _is_part(one)):
            found = f"{_named(one, outcome)}: {one.ms:,.1f} ms; {one.why}"
            yield f"  {one.verdict}: {found} ({_peer(one)}, {one.starts} starts)"
    yield ""
    yield f"{'what':<34}{'class':<15}{'starts':>7}{'ms':>10}{'ratio':>8}{'allowed':>9}{'goal':>6}"
    yield from (_row(one) for one in outcome.judged if not _is_part(one))
    for kind, shares in outcome.gathered.accounted.items():
        yield f"{'time accounted for':<34}{kind:<15}{len(shares):>7}{median(shares):>10.1%}"
    if prefix:
        yield from _prefix(prefix)
    yield ""
    yield from _parts(outcome)


def document(outcome: Outcome, prefix: Prefix | None) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict, "troubles": [list(one) for one in outcome.troubles],
        "judged": [asdict(one) for one in outcome.judged], "bare": outcome.gathered.bare,
        "prefix": asdict(prefix) if prefix else None,
    }  # fmt: skip


def _row(one: Judged) -> str:
    goal = f"{one.budget.goal:g}" if one.budget.goal else ""
    ratio, allowed = f"{one.p50.value:.2f}", f"{one.budget.p50:g}"
    return f"{one.budget.what:<34}{one.budget.kind:<15}{one.starts:>7}{one.ms:>10.1f}{ratio:>8}{allowed:>9}{goal:>6}"


def _prefix(found: Prefix) -> Iterator[str]:
    if found.without:
        starts, ms = len(found.without), median(found.without)
        yield f"{'first token, the prefix read':<34}{f'{found.tokens} tokens':<15}{starts:>7}{ms:>10.1f}"
    if found.bare:
        yield f"{'bare llama.cpp, one token':<34}{'':<15}{len(found.bare):>7}{median(found.bare):>10.1f}"


def _parts(outcome: Outcome) -> Iterator[str]:
    """Of the class that was started most plainly."""
    kinds = [one.budget.kind for one in outcome.judged]
    kind = "warm_disk" if "warm_disk" in kinds else next(iter(kinds), "")
    parts = [one for one in outcome.judged if one.budget.kind == kind and _is_part(one)]
    yield f"parts of a start, {kind}, in milliseconds (in bare Python starts; allowed)"
    for one in sorted(parts, key=lambda part: -part.ms):
        yield f"  {_named(one, outcome):<58}{one.ms:>9.1f}  ({one.p50.value:.2f}; {one.budget.p50:g})"


def _is_part(one: Judged) -> bool:
    return one.budget.what.startswith("span ")


def _named(one: Judged, outcome: Outcome) -> str:
    """A part by its words, its name, and the module it is in where it is a tool."""
    if not _is_part(one):
        return one.budget.what
    name = one.budget.what.removeprefix("span ")
    module = outcome.gathered.modules.get(name.removeprefix("tool "), "")
    return f"{plain(name)} [{name}{f', {module}' if module else ''}]"


def _peer(one: Judged) -> str:
    return f"{one.budget.kind}, against a bare {one.budget.against.replace('_', ' ')}"
