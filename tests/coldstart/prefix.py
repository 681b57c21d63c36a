"""The first word after a prefix of 2,000 tokens, from a cold process: with a saved state, and without.

The bare process gets what the worker gets: the same file, threads, context and layouts of the weights, and threads
that sleep instead of spinning. So a machine that others use slows both alike.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.coldstart import processes
from tests.coldstart.budgets import Budgets
from tests.coldstart.chat_process import CONTEXT
from tests.coldstart.gate import prefix_budget
from tests.coldstart.judging import Judged, Verdict, judge
from tests.coldstart.processes import Place
from tests.shapes import write_shape

TOKENS = 2_000
PROBE_CHARACTERS = 2_000
RUNS_WITHOUT = 3  # each reads the whole prefix; for the report alone


@dataclass(slots=True)
class Prefix:
    """Milliseconds until the first word. `restored`: tokens that came from the saved state, each time; `notes`: what
    the worker said about that; `spans`: what the starts with a saved state were made of; `python`: bare ones."""

    tokens: int
    bare: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    with_snapshot: list[float] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    python: list[float] = field(default_factory=list)
    spans: dict[str, list[float]] = field(default_factory=dict)


def measure(place: Place, shape: str, runs: int) -> Prefix:
    with tempfile.TemporaryDirectory(prefix="coldstart-") as folder:
        file = write_shape(Path(folder) / "chat.gguf", shape)
        with file.open("rb") as weights:
            sha256 = hashlib.file_digest(weights, "sha256").hexdigest()
        snapshots = Path(folder) / "snapshots"
        snapshots.mkdir()
        probe = processes.prefix(place, file, sha256, PROBE_CHARACTERS, None)
        characters = round(PROBE_CHARACTERS * TOKENS / probe["prompt_tokens"])
        first = processes.prefix(place, file, sha256, characters, snapshots)  # leaves the state behind
        found = Prefix(first["prompt_tokens"])
        for number in range(runs):
            found.python.append(python := processes.python(place))
            bare = processes.model(place, file, 1, first["threads"], n_ctx=CONTEXT, layouts=True)
            found.bare.append(bare + python)  # it counts from its own first line
            _with_snapshot(found, processes.prefix(place, file, sha256, characters, snapshots))
            if number < RUNS_WITHOUT:
                found.without.append(processes.prefix(place, file, sha256, characters, None)["first_token_ms"])
    return found


def _with_snapshot(found: Prefix, measured: processes.Found) -> None:
    found.with_snapshot.append(measured["first_token_ms"])
    found.restored.append(measured["restored"])
    found.notes.extend([measured["note"]] if measured["note"] else [])
    for name, ms in measured["spans"].items():
        found.spans.setdefault(name, []).append(ms)


def conclude(found: Prefix, budgets: Budgets) -> tuple[Judged, tuple[Judged, ...], tuple[tuple[Verdict, str], ...]]:
    """The whole, its parts, and what is wrong besides: a state that was not taken up is no fast start, however fast."""
    budget = prefix_budget(budgets)
    whole = judge(budget, found.with_snapshot, found.bare, budgets)
    spans = found.spans.items() if found.python else ()
    parts = tuple(judge(budgets.of_span(name, budget.kind), ms, found.python, budgets) for name, ms in spans)
    return replace(whole, why=_named(whole, parts)), parts, tuple(_troubles(found))


def _named(whole: Judged, parts: Sequence[Judged]) -> str:
    """What broke it, in the end: the parts that are over their own budgets."""
    over = [one.budget.what.removeprefix("span ") for one in parts if one.verdict == "regress"]
    return f"{whole.why}; over its own budget: {', '.join(over)}" if whole.why and over else whole.why


def _troubles(found: Prefix) -> Iterator[tuple[Verdict, str]]:
    least = min(found.restored, default=0)
    if least < found.tokens // 2:
        note = f" It said: {found.notes[-1]}" if found.notes else ""
        yield "regress", f"prefix: of {found.tokens} tokens only {least} came from the saved state.{note}"
