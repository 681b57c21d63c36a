"""Reads one value as models write it: JSON, or what looks like Python, with bare keys or quotes of a model's own."""

from __future__ import annotations

from typing import Any

from models.dialects.dialect import Quote
from models.dialects.source import EndedError, MalformedError, Source, Steps

DEPTH_MAX = 32
ITEMS_MAX = 10_000
NUMBER_CHARACTERS_MAX = 300
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "a": "\a"}
_HEX = {"u": 4, "x": 2, "U": 8}
_PLAIN = (Quote('"', '"'), Quote("'", "'"))


def read_value(source: Source, quote: Quote | None = None, depth: int = 0) -> Steps[Any]:
    """`quote`: one more kind beside "…" and '…'."""
    if depth > DEPTH_MAX:
        raise MalformedError("it is nested too deeply")
    yield from source.skip_space()
    if mark := (yield from quote_at(source, quote)):
        return (yield from read_text(source, mark))
    character = yield from source.peek()
    if character == "{":
        return (yield from _read_object(source, quote, depth))
    if character == "[":
        return (yield from _read_list(source, quote, depth))
    if character and (character in "+-." or character.isdigit()):
        return (yield from _read_number(source))
    return (yield from _read_word(source))


def quote_at(source: Source, quote: Quote | None) -> Steps[Quote | None]:
    """The quote that begins here, if one does."""
    start = source.at
    for mark in (quote, *_PLAIN) if quote else _PLAIN:
        for wanted in mark.open:
            character = yield from source.peek()
            if character != wanted:
                break
            source.at += 1
        else:
            source.at = start
            return mark
        source.at = start
    return None


def read_text(source: Source, mark: Quote) -> Steps[str]:
    """A text in quotes, from the opening one to behind the closing one."""
    source.at += len(mark.open)
    parts: list[str] = []
    while True:
        character = yield from source.take()
        if character == "\\" and mark.escapes:
            parts.append((yield from _read_escape(source)))
            continue
        parts.append(character)
        if character == mark.close[-1] and "".join(parts[-len(mark.close) :]) == mark.close:
            return joined("".join(parts[: -len(mark.close)]))


def _read_escape(source: Source) -> Steps[str]:
    kind = yield from source.take()
    if kind not in _HEX:
        return _ESCAPES.get(kind, kind)
    digits = ""
    for _ in range(_HEX[kind]):
        digits += yield from source.take()
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        raise MalformedError(f"“\\{kind}{digits}” is no character") from None


def joined(text: str) -> str:
    """Two escapes that make one character made that character; half of one is shown as broken."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_object(source: Source, quote: Quote | None, depth: int) -> Steps[dict[str, Any]]:
    source.at += 1
    found: dict[str, Any] = {}
    while True:
        yield from source.skip_space()
        if (yield from source.peek()) == "}":
            source.at += 1
            return found
        if len(found) >= ITEMS_MAX:
            raise MalformedError("it has too many parts")
        key = yield from _read_key(source, quote)
        yield from source.skip_space()
        yield from source.literal(":")
        found[key] = yield from read_value(source, quote, depth + 1)
        yield from _read_comma(source, "}")


def _read_key(source: Source, quote: Quote | None) -> Steps[str]:
    if mark := (yield from quote_at(source, quote)):
        return (yield from read_text(source, mark))
    key = yield from _read_letters(source, "_-.$")
    if not key:
        raise EndedError if source.ended_at() else MalformedError("the name of a part was expected")
    return key


def _read_list(source: Source, quote: Quote | None, depth: int) -> Steps[list[Any]]:
    source.at += 1
    found: list[Any] = []
    while True:
        yield from source.skip_space()
        if (yield from source.peek()) == "]":
            source.at += 1
            return found
        if len(found) >= ITEMS_MAX:
            raise MalformedError("it has too many parts")
        found.append((yield from read_value(source, quote, depth + 1)))
        yield from _read_comma(source, "]")


def _read_comma(source: Source, end: str) -> Steps[None]:
    yield from source.skip_space()
    character = yield from source.peek()
    if character == ",":
        source.at += 1
    elif not character:
        raise EndedError
    elif character != end:
        raise MalformedError(f"“,” or “{end}” was expected, not “{character}”")


def _read_number(source: Source) -> Steps[int | float]:
    digits = yield from _read_letters(source, "+-.")
    if len(digits) > NUMBER_CHARACTERS_MAX:
        raise MalformedError("a number in it is too long")
    try:
        return int(digits)
    except ValueError:
        pass
    try:
        number = float(digits)
    except ValueError:
        raise MalformedError(f"“{digits[:40]}” is no number") from None
    if number - number != 0:
        raise MalformedError(f"“{digits[:40]}” is too large a number")
    return number


def _read_word(source: Source) -> Steps[bool | None]:
    word = yield from _read_letters(source, "")
    if word not in _WORDS:
        character = yield from source.peek()
        if not word and not character:
            raise EndedError
        raise MalformedError(f"“{(word or character)[:40]}” is no value")
    return _WORDS[word]


def _read_letters(source: Source, others: str) -> Steps[str]:
    start = source.at
    while (character := (yield from source.peek())) and (character.isalnum() or character in others):
        source.at += 1
    return source.text[start : source.at]


def value_of(text: str, quote: Quote | None = None) -> Any:
    """The one value that a complete text holds. MalformedError where it holds none, or something behind it."""
    source = Source(text)
    source.end()
    steps = read_value(source, quote)
    try:
        next(steps)
    except StopIteration as done:
        if source.text[source.at :].strip():
            raise MalformedError("something stands behind the value") from None
        return done.value
    raise AssertionError("a text that has ended is not waited for")
