"""How the command line answers: one JSON document, or plain lines for people. Logs and progress go to stderr."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NoReturn, TextIO

import click

from sync.steering import UNSEEN, on_one_line, shown

DONE, NEGATIVE, INVALID, BROKEN = 0, 1, 2, 3  # exit codes: the contract of README.md here
ZONE = "app.cli.zone"  # in the context's meta: the zone of the user's times, as the settings name it

_UNSEEN = re.compile(f"[{UNSEEN}]")


def plain(value: Any) -> Any:
    """JSON values of records; fields named `at` or `..._at` hold unix milliseconds and print as ISO 8601, UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _field(item.name, getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _field(str(key), entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _field(name: str, value: Any) -> Any:
    if (name == "at" or name.endswith("_at")) and isinstance(value, int) and not isinstance(value, bool):
        return iso(value)
    return plain(value)


def iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(milliseconds: int) -> str:
    """Date and time for a person, in the zone of the settings."""
    from agent.tools.context import zone_named

    context = click.get_current_context(silent=True)
    zone = zone_named(context.find_root().meta.get(ZONE, "local")) if context else None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def show(value: Any, *, as_json: bool, lines: Sequence[str] = ()) -> None:
    """Print `value` as the one JSON document, or `lines` for a person."""
    if as_json:
        document(plain(value))
        return
    for line in lines:
        click.echo(harmless(line) if _is_terminal(sys.stdout) else line)


def document(value: Any) -> None:
    """One JSON document on a line of its own. What a terminal would act on is written as an escape: the same value."""
    written = json.dumps(value, ensure_ascii=False)
    click.echo(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written))


def aside(text: str) -> None:
    """A line on stderr, beside the answer."""
    click.echo(harmless(text) if _is_terminal(sys.stderr) else text, err=True)


def harmless(text: str) -> str:
    """Text for a terminal: what others wrote (a page, an imported file) may not move its cursor or recolour it."""
    return shown(text)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()  # None: closed by whoever started us


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; the last one free. A row stays one line, whoever named what is in it."""
    if not rows:
        return []
    rows = [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def size(size_bytes: float) -> str:
    """In the unit that shows most of it: "2.4 GB", "310 KB"."""
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size_bytes >= bytes_each:
            return f"{size_bytes / bytes_each:.1f} {unit}"
    return f"{size_bytes:.0f} bytes"


def fail(code: int, what: str, where: str = "", todo: str = "", *, as_json: bool = False) -> NoReturn:
    """End with a message that says what happened, where, and what to do."""
    if as_json:
        document({"error": {"what": what, "where": where, "todo": todo}})
    else:
        for line in filter(None, (what, where and f"  where: {where}", todo and f"  what to do: {todo}")):
            aside(line)
    sys.exit(code)
