"""Search over 100,000 artifact versions, against bare FTS5 over the same text."""

import random
import sqlite3
import tempfile
import time
from pathlib import Path

from agent.library import Library
from agent.store import open_store, transaction

VERSIONS = 100_000
ARTIFACTS = 25_000
WORDS_EACH = 30
QUERIES = 50


def measure() -> list[tuple[str, str, list[float], list[float] | None, str]]:
    chance = random.Random(7)
    words = [f"word{number}" for number in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    with tempfile.TemporaryDirectory() as folder:
        library_connection = open_store(Path(folder) / "carryon.db")
        bare = sqlite3.connect(":memory:")
        bare.execute("CREATE VIRTUAL TABLE fts USING fts5(body)")
        library = Library(library_connection, time.time)
        _fill(library, library_connection, bare, chance, words, weights)
        queries = [" ".join(chance.choices(words[:2_000], weights[:2_000], k=2)) for _ in range(QUERIES)]
        ours, peer = [], []
        for query in queries:
            ours.append(_ms(lambda query=query: library.search(query, limit=20)))
            peer.append(_ms(lambda query=query: _bare(bare, query)))
        library_connection.close()
        bare.close()
    return [
        (f"search, {VERSIONS:,} artifact versions", "ms", ours, peer, "bare FTS5 in memory, same text, top 20 by rank")
    ]


def _fill(
    library: Library, connection: sqlite3.Connection, bare: sqlite3.Connection,
    chance: random.Random, words: list[str], weights: list[float],
) -> None:  # fmt: skip
    with transaction(connection):
        for number in range(ARTIFACTS):
            artifact = library.create("note", f"Note {number}", "first draft")
            for _ in range(VERSIONS // ARTIFACTS - 1):
                text = " ".join(chance.choices(words, weights, k=WORDS_EACH))
                library.save(artifact.id, text)
            bare.execute("INSERT INTO fts (body) VALUES (?)", (text,))


def _bare(connection: sqlite3.Connection, query: str) -> list[tuple[int]]:
    return connection.execute("SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY rank LIMIT 20", (query,)).fetchall()


def _ms(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - started) * 1000
