"""Changing one setting in a file's bytes and nothing else: comments, order, spacing, line endings, a missing last
newline and a byte-order mark stay. tomlkit does the editing; every edit is proved by reading the outcome back.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from agent.agentrc.errors import RcError
from agent.agentrc.keys import Path, format_key
from agent.agentrc.parse import BOM
from agent.agentrc.positions import positions


def set_value(raw: bytes, path: Path, value: object) -> bytes:
    """The bytes with `path` set to `value`. Raises RcError when the file's form does not allow it."""
    return _edited(raw, path, value)


def unset(raw: bytes, path: Path) -> bytes:
    """The bytes without `path`; the same bytes if it is not there."""
    return _edited(raw, path, None)


def _edited(raw: bytes, path: Path, value: object) -> bytes:
    text = raw.removeprefix(BOM).decode("utf-8")
    before = tomllib.loads(text.replace("\r\n", "\n"))
    wanted = _with(before, path, value)
    if wanted == before:
        return raw
    for write in (_rule_on_top, _by_tomlkit, _dotted_on_top):
        written = write(text, path, value)
        after = _like(text, written) if written is not None else text
        if _reads(after) in (wanted, _without_empty(wanted, path)):
            return (BOM if raw.startswith(BOM) else b"") + after.encode("utf-8")
    raise RcError(f"{format_key(path)} cannot be changed without touching more than it. Edit the file by hand.")


def _by_tomlkit(text: str, path: Path, value: object) -> str | None:
    import tomlkit

    try:
        document = tomlkit.parse(text)
        _change(document, path, value)
        return tomlkit.dumps(document)
    except (ValueError, TypeError, LookupError):  # a form that tomlkit cannot keep
        return None


def _dotted_on_top(text: str, path: Path, value: object) -> str | None:
    """A new key where the file writes its tables as dotted keys: one more such line, above the first header."""
    if value is None or path[0] == "tools":
        return None
    lines = lines_of(text)
    at = next((number for number, line in enumerate(lines) if re.match(r"[ \t]*\[", line)), len(lines))
    above = "".join(lines[:at])
    if above and not above.endswith("\n"):
        above += "\n"
    return f"{above}{format_key(path)} = {_toml(value)}\n{''.join(lines[at:])}"


def _reads(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        return None


def _change(document: Any, path: Path, value: object) -> None:
    import tomlkit

    table = document
    for name in path[:-1]:
        if name not in table:
            if value is None:
                return
            inline = isinstance(table, tomlkit.items.InlineTable)
            table[name] = tomlkit.inline_table() if inline else tomlkit.table()
        table = table[name]
    if value is None:
        table.pop(path[-1], None)
        if len(path) == 2 and not table and not _has_comments(table):
            document.pop(path[0])  # a header that Carryon wrote goes with the last key under it
    else:
        table[path[-1]] = _item(value)


def _item(value: object) -> Any:
    """A group of values stands on one line: a table of its own for each tool of a server would fill the file."""
    import tomlkit

    if not isinstance(value, dict):
        return value
    inline = tomlkit.inline_table()
    inline.update(value)
    return inline


def _has_comments(table: Any) -> bool:
    return "#" in table.as_string()


def _without_empty(data: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The same without the table of `path` if nothing is left in it."""
    return {name: entry for name, entry in data.items() if name != path[0] or entry != {}}


def _rule_on_top(text: str, path: Path, value: object) -> str | None:
    """A new rule for tools goes first: the first match wins, so at the end it might never be asked."""
    rules = (_reads(text) or {}).get("tools", {})
    if path[0] != "tools" or value is None or path[1] in rules or not rules:
        return None
    place = positions(text.replace("\r\n", "\n"))[("tools",)]
    lines = lines_of(text)
    header = lines[place.line - 1]
    if not re.match(r"\s*\[\s*(tools|\"tools\"|'tools')\s*\]", header):
        raise RcError(
            'The rules for tools stand on one line here. Write them under [tools], one a line: "email.*" = "ask".'
        )
    if not header.endswith("\n"):
        header += "\n"
    rule = f"{format_key(path[1:])} = {_toml(value)}\n"
    return "".join((*lines[: place.line - 1], header, rule, *lines[place.line :]))


def _toml(value: object) -> str:
    import tomlkit

    return tomlkit.item(_item(value)).as_string()  # type: ignore[call-overload, no-any-return, unused-ignore]


def _like(old: str, new: str) -> str:
    """Line endings as the file had them, and no last newline where it had none."""
    if _mostly_crlf(old):
        kept = set(lines_of(old))
        lines = lines_of(new)
        new = "".join(line if line in kept or line.endswith("\r\n") else line.replace("\n", "\r\n") for line in lines)
    if old.strip() and not old.endswith("\n"):
        new = new.rstrip("\r\n")
    return new


def lines_of(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends a line in TOML."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _mostly_crlf(text: str) -> bool:
    return text.count("\r\n") * 2 > text.count("\n")


def _with(data: Mapping[str, Any], path: Path, value: object) -> dict[str, Any]:
    """The plain values as they should be after the edit."""
    name, *rest = path
    after = dict(data)
    if rest:
        inner = after.get(name, {})
        if not isinstance(inner, dict):
            raise RcError(f"{name} is not a table in this file. Correct the file first: `carryon rc check`.")
        if value is not None or name in after:
            after[name] = _with(inner, tuple(rest), value)
    elif value is None:
        after.pop(name, None)
    else:
        after[name] = value
    return after
