"""The table of corrections. A conversation that is purged for good takes its own along."""

PAIRS = """
CREATE TABLE correction (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    how TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    conversation_id TEXT REFERENCES conversation(id) ON DELETE CASCADE,
    turn_id TEXT,
    text TEXT NOT NULL,
    situation TEXT NOT NULL,
    decided TEXT NOT NULL,
    corrected TEXT,
    model_sha256 TEXT NOT NULL,
    config_hash TEXT NOT NULL
);
CREATE INDEX correction_by_conversation ON correction(conversation_id);
CREATE UNIQUE INDEX correction_by_source ON correction(how, source) WHERE source <> '';
"""

STEPS: tuple[tuple[str, str], ...] = (("corrections_001_pairs", PAIRS),)
