"""`make bench`: Carryon against the bare thing below it, in one run on this machine. Prints a table and JSON.

A row is ours, the bare peer's and their ratio; absolute figures move with the machine, ratios much less. Nothing here
fails a build: these are figures to look at.
"""

import json
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from tests.bench import memory, model, outbox, search, states, stream, window


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    unit: str
    ours: float
    bare: float | None
    peer: str  # what the bare figure is of

    @property
    def ratio(self) -> float | None:
        return None if not self.bare else round(self.ours / self.bare, 2)


MEASURES: tuple[Callable[[], list[tuple[str, str, list[float], list[float] | None, str]]], ...] = (
    window.measure,
    model.measure,
    states.measure,
    stream.measure,
    outbox.measure,
    search.measure,
    memory.measure,
)


def rows() -> list[Row]:
    found = []
    for measure in MEASURES:
        print(f"measuring {measure.__module__.rsplit('.', 1)[-1]} …", file=sys.stderr)
        for name, unit, ours, bare, peer in measure():
            found.append(Row(name, unit, _middle(ours), None if bare is None else _middle(bare), peer))
    return found


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def table(found: list[Row]) -> str:
    lines = [f"{'what':<44}{'carryon':>12}{'bare':>12}{'ratio':>8}  unit, peer"]
    for row in found:
        bare = "–" if row.bare is None else f"{row.bare:,.2f}"
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"{row.name:<44}{row.ours:>12,.2f}{bare:>12}{ratio:>8}  {row.unit}; {row.peer}")
    return "\n".join(lines)


def main() -> None:
    found = rows()
    print(table(found))
    machine = {"system": platform.platform(), "processor": platform.machine(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, "rows": [asdict(row) | {"ratio": row.ratio} for row in found]}))


if __name__ == "__main__":
    main()
