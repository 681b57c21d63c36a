"""Content by its SHA-256: equal content is stored once, and content that changed on the disk is noticed when read."""

import hashlib
import sqlite3

from agent.library.errors import BlobDamagedError, TooLargeError

CONTENT_BYTES_MAX = 32 * 1024 * 1024


def put(connection: sqlite3.Connection, content: bytes) -> str:
    """The digest under which it is now stored."""
    if len(content) > CONTENT_BYTES_MAX:
        raise TooLargeError(
            f"This is larger than {CONTENT_BYTES_MAX // 1024 // 1024} MB.", "library", "Divide it into smaller parts."
        )
    digest = hashlib.sha256(content).hexdigest()
    connection.execute(
        "INSERT INTO blob (sha256, content, is_text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (digest, content, is_text(content)),
    )
    return digest


def get(connection: sqlite3.Connection, digest: str) -> bytes:
    content: bytes = connection.execute("SELECT content FROM blob WHERE sha256 = ?", (digest,)).fetchone()[0]
    if hashlib.sha256(content).hexdigest() != digest:
        raise BlobDamagedError(where=digest[:12], todo="Other versions may be whole; or run: carryon restore")
    return content


def is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def forget_unused(connection: sqlite3.Connection) -> None:
    connection.execute(
        "DELETE FROM blob WHERE NOT EXISTS (SELECT 1 FROM artifact_version v WHERE v.sha256 = blob.sha256)"
    )


def damaged(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Digests whose content is no longer theirs; reads everything."""
    digests = [row[0] for row in connection.execute("SELECT sha256 FROM blob").fetchall()]
    wrong = []
    for digest in digests:
        try:
            get(connection, digest)
        except BlobDamagedError:
            wrong.append(digest)
    return tuple(wrong)
