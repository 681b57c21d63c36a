"""Tables of the library. Versions and blobs never change: triggers refuse it, whoever asks.

The search index holds the newest text of each artifact and no copy of it: it reads `artifact_page`, a view over the
blob of the newest version. Its triggers run while the row still is what it was, and again when it is what it became.
"""

from agent.library.sources import TABLE

INDEXED_CHARACTERS = 1_000_000  # of one artifact; what stands behind that is kept but not found

ARTIFACTS = """
CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    is_text INTEGER NOT NULL
);

CREATE TABLE artifact (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    data TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    head INTEGER NOT NULL DEFAULT 0,
    trashed_at INTEGER
);
CREATE INDEX artifact_by_title ON artifact(title_key);
CREATE INDEX artifact_by_time ON artifact(updated_at);
CREATE INDEX artifact_by_kind ON artifact(kind, updated_at);

CREATE TABLE artifact_version (
    artifact_id TEXT NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    sha256 TEXT NOT NULL REFERENCES blob(sha256),
    size_bytes INTEGER NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    conversation_id TEXT REFERENCES conversation(id) ON DELETE SET NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (artifact_id, n)
);
CREATE INDEX artifact_version_by_conversation ON artifact_version(conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX artifact_version_by_blob ON artifact_version(sha256);

CREATE TRIGGER artifact_version_stays
BEFORE UPDATE OF artifact_id, n, sha256, size_bytes, author, created_at, note ON artifact_version
BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;
CREATE TRIGGER blob_stays BEFORE UPDATE ON blob
BEGIN SELECT RAISE(ABORT, 'a blob never changes'); END;
"""

SEARCH = f"""
CREATE VIEW artifact_page AS
SELECT a.seq AS seq, a.title AS title, a.tags AS tags,
    CASE WHEN b.is_text THEN substr(CAST(b.content AS TEXT), 1, {INDEXED_CHARACTERS}) ELSE '' END AS body
FROM artifact a
LEFT JOIN artifact_version v ON v.artifact_id = a.id AND v.n = a.head
LEFT JOIN blob b ON b.sha256 = v.sha256;

CREATE VIRTUAL TABLE artifact_fts USING fts5(
    title, tags, body, content='artifact_page', content_rowid='seq', tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO artifact_fts(artifact_fts, rank) VALUES ('rank', 'bm25(5.0, 3.0, 1.0)');

CREATE TRIGGER artifact_going_stale BEFORE UPDATE OF head, title, tags ON artifact WHEN OLD.head > 0 BEGIN
    INSERT INTO artifact_fts(artifact_fts, rowid, title, tags, body)
    SELECT 'delete', seq, title, tags, body FROM artifact_page WHERE seq = OLD.seq;
END;
CREATE TRIGGER artifact_indexed AFTER UPDATE OF head, title, tags ON artifact WHEN NEW.head > 0 BEGIN
    INSERT INTO artifact_fts(rowid, title, tags, body)
    SELECT seq, title, tags, body FROM artifact_page WHERE seq = NEW.seq;
END;
CREATE TRIGGER artifact_unindexed BEFORE DELETE ON artifact WHEN OLD.head > 0 BEGIN
    INSERT INTO artifact_fts(artifact_fts, rowid, title, tags, body)
    SELECT 'delete', seq, title, tags, body FROM artifact_page WHERE seq = OLD.seq;
END;
"""  # noqa: S608  a number of our own

STRUCTURE = """
CREATE TABLE task (
    artifact_id TEXT PRIMARY KEY REFERENCES artifact(id) ON DELETE CASCADE,
    said TEXT NOT NULL DEFAULT '',
    due_at INTEGER,
    done_at INTEGER
);
CREATE INDEX task_open ON task(due_at) WHERE done_at IS NULL;

CREATE TABLE event (
    artifact_id TEXT PRIMARY KEY REFERENCES artifact(id) ON DELETE CASCADE,
    said TEXT NOT NULL DEFAULT '',
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    all_day INTEGER NOT NULL DEFAULT 0,
    zone TEXT NOT NULL DEFAULT 'UTC'
);
CREATE INDEX event_by_start ON event(starts_at);
CREATE INDEX event_by_end ON event(ends_at);

CREATE TABLE timer (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL DEFAULT '',
    rings_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    rang_at INTEGER,
    conversation_id TEXT REFERENCES conversation(id) ON DELETE SET NULL
);
CREATE INDEX timer_waiting ON timer(rings_at) WHERE rang_at IS NULL;
CREATE INDEX timer_by_conversation ON timer(conversation_id) WHERE conversation_id IS NOT NULL;
"""

STEPS: tuple[tuple[str, str], ...] = (
    ("library_001_artifacts", ARTIFACTS),
    ("library_002_search", SEARCH),
    ("library_003_structure", STRUCTURE),
    ("library_004_sources", TABLE),
)
