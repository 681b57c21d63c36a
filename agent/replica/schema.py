"""Tables of the exchange, and the triggers that write the log of changes: in the same transaction, whoever changes.

`op_log` has one row for each field, tag and version of an artifact, with the stamp of its newest change and a `seq`
that rises with every change on this laptop. The values stay in the tables of the library. So the log never grows
beyond the library, and "what has changed since" is a walk from a `seq` on. While `replica_pen` has a row, what is
written came from another laptop and is logged by applying.py instead.
"""

from agent.replica.hlc import COUNT_BITS, TICK_SQL

TABLES = """
CREATE TABLE replica (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    hlc INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    place TEXT NOT NULL DEFAULT ''
);
CREATE TABLE replica_pen (one INTEGER PRIMARY KEY CHECK (one = 1));
CREATE TABLE replica_mark (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    generation TEXT NOT NULL,
    n INTEGER NOT NULL
);

CREATE TABLE op_log (
    artifact_id TEXT NOT NULL,
    what TEXT NOT NULL,
    key TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hlc INTEGER NOT NULL,
    replica TEXT NOT NULL,
    cover TEXT NOT NULL DEFAULT '',
    via TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (artifact_id, what, key)
) WITHOUT ROWID;
CREATE INDEX op_log_by_seq ON op_log(seq);

CREATE TABLE version_line (
    uid TEXT PRIMARY KEY,
    artifact_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    hlc INTEGER NOT NULL,
    replica TEXT NOT NULL,
    parents TEXT NOT NULL,
    UNIQUE (artifact_id, n),
    FOREIGN KEY (artifact_id, n) REFERENCES artifact_version(artifact_id, n) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE tag_dot (
    artifact_id TEXT NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    replica TEXT NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (artifact_id, tag, replica)
) WITHOUT ROWID;

CREATE TABLE version_open (artifact_id TEXT PRIMARY KEY REFERENCES artifact(id) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE exchange (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, report TEXT NOT NULL);
"""

MINE = "NOT EXISTS (SELECT 1 FROM replica_pen)"
BEGIN_SQL = (
    "INSERT INTO replica (one, id, hlc) SELECT 1, lower(hex(randomblob(16))), 0"
    " WHERE NOT EXISTS (SELECT 1 FROM replica)"
)
TICK = f"{BEGIN_SQL}; UPDATE replica SET seq = seq + 1, hlc = {TICK_SQL};\n"  # noqa: S608  our own text
COVER = """(SELECT coalesce(json_group_object(replica, hlc), '{{}}') FROM (
        SELECT replica, max(hlc) AS hlc FROM version_line WHERE artifact_id = {artifact} GROUP BY replica))"""


def _log(
    what: str, artifact: str, key: str = "''", cover: str = "''", floor: str = "0", rows: str = "replica r"
) -> str:
    """The row's new stamp: later than its last one. Two statements, since a trigger inherits the conflict rule of the
    statement that fired it."""
    where = f"artifact_id = {artifact} AND what = '{what}' AND key = {key}"
    return f"""
    UPDATE op_log SET seq = (SELECT seq FROM replica), hlc = max((SELECT hlc FROM replica), hlc + 1, {floor}),
        replica = (SELECT id FROM replica), cover = {cover}, via = '' WHERE {where};
    INSERT INTO op_log (artifact_id, what, key, seq, hlc, replica, cover)
    SELECT {artifact}, '{what}', {key}, r.seq, max(r.hlc, {floor}), r.id, {cover} FROM replica r
    WHERE NOT EXISTS (SELECT 1 FROM op_log WHERE {where});
"""  # noqa: S608  our own text


def _trigger(name: str, event: str, when: str, *body: str) -> str:
    return f"CREATE TRIGGER {name} {event} WHEN {MINE}{when} BEGIN {TICK}{''.join(body)}END;\n"


_HEAD = "(SELECT head FROM artifact WHERE id = NEW.artifact_id)"
_UID = "(SELECT uid FROM version_line WHERE artifact_id = NEW.artifact_id AND n = NEW.n)"
_LINE = f"""
    INSERT INTO version_line (uid, artifact_id, n, hlc, replica, parents)
    SELECT lower(hex(randomblob(16))), NEW.artifact_id, NEW.n, max(r.hlc, coalesce(p.hlc + 1, 0)), r.id,
        CASE WHEN p.uid IS NULL THEN '[]' ELSE json_array(p.uid) END
    FROM replica r LEFT JOIN version_line p ON p.artifact_id = NEW.artifact_id AND p.n = {_HEAD};
"""  # noqa: S608
_TAGS_GONE = """
    UPDATE tag_dot SET removed = added WHERE artifact_id = NEW.id AND tag IN (
        SELECT value FROM json_each(OLD.tags) EXCEPT SELECT value FROM json_each(NEW.tags));
"""
_TAGS_NEW = "(SELECT value FROM json_each(NEW.tags) EXCEPT SELECT value FROM json_each(OLD.tags))"
_TAGS_ADDED = f"""
    UPDATE tag_dot SET added = max(added + 1, (SELECT hlc FROM replica))
    WHERE artifact_id = NEW.id AND replica = (SELECT id FROM replica) AND tag IN {_TAGS_NEW};
    INSERT INTO tag_dot (artifact_id, tag, replica, added) SELECT NEW.id, t.value, r.id, r.hlc
    FROM replica r, {_TAGS_NEW} t WHERE NOT EXISTS (
        SELECT 1 FROM tag_dot WHERE artifact_id = NEW.id AND tag = t.value AND replica = r.id);
"""  # noqa: S608

