"""The first word after a prefix of 2,000 tokens, from a cold process: with a saved state, and without."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.coldstart import processes
from tests.coldstart.budgets import Budgets
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
    the worker said about that."""

    tokens: int
    bare: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    with_snapshot: list[float] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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
            found.bare.append(processes.model(place, file, 1, first["threads"]) + processes.python(place))
            again = processes.prefix(place, file, sha256, characters, snapshots)
            found.with_snapshot.append(again["first_token_ms"])
            found.restored.append(again["restored"])
            found.notes.extend([again["note"]] if again["note"] else [])
            if number < RUNS_WITHOUT:
                found.without.append(processes.prefix(place, file, sha256, characters, None)["first_token_ms"])
    return found


def conclude(found: Prefix, budgets: Budgets) -> tuple[Judged, tuple[tuple[Verdict, str], ...]]:
    """A state that was not taken up is no fast start, however fast it was."""
    return judge(prefix_budget(budgets), found.with_snapshot, found.bare, budgets), tuple(_troubles(found))


def _troubles(found: Prefix) -> Iterator[tuple[Verdict, str]]:
    least = min(found.restored, default=0)
    if least < found.tokens // 2:
        note = f" It said: {found.notes[-1]}" if found.notes else ""
        yield "regress", f"prefix: of {found.tokens} tokens only {least} came from the saved state.{note}"
