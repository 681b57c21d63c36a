"""The same decision about many items: in short transactions, so that whoever else wants to write waits a tenth of a
second at most, and with a word about each that was refused."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sync.errors import NotAllowedError, SyncError
from sync.item import Item
from sync.transaction import transaction

IDS_MAX = 10_000
BATCH_MAX = 500
HELD_S_MAX = 0.05  # of the write lock; the last decision and the commit come on top


@dataclass(frozen=True, slots=True)
class Bulk:
    """`done`: ids as they were given, in that order; `refused`: id to why, in words."""

    done: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def decide(connection: sqlite3.Connection, ids: Sequence[str], one: Callable[[str], Item]) -> Bulk:
    """`one` decides about a single item, or refuses with an error in words; what it changed is then undone."""
    ids = tuple(dict.fromkeys(ids))
    if len(ids) > IDS_MAX:
        raise NotAllowedError(f"At most {IDS_MAX} items can be decided at once.", "outbox", "Choose fewer.")
    done, refused, at = list[str](), dict[str, str](), 0
    while at < len(ids):
        with transaction(connection):
            until = time.monotonic() + HELD_S_MAX
            for item_id in ids[at : at + BATCH_MAX]:
                try:
                    one(item_id)
                except SyncError as error:
                    refused[item_id] = str(error)
                else:
                    done.append(item_id)
                at += 1
                if time.monotonic() > until:
                    break
    return Bulk(tuple(done), refused)
