"""The cases of a suite: what a person does, step by step, and what must stand in the documents afterwards.

A step is one command line of `carryon` (its `--json` document is judged), a `file` that must have come about, or a text
that must have been `received` at the destinations. `when` says where the person is: at `home` with a network before the
journey, `away`, or `landed`. `want` maps a path into the document to what must be there (judge.py); `want_online` and
`want_offline` hold in that condition alone. `keep` gives a value of the document a name for later steps.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from agent.evals.errors import SuiteBadError
from agent.evals.judge import OPERATORS

Phase = Literal["home", "away", "landed"]
Condition = Literal["online", "offline"]
PHASES: tuple[Phase, ...] = get_args(Phase)
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
KINDS = ("run", "file", "received")  # of steps
FILE = Path(__file__).parent / "offline.toml"
BYTES_MAX, CASES_MAX, STEPS_MAX = 1_000_000, 1_000, 50
Wants = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    run: tuple[str, ...] = ()
    file: str = ""
    received: str = ""
    when: Phase = "away"
    want: Wants = field(default_factory=dict)
    want_online: Wants = field(default_factory=dict)
    want_offline: Wants = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)

    def wanted(self, condition: Condition) -> dict[str, Any]:
        return {**self.want, **(self.want_online if condition == "online" else self.want_offline)}


@dataclass(frozen=True, slots=True)
class Case:
    """`needs` "model": only where a GGUF for chats is given. `quick`: one of those that every build plays."""

    id: str
    stratum: str
    about: str
    steps: tuple[Step, ...]
    needs: Literal["", "model"] = ""
    quick: bool = False


def read(file: Path = FILE) -> tuple[Case, ...]:
    try:
        if file.stat().st_size > BYTES_MAX:
            raise SuiteBadError("This suite is too large.", str(file), f"At most {BYTES_MAX:,} bytes.")
        rows = tomllib.loads(file.read_text("utf-8"))["case"]
        cases = tuple(_case(row, f"{file}, case {number}") for number, row in enumerate(rows, 1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteBadError(where=str(file), todo=f"Mend it: {error}.") from error
    names = [case.id for case in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not 0 < len(cases) <= CASES_MAX:
        raise SuiteBadError(f"Two cases have one id: {twice}." if twice else "Too many cases, or none.", str(file))
    return cases


def _case(row: Mapping[str, Any], where: str) -> Case:
    _known(row, {one.name for one in fields(Case)} - {"steps"} | {"step"}, where)
    steps = tuple(_step(step, f"{where} ({row['id']}), step {at}") for at, step in enumerate(row["step"], 1))
    if not 0 < len(steps) <= STEPS_MAX or not any(step.wanted(one) for step in steps for one in CONDITIONS):
        raise SuiteBadError("A case needs steps, and something that is wanted.", where)
    if row.get("needs", "") not in ("", "model"):
        raise SuiteBadError(f"Nobody can give {row['needs']!r}.", where, 'Write needs = "model", or leave it out.')
    return Case(
        str(row["id"]), str(row["stratum"]), str(row["about"]), steps, row.get("needs", ""), bool(row.get("quick"))
    )


def _step(row: Mapping[str, Any], where: str) -> Step:
    _known(row, {one.name for one in fields(Step)}, where)
    if sum(bool(row.get(kind)) for kind in KINDS) != 1:
        raise SuiteBadError("A step is one thing.", where, f"Give one of {', '.join(KINDS)}.")
    if row.get("when", "away") not in PHASES:
        raise SuiteBadError(f"No such time: {row['when']!r}.", where, f"One of {', '.join(PHASES)}.")
    for wants in (row.get(name, {}) for name in ("want", "want_online", "want_offline")):
        for expected in wants.values():
            if isinstance(expected, dict) and not expected.keys() <= OPERATORS.keys():
                raise SuiteBadError(f"No such check: {sorted(expected)}.", where, f"One of {', '.join(OPERATORS)}.")
    given = {name: value for name, value in row.items() if name != "run"}
    return Step(run=tuple(map(str, row.get("run", ()))), **given)


def _known(row: Mapping[str, Any], names: set[str], where: str) -> None:
    if strange := sorted(row.keys() - names):
        raise SuiteBadError(f"Unknown here: {', '.join(strange)}.", where, f"Known: {', '.join(sorted(names))}.")