PURGED = """CREATE TRIGGER op_log_purged AFTER DELETE ON artifact
BEGIN DELETE FROM op_log WHERE artifact_id = OLD.id AND what <> 'life'; END;
"""
TRIGGERS = (
    _trigger("op_log_made", "AFTER INSERT ON artifact", "", _log("title", "NEW.id"))
    + _trigger("op_log_title", "AFTER UPDATE OF title ON artifact", " AND NEW.title IS NOT OLD.title",
               _log("title", "NEW.id"))
    + _trigger("op_log_tags", "AFTER UPDATE OF tags ON artifact", " AND NEW.tags IS NOT OLD.tags",
               _TAGS_GONE, _TAGS_ADDED, _log("tags", "NEW.id"))
    + _trigger("op_log_trash", "AFTER UPDATE OF trashed_at ON artifact", " AND NEW.trashed_at IS NOT OLD.trashed_at",
               _log("trash", "NEW.id", cover=COVER.format(artifact="NEW.id")))
    + _trigger("op_log_version", "AFTER INSERT ON artifact_version", "",
               _LINE, _log("version", "NEW.artifact_id", _UID))
    + _trigger("op_log_source", "AFTER INSERT ON artifact_source", f" AND {_UID} IS NOT NULL",
               _log("version", "NEW.artifact_id", _UID))
    + _trigger("op_log_task", "AFTER INSERT ON task", "",
               _log("due", "NEW.artifact_id"), _log("done", "NEW.artifact_id"))
    + _trigger("op_log_due", "AFTER UPDATE OF said, due_at ON task",
               " AND (NEW.said IS NOT OLD.said OR NEW.due_at IS NOT OLD.due_at)", _log("due", "NEW.artifact_id"))
    + _trigger("op_log_done", "AFTER UPDATE OF done_at ON task", " AND NEW.done_at IS NOT OLD.done_at",
               _log("done", "NEW.artifact_id"))
    + _trigger("op_log_event", "AFTER INSERT ON event", "", _log("event", "NEW.artifact_id"))
    + _trigger("op_log_moved", "AFTER UPDATE ON event", "", _log("event", "NEW.artifact_id"))
    + _trigger("op_log_purge", "BEFORE DELETE ON artifact", "",
               _log("life", "OLD.id", cover=COVER.format(artifact="OLD.id")))
)  # fmt: skip

# What was there before there were logs: named and stamped by what it is, so that two copies of one profile agree on it.
ADOPTION = f"""
{BEGIN_SQL};
INSERT INTO version_line (uid, artifact_id, n, hlc, replica, parents)
SELECT v.artifact_id || ':' || v.n || ':' || substr(v.sha256, 1, 16), v.artifact_id, v.n,
    (max(0, max(v.created_at) OVER (PARTITION BY v.artifact_id ORDER BY v.n)) << {COUNT_BITS}) + v.n, '',
    CASE WHEN p.n IS NULL THEN '[]'
    ELSE json_array(p.artifact_id || ':' || p.n || ':' || substr(p.sha256, 1, 16)) END
FROM artifact_version v LEFT JOIN artifact_version p ON p.artifact_id = v.artifact_id AND p.n = v.n - 1;
INSERT INTO op_log (artifact_id, what, key, seq, hlc, replica)
SELECT artifact_id, 'version', uid, 0, hlc, '' FROM version_line;
INSERT INTO tag_dot (artifact_id, tag, replica, added)
SELECT DISTINCT a.id, t.value, '', max(a.created_at, 1) << {COUNT_BITS} FROM artifact a, json_each(a.tags) t;
INSERT INTO op_log (artifact_id, what, key, seq, hlc, replica)
SELECT id, 'title', '', 0, max(created_at, 0) << {COUNT_BITS}, '' FROM artifact
UNION ALL SELECT id, 'tags', '', 0, max(created_at, 0) << {COUNT_BITS}, '' FROM artifact WHERE tags <> '[]'
UNION ALL SELECT id, 'trash', '', 0, trashed_at << {COUNT_BITS}, '' FROM artifact WHERE trashed_at IS NOT NULL
UNION ALL SELECT artifact_id, 'due', '', 0, 0, '' FROM task UNION ALL SELECT artifact_id, 'done', '', 0, 0, '' FROM task
UNION ALL SELECT artifact_id, 'event', '', 0, 0, '' FROM event;
UPDATE op_log SET cover = (SELECT coalesce(json_group_object(replica, hlc), '{{}}') FROM (
    SELECT replica, max(hlc) AS hlc FROM version_line WHERE artifact_id = op_log.artifact_id GROUP BY replica))
WHERE what = 'trash';
UPDATE op_log SET seq = n.seq FROM (
    SELECT artifact_id, what, key, row_number() OVER (ORDER BY hlc, artifact_id, what, key) AS seq FROM op_log) n
WHERE n.artifact_id = op_log.artifact_id AND n.what = op_log.what AND n.key = op_log.key;
UPDATE replica SET seq = (SELECT count(*) FROM op_log), hlc = (SELECT coalesce(max(hlc), 0) FROM op_log);
"""  # noqa: S608

STEPS: tuple[tuple[str, str], ...] = (("replica_001_log", TABLES + ADOPTION + TRIGGERS + PURGED),)
