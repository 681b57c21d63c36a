"""What one exchange did, as plain data: for the command line and the window; the last few are kept in the profile."""

import dataclasses
import json
import sqlite3
from dataclasses import dataclass

from agent.replica.joining import Joined

KEPT_MAX = 50
SHOWN_MAX = 1_000  # of each kind


@dataclass(frozen=True, slots=True)
class Laptop:
    """Another laptop in the folder. `waiting`: files of it that are not read yet; `why`: in words, "" when none."""

    id: str
    name: str
    waiting: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`came`: titles of what changed here; `went`: how many pieces of work were told to the folder."""

    at: int
    folder: str
    came: tuple[str, ...] = ()
    deleted: int = 0
    went: int = 0
    merges: tuple[Joined, ...] = ()
    notices: tuple[str, ...] = ()
    laptops: tuple[Laptop, ...] = ()

    @property
    def is_quiet(self) -> bool:
        return not (self.came or self.deleted or self.went or self.merges or self.notices)


def keep(connection: sqlite3.Connection, report: Report) -> None:
    connection.execute(
        "INSERT INTO exchange (at, report) VALUES (?, ?)",
        (report.at, json.dumps(dataclasses.asdict(report), ensure_ascii=False)),
    )
    connection.execute("DELETE FROM exchange WHERE seq <= (SELECT max(seq) FROM exchange) - ?", (KEPT_MAX,))


def kept(connection: sqlite3.Connection) -> tuple[Report, ...]:
    """Newest first."""
    rows = connection.execute("SELECT report FROM exchange ORDER BY seq DESC").fetchall()
    return tuple(_of(json.loads(row[0])) for row in rows)


def _of(told: dict) -> Report:  # type: ignore[type-arg]
    return Report(
        told["at"], told["folder"], tuple(told["came"]), told["deleted"], told["went"],
        tuple(Joined(**it) for it in told["merges"]), tuple(told["notices"]),
        tuple(Laptop(**it) for it in told["laptops"]),
    )  # fmt: skip
