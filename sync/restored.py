"""After an older copy of the database was put back: what is open in it may have been sent since it was made.

Each such item is marked as in doubt since the earliest moment at which it can have been sent after the copy was made:
not before it was put in, nor before the copy's last delivery began. What the user wrote after a copy was put back by
hand says nothing about that. From then on it is treated like after a lost answer: where the destination can be asked it
is asked first, half a minute later; under a key it is repeated only while the key is surely remembered; else the user
is asked. Keys are never made anew for old items nor used again for new ones.

`mark` works on a file of any age, before it is brought up to date; so it writes the oldest columns only, and is beside
sync/rows.py the one other writer of them.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sync.clocks import SLACK_MS, SPAN_MS_MAX
from sync.life import LOOKED_OVER, Life, Mark
from sync.pauses import ASK_AFTER_S
from sync.transaction import transaction

BATCH = 1_000
WORDS = "The profile was put back from an older copy; this may have been sent since that was made."
FOUND = "Delivered, as the database that was kept aside knows."

# Where the database that was in use can be read, it knows what was offered since the copy was made.
_UNTOUCHED = "EXISTS (SELECT 1 FROM kept.outbox_item AS k WHERE k.id = outbox_item.id AND k.offers = outbox_item.offers AND k.state <> 'delivered' AND k.uncertain_since IS NULL)"  # noqa: E501
_TURNED_BACK = "SELECT 1 FROM (SELECT at - lag(at) OVER (ORDER BY id) AS step FROM outbox_history WHERE id >= ?) WHERE step < ? LIMIT 1"  # noqa: E501
_DELIVERED_THERE = """
SELECT k.receipt, k.delivered_at, o.id FROM main.outbox_item AS o JOIN kept.outbox_item AS k ON k.id = o.id
WHERE k.state = 'delivered' AND k.fingerprint = o.fingerprint AND o.state NOT IN ('delivered', 'cancelled')
"""


def mark_file(path: Path, kept: Path | None, now_ms: int, life: Life | None = None) -> int:
    """The same for a file that is about to be put in place; `kept`: the one that was in use until now, if it can be
    read. `life`: says whether that one was itself an older copy that nobody had looked over yet; then what it shows as
    delivered was, and of the rest it knows nothing. How many items are in doubt."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        if not _has(connection, "main", "outbox_item"):
            return 0
        reads = kept is not None and _attach(connection, kept)
        knows = reads and not _kept_is_behind(connection, life)
        with transaction(connection):
            if reads:
                _take_receipts(connection, now_ms)
            marked = mark(connection, now_ms, but=_UNTOUCHED if knows else "")
            if _has(connection, "main", "outbox_life"):
                connection.execute("UPDATE main.outbox_life SET marked = ?", (LOOKED_OVER,))
        return marked


def mark(connection: sqlite3.Connection, now_ms: int, *, but: str = "") -> int:
    """Put everything that is not delivered in doubt; what is already stays as it is. In batches, each of its own unless
    the caller has a transaction. `but`: a condition of our own for those that are not."""
    since, marked, after = _since(connection), 0, 0
    held = now_ms + int(ASK_AFTER_S * 1_000)  # what the lost database had begun is over then
    where = "state <> 'delivered' AND uncertain_since IS NULL" + (f" AND NOT {but}" if but else "")
    while True:
        with transaction(connection):
            rows = connection.execute(
                f"SELECT seq FROM main.outbox_item WHERE seq > ? AND {where} ORDER BY seq LIMIT ?",  # noqa: S608
                (after, BATCH),
            ).fetchall()
            if not rows:
                return marked
            chosen = ", ".join(str(row[0]) for row in rows)
            connection.execute(
                f"INSERT INTO main.outbox_history (item_id, at, state, what) "  # noqa: S608  numbers
                f"SELECT id, ?, state, ? FROM main.outbox_item WHERE seq IN ({chosen})",
                (now_ms, WORDS),
            )
            connection.execute(
                f"UPDATE main.outbox_item SET updated_at = :now, "  # noqa: S608
                f"uncertain_since = CASE WHEN {since} > :now + {SLACK_MS} THEN :now - {SPAN_MS_MAX} ELSE {since} END "
                f"WHERE seq IN ({chosen})",
                {"now": now_ms},
            )
            connection.execute(
                f"UPDATE main.outbox_item SET next_attempt_at = max(next_attempt_at, ?), "  # noqa: S608
                f"held_until = max(held_until, ?) WHERE seq IN ({chosen}) AND (mode = 'query' OR attempts = 0)",
                (held, held),
            )
        marked, after = marked + len(rows), rows[-1][0]


def _since(connection: sqlite3.Connection) -> str:
    """The earliest moment at which an item can have been sent after the copy was made, as SQL: lines of deliveries stop
    with the copy. Where the clock was set back after the last of them, the earliest that it showed. What lies ahead was
    written under a wrong clock, and nobody knows how old it is."""
    last = connection.execute(
        "SELECT id, at FROM outbox_history WHERE state = 'sending' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    number, at = (last[0], last[1]) if last else (0, 0)
    if connection.execute(_TURNED_BACK, (number, -SLACK_MS)).fetchone():
        return str(int(connection.execute("SELECT min(at) FROM outbox_history WHERE id >= ?", (number,)).fetchone()[0]))
    return f"max(created_at, {int(at)})"


def _kept_is_behind(connection: sqlite3.Connection, life: Life | None) -> bool:
    known = life.read() if life else None
    if known is None or not _has(connection, "kept", "outbox_life"):
        return known is not None
    row = connection.execute("SELECT life, offers, marked FROM kept.outbox_life").fetchone()
    return row is None or Mark(*row).is_behind(known)


def _take_receipts(connection: sqlite3.Connection, now_ms: int) -> None:
    """Items that the other database delivered as they stand here. Those that others wait for are left to be found by
    delivery, which fills in what they brought."""
    plans = _has(connection, "main", "outbox_need")
    but = " AND o.id NOT IN (SELECT needs_id FROM outbox_need)" if plans else ""
    found = [tuple(row) for row in connection.execute(_DELIVERED_THERE + but).fetchall()]
    connection.executemany(
        "UPDATE main.outbox_item SET state = 'delivered', receipt = ?, delivered_at = ?, lease_owner = NULL, "
        "lease_until = NULL, offering = 0, uncertain_since = NULL, last_error = NULL WHERE id = ?",
        found,
    )
    connection.executemany(
        "INSERT INTO main.outbox_history (item_id, at, state, what) VALUES (?, ?, 'delivered', ?)",
        [(item_id, now_ms, FOUND) for _, _, item_id in found],
    )


def _attach(connection: sqlite3.Connection, kept: Path) -> bool:
    try:
        connection.execute("ATTACH ? AS kept", (str(kept),))
        connection.execute("SELECT id, offers, state, receipt, delivered_at, fingerprint FROM kept.outbox_item LIMIT 1")
    except sqlite3.Error:  # damaged, which is why a copy is put back: then everything is in doubt
        return False
    return True


def _has(connection: sqlite3.Connection, schema: str, table: str) -> bool:
    sql = f"SELECT 1 FROM {schema}.sqlite_master WHERE type = 'table' AND name = ?"  # noqa: S608  literals
    return connection.execute(sql, (table,)).fetchone() is not None
