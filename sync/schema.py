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

_MOVING = "state IN ('queued', 'failed', 'sending') AND waits_for = 0"
_DUE = "CASE state WHEN 'sending' THEN coalesce(lease_until, 0) ELSE next_attempt_at END"
_HEAD_OF = f"INSERT INTO outbox_head SELECT destination, seq, {_DUE} FROM outbox_item INDEXED BY outbox_item_active WHERE {_MOVING} AND destination ="  # noqa: E501, S608
_NEW_MOVES = "new.state IN ('queued', 'failed', 'sending') AND new.waits_for = 0"
_OLD_MOVES = "old.state IN ('queued', 'failed', 'sending') AND old.waits_for = 0"

# Which item of each destination may move, and when: kept by triggers, so that a pass over thousands of destinations
# reads only those whose time has come. While it is being sent, "due" is when its lease runs out.
HEADS = f"""
CREATE TABLE outbox_head (destination TEXT PRIMARY KEY, seq INTEGER NOT NULL, due_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX outbox_head_due ON outbox_head (due_at, destination);
INSERT INTO outbox_head SELECT destination, seq, {_DUE} FROM outbox_item WHERE seq IN (SELECT min(seq) FROM outbox_item INDEXED BY outbox_item_active WHERE {_MOVING} GROUP BY destination);
CREATE TRIGGER outbox_head_insert AFTER INSERT ON outbox_item WHEN {_NEW_MOVES} BEGIN INSERT INTO outbox_head VALUES (new.destination, new.seq, new.next_attempt_at) ON CONFLICT (destination) DO NOTHING; END;
CREATE TRIGGER outbox_head_delete AFTER DELETE ON outbox_item WHEN {_OLD_MOVES} BEGIN DELETE FROM outbox_head WHERE destination = old.destination; {_HEAD_OF} old.destination ORDER BY seq LIMIT 1; END;
CREATE TRIGGER outbox_head_update AFTER UPDATE OF state, waits_for, next_attempt_at, lease_until, destination ON outbox_item WHEN ({_NEW_MOVES}) OR ({_OLD_MOVES}) BEGIN DELETE FROM outbox_head WHERE destination = old.destination; {_HEAD_OF} old.destination ORDER BY seq LIMIT 1; END;
CREATE TRIGGER outbox_head_moved AFTER UPDATE OF destination ON outbox_item WHEN old.destination <> new.destination BEGIN DELETE FROM outbox_head WHERE destination = new.destination; {_HEAD_OF} new.destination ORDER BY seq LIMIT 1; END;
"""  # noqa: E501, S608  constants

_PLACE_IN = "INSERT INTO outbox_place VALUES (new.destination, new.state, 1) ON CONFLICT (destination, state) DO UPDATE SET rows = rows + 1;"  # noqa: E501
_PLACE_OUT = "UPDATE outbox_place SET rows = rows - 1 WHERE destination = old.destination AND state = old.state; DELETE FROM outbox_place WHERE destination = old.destination AND state = old.state AND rows = 0;"  # noqa: E501

# What a list may be narrowed by, and how many there are where. The words of the sentences are indexed by FTS5.
MANY = f"""
ALTER TABLE outbox_need ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_item_conversation;
CREATE INDEX outbox_item_conversation ON outbox_item (conversation_id, state, seq) WHERE conversation_id IS NOT NULL;
CREATE INDEX outbox_item_place ON outbox_item (destination, state, seq);
CREATE INDEX outbox_item_tool ON outbox_item (tool, state, seq);
CREATE INDEX outbox_item_replaces ON outbox_item (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX outbox_item_created ON outbox_item (created_at) WHERE state IN ('waiting_approval', 'queued', 'failed');
CREATE INDEX outbox_item_doubted ON outbox_item (uncertain_since) WHERE uncertain_since IS NOT NULL AND state <> 'delivered';
CREATE TABLE outbox_place (destination TEXT NOT NULL, state TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (destination, state)) WITHOUT ROWID;
INSERT INTO outbox_place SELECT destination, state, count(*) FROM outbox_item GROUP BY destination, state;
CREATE TRIGGER outbox_place_insert AFTER INSERT ON outbox_item BEGIN {_PLACE_IN} END;
CREATE TRIGGER outbox_place_delete AFTER DELETE ON outbox_item BEGIN {_PLACE_OUT} END;
CREATE TRIGGER outbox_place_update AFTER UPDATE OF state, destination ON outbox_item WHEN old.state <> new.state OR old.destination <> new.destination BEGIN {_PLACE_OUT} {_PLACE_IN} END;
CREATE VIRTUAL TABLE outbox_words USING fts5(sentence, content='outbox_item', content_rowid='seq', tokenize='unicode61 remove_diacritics 2');
INSERT INTO outbox_words(outbox_words) VALUES ('rebuild');
CREATE TRIGGER outbox_words_insert AFTER INSERT ON outbox_item BEGIN INSERT INTO outbox_words(rowid, sentence) VALUES (new.seq, new.sentence); END;
CREATE TRIGGER outbox_words_delete AFTER DELETE ON outbox_item BEGIN INSERT INTO outbox_words(outbox_words, rowid, sentence) VALUES ('delete', old.seq, old.sentence); END;
CREATE TRIGGER outbox_words_update AFTER UPDATE OF sentence ON outbox_item BEGIN INSERT INTO outbox_words(outbox_words, rowid, sentence) VALUES ('delete', old.seq, old.sentence); INSERT INTO outbox_words(rowid, sentence) VALUES (new.seq, new.sentence); END;
"""  # noqa: E501, S608  constants

