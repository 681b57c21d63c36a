"""Tables of the threads. Triggers keep the search index true and, while a journal entry is open, record every change.

Recording by trigger means that no feature writes an undo of its own and none can forget to: see journal.py.
"""

THREADS = """
CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL DEFAULT '',
    title_key TEXT NOT NULL DEFAULT '',
    title_is_own INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    trashed_at INTEGER,
    branch_of TEXT REFERENCES conversation(id) ON DELETE SET NULL
);
CREATE INDEX conversation_by_branch ON conversation(branch_of);
CREATE INDEX conversation_by_time ON conversation(updated_at);

CREATE TABLE draft (
    place TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL
);

CREATE TABLE turn (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    partial TEXT NOT NULL DEFAULT ''
);
CREATE INDEX turn_by_conversation ON turn(conversation_id);
CREATE INDEX turn_unfinished ON turn(started_at) WHERE ended_at IS NULL;

CREATE TABLE message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    turn_id TEXT REFERENCES turn(id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    label TEXT,
    outcome TEXT,
    complete INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX message_by_conversation ON message(conversation_id, seq);
CREATE INDEX message_by_turn ON message(turn_id);

CREATE TABLE tool_call (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    turn_id TEXT NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
    tool TEXT NOT NULL,
    args TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT NOT NULL DEFAULT '',
    outbox_id TEXT,
    artifact_id TEXT,
    facts TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX tool_call_by_turn ON tool_call(turn_id);
"""

SEARCH = """
CREATE VIRTUAL TABLE message_fts USING fts5(
    text, content='message', content_rowid='seq', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER message_indexed AFTER INSERT ON message BEGIN
    INSERT INTO message_fts(rowid, text) VALUES (NEW.seq, NEW.text);
END;
CREATE TRIGGER message_unindexed AFTER DELETE ON message BEGIN
    INSERT INTO message_fts(message_fts, rowid, text) VALUES ('delete', OLD.seq, OLD.text);
END;
CREATE TRIGGER message_reindexed AFTER UPDATE OF text ON message BEGIN
    INSERT INTO message_fts(message_fts, rowid, text) VALUES ('delete', OLD.seq, OLD.text);
    INSERT INTO message_fts(rowid, text) VALUES (NEW.seq, NEW.text);
END;
"""

JOURNAL = """
CREATE TABLE journal_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    takes_later INTEGER NOT NULL DEFAULT 0,
    undone_at INTEGER,
    redoes INTEGER REFERENCES journal_entry(id) ON DELETE CASCADE
);
CREATE INDEX journal_entry_by_conversation ON journal_entry(conversation_id, id);
CREATE INDEX journal_entry_by_redoes ON journal_entry(redoes);

CREATE TABLE journal_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER NOT NULL REFERENCES journal_entry(id) ON DELETE CASCADE,
    place TEXT NOT NULL,
    was TEXT,
    became TEXT
);
CREATE INDEX journal_change_by_entry ON journal_change(entry_id);

CREATE TABLE journal_pen (entry_id INTEGER NOT NULL);
"""


def recording(table: str, columns: tuple[str, ...]) -> str:
    """Triggers that write down, while the pen holds an entry, what each row was and became."""

    def row(side: str) -> str:
        return f"json_object({', '.join(f'{name!r}, {side}.{name}' for name in columns)})"

    def trigger(name: str, moment: str, was: str, became: str) -> str:
        return f"""
CREATE TRIGGER {table}_{name} {moment} ON {table} WHEN EXISTS (SELECT 1 FROM journal_pen) BEGIN
    INSERT INTO journal_change (entry_id, place, was, became)
    SELECT entry_id, '{table}', {was}, {became} FROM journal_pen;
END;
"""  # noqa: S608  names of our own tables

    return (
        trigger("going", "BEFORE DELETE", row("OLD"), "NULL")
        + trigger("changing", "BEFORE UPDATE", row("OLD"), row("NEW"))
        + trigger("coming", "AFTER INSERT", "NULL", row("NEW"))
    )


RECORDED = (
    recording(
        "conversation",
        ("id", "title", "title_key", "title_is_own", "created_at", "updated_at", "trashed_at", "branch_of"),
    )
    + recording("turn", ("id", "conversation_id", "owner", "started_at", "ended_at", "partial"))
    + recording(
        "message",
        ("seq", "id", "conversation_id", "turn_id", "role", "text", "created_at", "label", "outcome", "complete"),
    )
    + recording(
        "tool_call",
        ("seq", "id", "turn_id", "tool", "args", "status", "result", "outbox_id", "artifact_id", "facts"),
    )
)

QUESTIONS = """
ALTER TABLE turn ADD COLUMN question TEXT;
DROP TRIGGER turn_going;
DROP TRIGGER turn_changing;
DROP TRIGGER turn_coming;
""" + recording("turn", ("id", "conversation_id", "owner", "started_at", "ended_at", "partial", "question"))

MEMORY = (
    """
ALTER TABLE turn ADD COLUMN rounds TEXT;
DROP TRIGGER turn_going;
DROP TRIGGER turn_changing;
DROP TRIGGER turn_coming;
CREATE TABLE summary (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    notice_id TEXT NOT NULL DEFAULT '',
    until_seq INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    text TEXT NOT NULL,
    why TEXT NOT NULL,
    made_by TEXT NOT NULL,
    is_on INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX summary_by_conversation ON summary(conversation_id, until_seq);
"""
    + recording("turn", ("id", "conversation_id", "owner", "started_at", "ended_at", "partial", "question", "rounds"))
    + recording(
        "summary",
        ("id", "conversation_id", "notice_id", "until_seq", "messages", "text", "why", "made_by", "is_on",
         "created_at"),
    )
)  # fmt: skip

WAITING = """
CREATE INDEX tool_call_waiting ON tool_call(tool, seq)
    WHERE status IN ('queued', 'waiting_approval') AND outbox_id IS NOT NULL;
"""  # turns.waiting asks in the same words, else SQLite does not see that it fits

LENT = """
ALTER TABLE draft ADD COLUMN sources TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN sources TEXT NOT NULL DEFAULT '';
DROP TRIGGER message_going;
DROP TRIGGER message_changing;
DROP TRIGGER message_coming;
""" + recording(
    "message",
    ("seq", "id", "conversation_id", "turn_id", "role", "text", "created_at", "label", "outcome", "complete",
     "sources"),
)  # fmt: skip

BEGUN = """
CREATE INDEX tool_call_begun ON tool_call(status, seq) WHERE status IN ('begun', 'unknown');
"""  # begun.py asks in the same words

STEPS: tuple[tuple[str, str], ...] = (
    ("conversation_001_threads", THREADS),
    ("conversation_002_search", SEARCH),
    ("conversation_003_journal", JOURNAL),
    ("conversation_004_recording", RECORDED),
    ("conversation_005_questions", QUESTIONS),
    ("conversation_006_memory", MEMORY),
    ("conversation_007_waiting", WAITING),
    ("conversation_008_lent", LENT),
    ("conversation_009_begun", BEGUN),
)
