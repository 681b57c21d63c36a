"""Is the file what SQLite wrote? A look that costs nothing at every start, and a check that reads every page.

The look sees a foreign, emptied or cut-off file and a broken schema. The check (before each backup, and on demand)
sees broken pages. What neither sees, a flipped letter within a text, blobs see by their SHA-256.
"""

import sqlite3
from pathlib import Path

MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
PROBLEMS_MAX = 10


def look_over(path: Path) -> str:
    """What is plainly wrong with the file, in words; "" when it looks right or is not there yet."""
    if not path.is_file():
        return ""
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        return ""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    if header[:16] != MAGIC:
        return "it does not begin like a database"
    if len(header) < HEADER_BYTES:
        return "it is cut off"
    if not _makes_sense(header):
        return "its first bytes make no sense"
    return _size_trouble(header, size_bytes) if not has_log(path) else ""


def _makes_sense(header: bytes) -> bool:
    """What SQLite's file format fixes: page size, versions, payload fractions, schema format, text encoding."""
    page_bytes = _page_bytes(header)
    return (
        512 <= page_bytes <= 65_536
        and page_bytes & (page_bytes - 1) == 0
        and header[18] in (1, 2)
        and header[19] in (1, 2)
        and header[21:24] == b"\x40\x20\x20"
        and int.from_bytes(header[44:48], "big") <= 4
        and int.from_bytes(header[56:60], "big") <= 3
    )


def _page_bytes(header: bytes) -> int:
    stated = int.from_bytes(header[16:18], "big")
    return 65_536 if stated == 1 else stated


def has_log(path: Path) -> bool:
    """A write-ahead log may hold pages that the file lacks; then only SQLite can tell."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _size_trouble(header: bytes, size_bytes: int) -> str:
    page_bytes = _page_bytes(header)
    pages = int.from_bytes(header[28:32], "big")
    trusted = header[24:28] == header[92:96]  # the page count is of the last change
    if trusted and size_bytes < pages * page_bytes:
        return f"it is cut off: {size_bytes:,} of {pages * page_bytes:,} bytes are there"
    return ""


def problems(connection: sqlite3.Connection, *, thorough: bool = False) -> tuple[str, ...]:
    """What SQLite finds wrong when it reads every page; empty when all is well. `thorough` compares indexes too."""
    pragma = "integrity_check" if thorough else "quick_check"
    try:
        rows = connection.execute(f"PRAGMA {pragma}({PROBLEMS_MAX})").fetchall()
    except sqlite3.DatabaseError as error:
        return (str(error),)
    return tuple(row[0] for row in rows if row[0] != "ok")