# One row: which database this is, and how often it has offered something to a destination. The same two stand in a
# file outside it (sync/life.py), so that an older copy that was put back by hand is known for one. `marked`: 1, it
# began empty, so a file that tells of another database says nothing about it; 2, Carryon itself put it back and has
# put in doubt what is open in it; 0 once that was seen.
LIFE = """
CREATE TABLE outbox_life (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    life TEXT NOT NULL,
    offers INTEGER NOT NULL,
    marked INTEGER NOT NULL DEFAULT 0
);
INSERT INTO outbox_life SELECT 1, lower(hex(randomblob(16))), coalesce(sum(offers), 0), count(*) = 0 FROM outbox_item;
"""

# What the last attempts showed, for every process of the profile: names and words, no text that was to be sent.
OBSERVATIONS_MAX = 500  # in the table, which its own trigger holds to; another bound is a step of its own
OBSERVATIONS = f"""
CREATE TABLE net_observation (
    id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    words TEXT NOT NULL DEFAULT ''
);
CREATE TRIGGER net_observation_bound AFTER INSERT ON net_observation BEGIN DELETE FROM net_observation WHERE id <= new.id - {OBSERVATIONS_MAX}; END;
"""  # noqa: E501, S608  a number of ours

# Of an attempt that met a network which wants a sign-in: the address of its page.
PAGES = "ALTER TABLE net_observation ADD COLUMN page TEXT NOT NULL DEFAULT '';\n"

# Of an attempt at a destination on this machine: it says nothing about the network.
NEAR = "ALTER TABLE net_observation ADD COLUMN near INTEGER NOT NULL DEFAULT 0;\n"

# How often in a row nobody there could say whether an earlier try arrived.
LOOKS = "ALTER TABLE outbox_item ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;\n"

# The first of those that an item still waits for, by their sentences, for whoever shows it: kept by triggers, since a
# needed one may be edited, filled, replaced or delivered by any process.
NAMED_MAX, NAME_CHARACTERS_MAX = 3, 80  # another bound is a step of its own
_NAMES = f"(SELECT json_group_array(name) FROM (SELECT iif(length(sentence) > {NAME_CHARACTERS_MAX}, substr(sentence, 1, {NAME_CHARACTERS_MAX - 1}) || '…', sentence) AS name FROM outbox_item AS other WHERE other.id IN (SELECT needs_id FROM outbox_need WHERE item_id = outbox_item.id AND done = 0) ORDER BY other.seq LIMIT {NAMED_MAX}))"  # noqa: E501, S608  numbers of ours
WAITS_ON = f"""
ALTER TABLE outbox_item ADD COLUMN waits_on TEXT;
UPDATE outbox_item SET waits_on = {_NAMES} WHERE id IN (SELECT item_id FROM outbox_need WHERE done = 0);
CREATE TRIGGER outbox_waits_insert AFTER INSERT ON outbox_need BEGIN UPDATE outbox_item SET waits_on = {_NAMES} WHERE id = new.item_id; END;
CREATE TRIGGER outbox_waits_update AFTER UPDATE ON outbox_need BEGIN UPDATE outbox_item SET waits_on = {_NAMES} WHERE id IN (old.item_id, new.item_id); END;
CREATE TRIGGER outbox_waits_delete AFTER DELETE ON outbox_need BEGIN UPDATE outbox_item SET waits_on = {_NAMES} WHERE id = old.item_id; END;
CREATE TRIGGER outbox_waits_renamed AFTER UPDATE OF sentence ON outbox_item WHEN old.sentence <> new.sentence BEGIN UPDATE outbox_item SET waits_on = {_NAMES} WHERE id IN (SELECT item_id FROM outbox_need WHERE needs_id = new.id AND done = 0); END;
"""  # noqa: E501, S608  constants

STEPS: tuple[tuple[str, str], ...] = (
    ("outbox_001_items", ITEMS),
    ("outbox_002_tally", TALLY),
    ("outbox_003_plans", PLANS),
    ("outbox_004_heads", HEADS),
    ("outbox_005_many", MANY),
    ("outbox_006_life", LIFE),
    ("outbox_007_looks", LOOKS),
    ("net_001_observations", OBSERVATIONS),
    ("outbox_008_waits_on", WAITS_ON),
    ("net_002_pages", PAGES),
    ("net_003_near", NEAR),
)
