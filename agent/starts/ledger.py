"""The kept starts of a profile, the newest STARTS_MAX of them."""

from collections.abc import Sequence
from typing import Any

from agent.starts.record import Span, Start, StartClass
from agent.store.connection import Store
from agent.store.transaction import transaction

STARTS_MAX = 500
SPANS_MAX = 300  # of one start


class Ledger:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, start: Start) -> None:
        """One start with its spans, whole or not at all; the oldest goes when there are too many."""
        with transaction(self._store):
            self._store.execute(
                "INSERT INTO start (id, kind, at, app_build, llama_build, ok, evidence, window_ms, ready_ms,"
                " first_token_ms, accounted, used_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (start.id, start.kind.value, start.at, start.app_build, start.llama_build, start.ok, start.evidence,
                 start.window_ms, start.ready_ms, start.first_token_ms, start.accounted, start.used_until),
            )  # fmt: skip
            self._store.executemany(
                "INSERT INTO span (start_id, place, name, begin_ms, end_ms, parent) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (start.id, place, span.name, span.begin_ms, span.end_ms, span.parent)
                    for place, span in enumerate(start.spans[:SPANS_MAX])
                ],
            )
            self._store.execute(
                "DELETE FROM start WHERE seq <= (SELECT max(seq) FROM start) - ?", (STARTS_MAX,)
            )  # fmt: skip

    def used(self, start_id: str, until: int) -> None:
        """The program that start began has come to its end."""
        self._store.execute("UPDATE start SET used_until = ? WHERE id = ?", (until, start_id))

    def last(self) -> Start | None:
        """The newest, with its spans."""
        row = self._store.execute("SELECT * FROM start ORDER BY seq DESC LIMIT 1").fetchone()
        return _start(row, self._spans(row["id"])) if row else None

    def before(self, born: int, now: int) -> Start | None:
        """The newest that was over when a process was born, without its spans; unix milliseconds. Those that went on
        beside it say nothing of what came before; one later than `now` was noted before a clock was set back."""
        row = self._store.execute(
            "SELECT * FROM start WHERE at > ? OR at + coalesce(first_token_ms, ready_ms) <= ?"
            " ORDER BY seq DESC LIMIT 1",
            (now, born),
        ).fetchone()
        return _start(row) if row else None

    def recent(self, limit: int = STARTS_MAX) -> tuple[Start, ...]:
        """Newest first, without their spans."""
        rows = self._store.execute("SELECT * FROM start ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return tuple(_start(row) for row in rows)

    def _spans(self, start_id: str) -> tuple[Span, ...]:
        rows = self._store.execute("SELECT * FROM span WHERE start_id = ? ORDER BY place", (start_id,)).fetchall()
        return tuple(Span(row["name"], row["begin_ms"], row["end_ms"], row["parent"]) for row in rows)


def _start(row: Any, spans: Sequence[Span] = ()) -> Start:
    return Start(
        id=row["id"], kind=StartClass(row["kind"]), at=row["at"], app_build=row["app_build"],
        llama_build=row["llama_build"], ok=bool(row["ok"]), evidence=row["evidence"], window_ms=row["window_ms"],
        ready_ms=row["ready_ms"], first_token_ms=row["first_token_ms"], accounted=row["accounted"],
        used_until=row["used_until"], spans=tuple(spans),
    )  # fmt: skip
