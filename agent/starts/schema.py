"""The tables of starts. They hold names of parts and times, no word of the user's."""

STARTS = """
CREATE TABLE start (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    app_build TEXT NOT NULL,
    llama_build TEXT NOT NULL,
    ok INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    window_ms REAL,
    ready_ms REAL NOT NULL,
    first_token_ms REAL,
    accounted REAL NOT NULL,
    used_until INTEGER NOT NULL
);
CREATE TABLE span (
    start_id TEXT NOT NULL REFERENCES start(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    begin_ms REAL NOT NULL,
    end_ms REAL NOT NULL,
    parent TEXT NOT NULL,
    PRIMARY KEY (start_id, place)
) WITHOUT ROWID;
"""

STEPS: tuple[tuple[str, str], ...] = (("starts_001_spans", STARTS),)
