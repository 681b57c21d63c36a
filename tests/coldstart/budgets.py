"""What a start may cost: packaging/budgets.toml as records."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "packaging" / "budgets.toml"
MARKS = ("window", "first_token", "prefix")


@dataclass(frozen=True, slots=True)
class Budget:
    """`what` may take so many times `against`. `p95`, `goal`: None where there is none."""

    what: str
    kind: str  # class of the start
    against: str
    p50: float
    p95: float | None = None
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Budgets:
    starts_min: int
    starts_regress: int
    marks: tuple[Budget, ...]
    spans: Mapping[str, Mapping[str, float]]  # of ordinary starts and, under their class, of others

    def of_span(self, name: str, kind: str) -> Budget:
        """The first name that fits counts; every span fits "*"."""
        listed = self.spans.get(kind) or self.spans[""]
        pattern = next(pattern for pattern in listed if fnmatchcase(name, pattern))
        return Budget(f"span {name}", kind, "python", listed[pattern])

    def of_mark(self, what: str, kind: str) -> Budget | None:
        return next((one for one in self.marks if (one.what, one.kind) == (what, kind)), None)


def read(file: Path = FILE) -> Budgets:
    plain = tomllib.loads(file.read_text("utf-8"))
    spans = {
        "": plain["spans"]["python"],
        "after_update": plain["spans_after_update"]["python"],
        "with_snapshot": plain["spans_with_snapshot"]["python"],
    }
    return Budgets(plain["starts_min"], plain["starts_regress"], tuple(_marks(plain)), spans)


def _marks(plain: Mapping[str, Any]) -> Iterator[Budget]:
    for what in MARKS:
        for against, classes in plain[what].items():
            goal = classes.get("goal")
            for kind, limits in classes.items():
                if kind != "goal":
                    yield Budget(what, kind, against, float(limits["p50"]), float(limits["p95"]), goal)
