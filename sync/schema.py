"""The outbox's tables. Links to conversations are plain text on purpose: nothing cascades into the outbox.

The partial indexes cover only what still moves, so that a hundred thousand delivered rows cost nothing; the tally is
kept by triggers, so that counting is as quick with them as without.
"""

ITEMS = """
CREATE TABLE outbox_item (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tool TEXT NOT NULL,
    args TEXT NOT NULL,
    destination TEXT NOT NULL,
    payload TEXT NOT NULL,
    sentence TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting_approval', 'queued', 'sending', 'delivered', 'failed', 'rejected',
                                         'unknown', 'conflict', 'expired', 'cancelled')),
    needs_approval INTEGER NOT NULL DEFAULT 0,
    approved_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    offers INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    held_until INTEGER NOT NULL DEFAULT 0,
    uncertain_since INTEGER,
    mode TEXT NOT NULL DEFAULT 'none' CHECK (mode IN ('key', 'query', 'none')),
    delivered_at INTEGER,
    last_error TEXT,
    receipt TEXT,
    conversation_id TEXT,
    turn_id TEXT,
    call_id TEXT,
    replaces TEXT,
    lease_owner TEXT,
    lease_until INTEGER,
    offering INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'sending') = (lease_owner IS NOT NULL)),
    CHECK ((state = 'delivered') = (receipt IS NOT NULL))
);
CREATE INDEX outbox_item_active ON outbox_item (destination, seq) WHERE state IN ('queued', 'failed', 'sending');
CREATE INDEX outbox_item_leased ON outbox_item (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_item_expiring ON outbox_item (expires_at) WHERE state IN ('waiting_approval', 'queued', 'failed');
CREATE INDEX outbox_item_state ON outbox_item (state, seq);
CREATE INDEX outbox_item_conversation ON outbox_item (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE TABLE outbox_history (
    id INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES outbox_item (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    what TEXT NOT NULL
);
CREATE INDEX outbox_history_item ON outbox_history (item_id, id);
"""

_COUNT_IN = "INSERT INTO outbox_tally VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET rows = rows + 1;"
_COUNT_OUT = "UPDATE outbox_tally SET rows = rows - 1 WHERE state = old.state;"

# Statements are split at ";" + line end, so a trigger stays on one line.
TALLY = f"""
CREATE TABLE outbox_tally (state TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER outbox_tally_insert AFTER INSERT ON outbox_item BEGIN {_COUNT_IN} END;
CREATE TRIGGER outbox_tally_delete AFTER DELETE ON outbox_item BEGIN {_COUNT_OUT} END;
CREATE TRIGGER outbox_tally_update AFTER UPDATE OF state ON outbox_item WHEN old.state <> new.state BEGIN {_COUNT_OUT} {_COUNT_IN} END;
"""  # noqa: E501

# What an item was decided on, how the world differs from that, what it was read from, and the items it needs first.
# An item that waits for others stays "queued" and out of the partial index of what may move, so it blocks nobody.
PLANS = """
ALTER TABLE outbox_item ADD COLUMN basis TEXT;
ALTER TABLE outbox_item ADD COLUMN conflict TEXT;
ALTER TABLE outbox_item ADD COLUMN sources TEXT;
ALTER TABLE outbox_item ADD COLUMN waits_for INTEGER NOT NULL DEFAULT 0;
CREATE TABLE outbox_need (
    item_id TEXT NOT NULL REFERENCES outbox_item (id) ON DELETE CASCADE,
    needs_id TEXT NOT NULL REFERENCES outbox_item (id) ON DELETE CASCADE,
    token TEXT NOT NULL DEFAULT '',
    takes TEXT NOT NULL DEFAULT '' CHECK (takes IN ('', 'reference', 'url', 'text')),
    PRIMARY KEY (item_id, needs_id, token)
) WITHOUT ROWID;
CREATE INDEX outbox_need_needs ON outbox_need (needs_id);
DROP INDEX outbox_item_active;
CREATE INDEX outbox_item_active ON outbox_item (destination, seq)
    WHERE state IN ('queued', 'failed', 'sending') AND waits_for = 0;
"""

STEPS: tuple[tuple[str, str], ...] = (
    ("outbox_001_items", ITEMS),
    ("outbox_002_tally", TALLY),
    ("outbox_003_plans", PLANS),
)
