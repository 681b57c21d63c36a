"""Where each key and value stands in a TOML text, by line and column from 1.

The parser (tomllib) gives values without places, and tomlkit keeps places to itself, so this reads along: a scanner
for text that has already parsed. Because the text is known to be valid it only has to know where things end.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

TomlPath = tuple[str | int, ...]  # an int is the place in an array of tables


@dataclass(frozen=True, slots=True)
class Position:
    """Where a key begins, and where its value does (the same place for a table's header)."""

    line: int
    column: int
    value_line: int
    value_column: int


_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # what may stand between two things
_KEY = re.compile(r'[ \t]*("(?:\\.|[^"\\])*"|\'[^\']*\'|[A-Za-z0-9_-]+)[ \t]*')
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def positions(text: str) -> Mapping[TomlPath, Position]:
    """Every key, header and inline key of a text that tomllib accepts."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[TomlPath, Position] = {}
        self._arrays: dict[TomlPath, int] = {}
        self._line, self._line_start, self._counted = 1, 0, 0

    def document(self) -> None:
        table: TomlPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> TomlPath:
        start = self._place(self.at)
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        names = self._names()
        self.at += 2 if double else 1
        path: TomlPath = ()
        for depth, name in enumerate(names):
            path = (*path, name)
            if double and depth == len(names) - 1:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            self.found.setdefault(path, Position(*start, *start))
            if path in self._arrays:
                path = (*path, self._arrays[path])
            self.found.setdefault(path, Position(*start, *start))
        return path

    def _pair(self, table: TomlPath) -> None:
        """`a.b = value`, in a table or inside an inline one."""
        self._skip(_BLANK)
        start = self._place(self.at)
        names = self._names()
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        value = self._place(self.at)
        path = table
        for name in names:
            path = (*path, name)
            self.found.setdefault(path, Position(*start, *value))
        self._value(path)

    def _names(self) -> list[str]:
        names: list[str] = []
        while True:
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise ValueError(f"no key at character {self.at}: the text was not valid TOML")
            names.append(_plain(match.group(1)))
            self.at = match.end()
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def _value(self, path: TomlPath) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _array(self, path: TomlPath) -> None:
        self.at += 1
        index = 0
        while not self._closed("]"):
            place = self._place(self.at)
            self.found.setdefault((*path, index), Position(*place, *place))
            self._value((*path, index))
            self._comma()
            index += 1

    def _inline(self, path: TomlPath) -> None:
        self.at += 1
        while not self._closed("}"):
            self._pair(path)
            self._comma()

    def _closed(self, mark: str) -> bool:
        self._skip(_BLANK)
        closed = self.text.startswith(mark, self.at)
        self.at += closed
        return closed

    def _comma(self) -> None:
        self._skip(_BLANK)
        self.at += self.text.startswith(",", self.at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"cannot read on at character {self.at}: the text was not valid TOML")
        self.at = match.end()

    def _place(self, at: int) -> tuple[int, int]:
        """Line and column of a character; only ever asked in reading order."""
        for newline in re.finditer("\n", self.text[self._counted : at]):
            self._line += 1
            self._line_start = self._counted + newline.end()
        self._counted = at
        return self._line, at - self._line_start + 1


def _plain(key: str) -> str:
    """The name behind a key as written; TOML itself reads the escapes."""
    if key[0] in "\"'":
        return next(iter(tomllib.loads(f"{key} = 0")))
    return key
