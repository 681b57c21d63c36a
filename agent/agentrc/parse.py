"""Bytes of a settings file → its values and where they stand, or a Problem that names line and column."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.agentrc.errors import Problem
from agent.agentrc.positions import Position, TomlPath, positions

FILE_BYTES_MAX = 256 * 1024  # a settings file is a few kilobytes; anything bigger is a mistake
BOM = b"\xef\xbb\xbf"  # some editors put it before the text; it is kept, and not read

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A valid TOML text: plain values, and the place of each path."""

    data: Mapping[str, Any]
    places: Mapping[TomlPath, Position]


def parse(raw: bytes, where: str) -> Parsed | Problem:
    """Read a file's bytes. `where` is how messages name the file."""
    if len(raw) > FILE_BYTES_MAX:
        return Problem(where, 0, 0, f"is larger than {FILE_BYTES_MAX:,} bytes, the most a settings file may have.")
    try:
        text = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw.removeprefix(BOM)[: error.start].decode("utf-8")
        line, column = _end_of(before)
        return Problem(where, line, column, "holds a character that is not UTF-8. Save the file as UTF-8.")
    return _parse_text(text.replace("\r\n", "\n"), where)


def _parse_text(text: str, where: str) -> Parsed | Problem:
    try:
        return Parsed(tomllib.loads(text), positions(text))
    except tomllib.TOMLDecodeError as error:
        return _syntax_problem(str(error), text, where)
    except RecursionError:
        return Problem(where, 0, 0, "nests brackets too deeply to be read.")


def _syntax_problem(message: str, text: str, where: str) -> Problem:
    match = _PLACE.search(message)
    line, column = (int(match[1]), int(match[2])) if match and match[1] else _end_of(text)
    said = message[: match.start()] if match else message
    return Problem(where, line, column, f"is not valid TOML: {said}.{_remedy(_line_of(text, line))}")


def _remedy(line: str) -> str:
    """What people most often forget, where the line shows it."""
    key, equals, value = line.partition("=")
    if equals and "*" in key and '"' not in key and "'" not in key:
        return f' A name with * needs quotes: "{key.strip()}" = …'
    if equals and re.fullmatch(r"\s*[A-Za-z][^\"'\[\]{}]*", value) and value.strip() not in ("true", "false"):
        return f' Text needs quotes: {key.strip()} = "…"'
    if ":" in key and not equals:
        return " A setting is written with an equals sign: name = value"
    return ""


def _line_of(text: str, line: int) -> str:
    lines = text.split("\n")
    return lines[line - 1].split("#")[0] if 0 < line <= len(lines) else ""


def _end_of(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
