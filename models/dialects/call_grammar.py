"""The calls of a dialect as a grammar: from the opening of the first to behind the last, each for one of the tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from models.contracts import CALLS_MAX, ChatTool
from models.dialects.call_reading import SLOT
from models.dialects.dialect import (
    ARGUMENTS,
    ENVELOPE,
    ID,
    INDEX,
    KEY,
    NAME,
    TYPE,
    Dialect,
    Envelope,
    Member,
    Parameters,
    Quote,
    Writing,
)
from models.dialects.gbnf import WS, Grammar, TooLargeError, by_name, either, literal, row, until
from models.dialects.schema_grammar import DEPTH_MAX, SchemaRules, Style
from models.dialects.schemas import ANY, Schema, properties_of, required_of, resolved, types_of

_SPACE = r"[ \t\n]{0,8}"
_MARKS = {ID: "[a-zA-Z0-9]{1,40}", INDEX: "[0-9]{1,3}"}
_SIMPLE = ("string", "integer", "number", "boolean", "null", "array", "object")


def call_grammar(writing: Writing, tools: Sequence[ChatTool], primed: str = "") -> str:
    """`primed`: the part of the opening that stands there already. Tools whose schemas are too much for one grammar
    are held to their names alone."""
    for plain in (False, True):
        grammar = Grammar()
        try:
            return grammar.text(_Calls(grammar, writing, plain=plain).section(tools, primed))
        except TooLargeError:
            continue
    raise ValueError("the names of the tools are too long for a grammar")


def answer_grammar(
    schema: Mapping[str, Any] | None, dialect: Dialect, tools: Sequence[ChatTool], *, required: bool
) -> str:
    """For a whole answer: a value of the form that was asked for, or calls, or either. Marks that stand around text may
    come before it."""
    for plain in (False, True):
        grammar = Grammar()
        choices = []
        try:
            if tools and (required or schema is None or dialect.writing.sure):
                choices.append(_Calls(grammar, dialect.writing, plain=plain).section(tools, dialect.primed))
            if schema is not None and not (required and tools):
                root: Schema = schema if not plain else {"type": "object"}
                marks = either(["", *map(literal, dialect.silent)])
                choices.append(row(marks, _SPACE, SchemaRules(grammar, root).value(root)))
            return grammar.text(row("" if dialect.primed else _SPACE, either(choices)))
        except TooLargeError:
            continue
    raise ValueError("the names of the tools are too long for a grammar")


class _Calls:
    def __init__(self, grammar: Grammar, writing: Writing, *, plain: bool) -> None:
        self._grammar = grammar
        self._writing = writing
        self._plain = plain  # leave the tools' schemas out

    def section(self, tools: Sequence[ChatTool], primed: str) -> str:
        writing = self._writing
        call = self._grammar.add("call", row(self._choice(tools), self._pattern(writing.after)))
        lead = (writing.head + writing.before).lstrip()
        first = row(self._pattern(lead.removeprefix(primed)), call)
        more = row(self._pattern(writing.between), self._pattern(writing.before), call)
        several = f"( {more} ){{0,{CALLS_MAX - 1}}}" if writing.several else ""
        return row(first, several, self._pattern(writing.tail.rstrip()))

    def _choice(self, tools: Sequence[ChatTool]) -> str:
        if self._writing.form == ENVELOPE:
            assert self._writing.envelope is not None
            return self._enveloped(tools, self._writing.envelope)
        before, _, behind = self._writing.form.partition(NAME)
        choices = {tool.name: self._behind_name(behind, tool) for tool in tools}
        return row(self._pattern(before), by_name(choices))

    def _behind_name(self, pattern: str, tool: ChatTool) -> str:
        before, _, after = pattern.replace(NAME, tool.name).partition(ARGUMENTS)
        return row(self._pattern(before), self._grammar.add("arguments", self._arguments(tool)), self._pattern(after))

    def _arguments(self, tool: ChatTool) -> str:
        schema = self._schema(tool)
        if self._writing.parameters is not None:
            return _Parameters(self._grammar, self._writing.parameters, schema).all()
        return SchemaRules(self._grammar, schema).value(schema)

    def _schema(self, tool: ChatTool) -> Schema:
        return {"type": "object"} if self._plain else {"properties": {}, "additionalProperties": False, **_said(tool)}

    # -- one JSON object -----------------------------------------------------------------------------------------

    def _enveloped(self, tools: Sequence[ChatTool], envelope: Envelope) -> str:
        inside = "" if self._writing.opening.startswith("{") else WS
        if not envelope.members:
            choices = {_quoted(tool.name): row(literal('":'), WS, self._object(tool)) for tool in tools}
            return row(literal("{"), inside, literal('"'), by_name(choices), WS, literal("}"))
        at = next(place for place, member in enumerate(envelope.members) if member.holds == "name")
        before = [self._member(member, None) for member in envelope.members[:at]]
        lead = row(*(row(member, literal(","), WS) for member in before), literal(json.dumps(envelope.key_of("name"))))
        choices = {_quoted(tool.name): self._rest(envelope.members[at + 1 :], tool) for tool in tools}
        return row(literal("{"), inside, lead, literal(":"), WS, literal('"'), by_name(choices), WS, literal("}"))

    def _rest(self, members: Sequence[Member], tool: ChatTool) -> str:
        return row(literal('"'), *(row(literal(","), WS, self._member(member, tool)) for member in members))

    def _member(self, member: Member, tool: ChatTool | None) -> str:
        """`tool` None: its name is not known yet, so that arguments before it are of any form."""
        key = row(literal(json.dumps(member.key)), literal(":"), WS)
        match member.holds:
            case "arguments":
                return row(key, self._object(tool) if tool else SchemaRules(self._grammar, ANY).free("object"))
            case "id":
                return row(key, literal('"'), _MARKS[ID], literal('"'))
            case "index":
                quote = literal('"') if member.text.startswith('"') else ""
                return row(key, quote, _MARKS[INDEX], quote)
        return row(key, literal(member.text))

    def _object(self, tool: ChatTool) -> str:
        return self._grammar.add("arguments", self._arguments(tool))

    def _pattern(self, pattern: str) -> str:
        return row(*(_MARKS.get(part) or literal(part) for part in SLOT.split(pattern)))


class _Parameters:
    """Arguments one by one, in the schema's order or in that of the alphabet."""

    def __init__(self, grammar: Grammar, form: Parameters, root: Schema) -> None:
        self._grammar = grammar
        self._form = form
        self._root = root
        self._rules = SchemaRules(grammar, root, _style(form))

    def all(self) -> str:
        if "properties" not in self._root:
            return self._free()
        return self._members(self._root, 0)

    def _members(self, schema: Schema, depth: int) -> str:
        needed = required_of(schema)
        properties = properties_of(schema)
        keys = sorted(properties, key=str.lower) if self._form.sorted else list(properties)
        opening = literal(self._form.open)
        members = [(row(opening, self._one(key, properties[key], depth)), key in needed) for key in keys]
        return self._rules.members(members, literal(self._form.between))

    def _free(self) -> str:
        """Parameters of any name and form."""
        form = self._form
        start = row(literal(form.open), "[A-Za-z_] [A-Za-z0-9_.-]{0,63}")
        member = row(start, self._of_any_type(form.close.replace(KEY, "")) if KEY not in form.close else "")
        if KEY in form.close:
            return ""
        return f"( {member} ( {row(literal(form.between), member)} )* )?"

    def _one(self, key: str, schema: Any, depth: int) -> str:
        """A parameter behind what opens it."""
        close = self._form.close.replace(KEY, key)
        kinds = types_of(schema, self._root) & frozenset(_SIMPLE)
        if not kinds:
            return row(literal(key), self._of_any_type(close))
        made = [self._of_type(kind, schema, close, depth) for kind in _SIMPLE if kind in kinds]
        return row(literal(key), either(made))

    def _of_any_type(self, close: str) -> str:
        made = [self._of_type("string", ANY, close, DEPTH_MAX)]
        if self._form.quote is not None or TYPE in self._form.equals:
            made += [self._of_type(kind, {"type": kind}, close, DEPTH_MAX) for kind in _SIMPLE[1:]]
        return either(made)

    def _of_type(self, kind: str, schema: Any, close: str, depth: int) -> str:
        equals = self._form.equals.replace(TYPE, self._form.types.get(kind, kind))
        found = resolved(schema, self._root)
        if kind == "string" and self._form.quote is None:
            return row(literal(equals), self._bare(found, close))
        if self._form.notation == "tags" and kind in ("object", "array"):
            return row(literal(equals), self._tags(kind, found, depth + 1), literal(close))
        narrowed = {**found, "type": kind} if isinstance(found.get("type"), list) else schema
        return row(literal(equals), self._rules.value(narrowed), literal(close))

    def _bare(self, schema: Schema, close: str) -> str:
        """A text as it stands: one of those allowed, or any up to the mark that closes it."""
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(values, list) and values:
            return row(either([literal(str(value)) for value in values if isinstance(value, str)]), literal(close))
        end = close.lstrip()
        plain = row(until(self._grammar, end), literal(end))
        wrap = self._form.wrap
        if wrap is None:
            return plain
        wrapped = row(literal(wrap.open), until(self._grammar, wrap.close), literal(wrap.close + close))
        return either([plain, wrapped])

    def _tags(self, kind: str, schema: Schema, depth: int) -> str:
        if depth > DEPTH_MAX:
            return ""
        if kind == "object":
            return self._members(schema, depth)
        item = row(literal(self._form.open), self._one(self._form.item, schema.get("items", ANY), depth))
        return f"( {item} )*"


def _style(form: Parameters) -> Style:
    quotes = (Quote('"', '"'), Quote("'", "'")) if form.notation == "python" else (Quote('"', '"'),)
    if form.quote is not None:
        quotes = (form.quote,) if form.notation == "bare" else (form.quote, *quotes)
    return Style(tuple(dict.fromkeys(quotes)), form.capital, form.notation == "bare")


def _said(tool: ChatTool) -> Schema:
    return {"type": "object", **tool.parameters}


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1]
