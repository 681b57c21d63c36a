"""How many bytes go along with an item, told before it is sent: where a connection costs by the byte, what is large may
wait (sync/thrift.py)."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from agent.shelf import LibraryShelf
from sync.item import Item
from sync.transports.outcomes import RejectedError

UNKNOWN = frozenset({"git"})  # what a push carries is known only to git, while it pushes


def weigher(
    open_connection: Callable[[], sqlite3.Connection], clock: Callable[[], float]
) -> Callable[[Item], int | None]:
    """None where nobody can tell."""

    def weigh(item: Item) -> int | None:
        if item.destination.partition(":")[0] in UNKNOWN:
            return None
        shelf = LibraryShelf(open_connection, clock)
        return sum(_size(entry, shelf) for entry in item.payload.get("attached") or ())

    return weigh


def _size(entry: Mapping[str, Any], shelf: LibraryShelf) -> int:
    artifact = str(entry["artifact"])
    try:
        edition = shelf.newest(artifact) if entry["follow"] == "latest" else shelf.edition(artifact, entry["version"])
    except RejectedError:
        return 0  # it is gone; the delivery says so
    return edition.size_bytes
