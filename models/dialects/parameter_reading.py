"""Reads arguments that are written one by one, each with its name; what a bare text means, the tool's schema says."""

from __future__ import annotations

from typing import Any

from models.dialects.dialect import KEY, TYPE, Parameters
from models.dialects.schemas import Schema, properties_of, resolved, type_of, types_of
from models.dialects.source import EndedError, MalformedError, Source, Steps
from models.dialects.values import DEPTH_MAX, ITEMS_MAX, quote_at, read_text, read_value, value_of

KEY_CHARACTERS_MAX = 200


def read_parameters(source: Source, form: Parameters, schema: Schema, behind: tuple[str, ...]) -> Steps[dict[str, Any]]:
    """`behind`: the texts that may follow all of them."""
    found = yield from _read_members(source, form, schema, schema, behind, 0)
    return dict(found)


def _read_members(
    source: Source, form: Parameters, schema: Schema, root: Schema, behind: tuple[str, ...], depth: int
) -> Steps[list[tuple[str, Any]]]:
    if depth > DEPTH_MAX:
        raise MalformedError("it is nested too deeply")
    found: list[tuple[str, Any]] = []
    while (yield from _another(source, form, behind, first=not found)):
        if len(found) >= ITEMS_MAX:
            raise MalformedError("it has too many parts")
        key = yield from _read_key(source, form, schema)
        part = properties_of(schema).get(key, {}) if key != form.item else schema.get("items", {})
        found.append((key, (yield from _read_one(source, form, key, part, root, behind, depth))))
    return found


def _another(source: Source, form: Parameters, behind: tuple[str, ...], *, first: bool) -> Steps[bool]:
    """Whether one more follows; if so, behind what opens it."""
    yield from source.skip_space()
    start = source.at
    for text in behind:
        ends = yield from source.tries(text)
        source.at = start
        if ends:
            return False
    lead = form.open if first else form.between + form.open
    if not (yield from source.peek()):
        return False
    return not lead.strip() or ((yield from source.tries(lead)) and not source.ended_at())


def _read_key(source: Source, form: Parameters, schema: Schema) -> Steps[str]:
    border = form.equals[:1]
    key = ""
    while character := (yield from source.peek()):
        if character == border and not any(known.startswith(key + character) for known in properties_of(schema)):
            break
        key += character
        source.at += 1
        if len(key) > KEY_CHARACTERS_MAX:
            raise MalformedError("a parameter's name in it is too long")
    if not key.strip():
        raise MalformedError("the name of a parameter was expected")
    return key.strip()


def _read_one(
    source: Source, form: Parameters, key: str, schema: Any, root: Schema, behind: tuple[str, ...], depth: int
) -> Steps[Any]:
    word = yield from _read_equals(source, form)
    part = resolved(schema, root)
    close = form.close.replace(KEY, key)
    if form.quote is not None:
        return (yield from _read_quoted(source, form, close, behind))
    if form.notation == "tags" and (yield from _opens(source, form)):
        members = yield from _read_members(source, form, part, root, (close,), depth + 1)
        yield from source.literal(close)
        return [value for _, value in members] if _is_list(members, form, part, root) else dict(members)
    if form.wrap is not None and (yield from source.tries(form.wrap.open)):
        return (yield from _read_bare(source, form, form.wrap.close + close, behind))
    text = yield from _read_bare(source, form, close, behind)
    return meaning(text, part, root, is_text=_says_text(form, word))


def _read_equals(source: Source, form: Parameters) -> Steps[str]:
    """What stands between name and value; the word for the type in it. Blanks behind it may belong to the value."""
    sign = form.equals.rstrip()
    before, slot, after = sign.partition(TYPE)
    yield from source.literal(before)
    word = ""
    while slot and (character := (yield from source.peek())) and character.isalnum():
        word += character
        source.at += 1
    yield from source.literal(after)
    for blank in form.equals[len(sign) :]:
        if (yield from source.peek()) != blank:
            break
        source.at += 1
    return word


def _says_text(form: Parameters, word: str) -> bool | None:
    """What the word for the type says; None where there is none, or it says nothing."""
    if not word or word not in form.types.values():
        return None
    return word == form.types.get("string")


def _read_quoted(source: Source, form: Parameters, close: str, behind: tuple[str, ...]) -> Steps[Any]:
    quote = form.quote
    assert quote is not None
    mark = yield from quote_at(source, quote)
    if mark is None or mark is not quote:
        value = yield from read_value(source, quote)
    elif quote.escapes:
        value = yield from read_text(source, quote)
    else:
        source.at += len(quote.open)
        return (yield from _read_bare(source, form, quote.close + close, behind))
    yield from source.literal(close)
    return value


def _opens(source: Source, form: Parameters) -> Steps[bool]:
    """Whether tags follow and no text."""
    start = source.at
    yield from source.skip_space()
    opens = (yield from source.tries(form.open)) and (yield from source.peek()) not in ("/", "")
    source.at = start
    return opens


def _is_list(members: list[tuple[str, Any]], form: Parameters, schema: Schema, root: Schema) -> bool:
    if "array" in (allowed := types_of(schema, root)) and "object" not in allowed:
        return True
    return bool(members) and all(key == form.item for key, _ in members) and "object" not in allowed


def _read_bare(source: Source, form: Parameters, close: str, behind: tuple[str, ...]) -> Steps[str]:
    """Text up to where it is closed: the mark that closes it counts only if what must follow does follow."""
    lead = close[: len(close) - len(close.lstrip())]
    mark = close.strip()
    start = source.at
    while True:
        here = source.at
        if (yield from _closes(source, form, mark, behind)):
            return source.text[start:here].removesuffix(lead)
        source.at = here
        try:
            yield from source.take()
        except EndedError:
            source.at = start
            raise


def _closes(source: Source, form: Parameters, mark: str, behind: tuple[str, ...]) -> Steps[bool]:
    """Whether the mark is here with what must follow it; if so, behind the mark."""
    if mark and (yield from source.peek()) != mark[0]:
        return False
    try:
        yield from source.literal(mark)
    except MalformedError:
        return False
    after = source.at
    for following in (form.between + form.open, *behind):
        source.at = after
        if following.strip() and (yield from source.tries(f" {following}")):
            source.at = after
            return True
    source.at = after
    yield from source.skip_space()
    closes = bool(mark) and (not behind or source.ended_at())
    source.at = after
    return closes


def meaning(text: str, schema: Schema, root: Schema, *, is_text: bool | None = None) -> Any:
    """What a bare text stands for: itself, or a value where the schema asks for one and the text reads as one."""
    allowed = types_of(schema, root)
    if is_text or allowed == {"string"}:
        return text
    try:
        value = value_of(text)
    except MalformedError:
        return text
    if isinstance(value, str):
        return text if "string" in allowed or not allowed else value
    kind = type_of(value)
    fits = not allowed or kind in allowed or (kind == "integer" and "number" in allowed)
    return value if fits or "string" not in allowed else text
