"""A JSON Schema as grammar rules: values in JSON, or in a notation near it. What a rule cannot say is checked later.

Properties come in the schema's order; nothing recurs without bound, so a schema that refers to itself ends in values
of any kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.dialects.dialect import Quote
from models.dialects.gbnf import WS, Grammar, TooLargeError, either, literal, row, until
from models.dialects.schemas import (
    ANY,
    Schema,
    alternatives,
    as_schema,
    properties_of,
    required_of,
    resolved,
    said_types,
)

DEPTH_MAX = 8  # of what is described
FREE_DEPTH = 4  # of what is not
REPEATS_MAX = 200  # lengths and counts above it are left to the check
CHOICES_MAX = 200
JSON_QUOTE = Quote('"', '"')

Member = tuple[str, bool]  # the rule for it, and whether it must be there


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written. `capital`: also True, False and None; `bare_keys`: also without quotes."""

    quotes: tuple[Quote, ...] = (JSON_QUOTE,)
    capital: bool = False
    bare_keys: bool = False


JSON = Style()


def json_schema_grammar(schema: Mapping[str, Any]) -> str:
    """For an answer that is one JSON value of this form."""
    grammar = Grammar()
    try:
        return grammar.text(SchemaRules(grammar, schema).value(schema))
    except TooLargeError:
        grammar = Grammar()
        return grammar.text(SchemaRules(grammar, ANY).free("object"))


class SchemaRules:
    """Makes rules for parts of one schema; `root` is what its references mean."""

    def __init__(self, grammar: Grammar, root: Schema, style: Style = JSON) -> None:
        self._grammar = grammar
        self._root = root
        self._style = style
        self._made: dict[tuple[int, int], str] = {}  # by schema and depth: one that refers to itself is made once

    def value(self, schema: Any, depth: int = 0) -> str:
        found = resolved(schema, self._root)
        if depth > DEPTH_MAX:
            return self.free()
        key = (id(found), depth)
        if key not in self._made:
            self._made[key] = self._value(found, depth)
        return self._made[key]

    def _value(self, found: Schema, depth: int) -> str:
        if choices := alternatives(found):
            return self._rule("any", either([self.value(choice, depth + 1) for choice in choices]))
        if isinstance(every := found.get("allOf"), list) and every:
            found = self._merged(found, every)
        if "const" in found:
            return self._fixed([found["const"]])
        if isinstance(values := found.get("enum"), list) and values:
            return self._fixed(values[:CHOICES_MAX])
        return self._typed(found, depth)

    def free(self, kind: str = "", depth: int = FREE_DEPTH) -> str:
        """A value of any form, of one type or of all."""
        kinds = {"object": self._free_object, "array": self._free_list}
        if kind in kinds:
            return kinds[kind](depth)
        plain = [self.text({}), self._number(), self._word("boolean"), self._word("null")]
        nested = [self._free_object(depth - 1), self._free_list(depth - 1)] if depth > 0 else []
        return self._rule("value", either([*plain, *nested]))

    def text(self, schema: Schema) -> str:
        least, most = _bounds(schema, "minLength", "maxLength")
        made = []
        for quote in self._style.quotes:
            inside = _repeated(self._character(quote), least, most) if quote.escapes else self._until(quote.close)
            made.append(row(literal(quote.open), inside, literal(quote.close)))
        return self._rule("text", either(made))

    def members(self, members: Sequence[Member], between: str) -> str:
        """Members in their order, those that need not be there left out or not."""
        first = rest = ""
        for rule, needed in reversed(members):
            here, following = row(rule, rest), row(between, rule, rest)
            first = self._rule("first", here if needed else either([here, first]))
            rest = self._rule("rest", following if needed else either([following, rest]))
        return first

    # -- one type ------------------------------------------------------------------------------------------------

    def _typed(self, schema: Schema, depth: int) -> str:
        kinds = said_types(schema)
        if not kinds:
            kinds = ["object"] if "properties" in schema else ["array"] if "items" in schema else []
        makers: dict[str, Callable[[], str]] = {
            "string": lambda: self.text(schema), "integer": self._integer, "number": self._number,
            "boolean": lambda: self._word("boolean"), "null": lambda: self._word("null"),
            "object": lambda: self._object(schema, depth), "array": lambda: self._list(schema, depth),
        }  # fmt: skip
        made = [makers[kind]() for kind in kinds if kind in makers]
        return self._rule("any", either(made)) if made else self.free()

    def _object(self, schema: Schema, depth: int) -> str:
        properties, others = properties_of(schema), schema.get("additionalProperties", True)
        if not properties:
            return self.free("object") if others is True or others == {} else self._map(others, depth)
        needed = required_of(schema)
        members = [
            (row(self._key(key), literal(":"), WS, self.value(part, depth + 1)), key in needed)
            for key, part in properties.items()
        ]
        return self._braced("object", "{", self.members(members, row(literal(","), WS)), "}")

    def _map(self, values: Any, depth: int) -> str:
        if values is False:
            return self._braced("object", "{", "", "}")
        return self._members_of(self.value(values, depth + 1))

    def _list(self, schema: Schema, depth: int) -> str:
        heads = schema.get("prefixItems")
        if isinstance(heads, list) and heads:
            members = [(self.value(part, depth + 1), True) for part in heads[:REPEATS_MAX]]
            return self._braced("list", "[", self.members(members, row(literal(","), WS)), "]")
        item = self.value(schema.get("items", ANY), depth + 1) if "items" in schema else self.free()
        least, most = _bounds(schema, "minItems", "maxItems")
        if most == 0:
            return self._braced("list", "[", "", "]")
        more = _repeated(f"( {row(literal(','), WS, item)} )", max(least - 1, 0), None if most is None else most - 1)
        items = row(item, more)
        return self._braced("list", "[", items if least else f"( {items} )?", "]")

    def _free_object(self, depth: int) -> str:
        return self._members_of(self.free(depth=depth))

    def _free_list(self, depth: int) -> str:
        value = self.free(depth=depth)
        return self._braced("list", "[", f"( {value} ( {row(literal(','), WS, value)} )* )?", "]")

    def _members_of(self, value: str) -> str:
        member = row(self._any_key(), literal(":"), WS, value)
        return self._braced("object", "{", f"( {member} ( {row(literal(','), WS, member)} )* )?", "}")

    def _braced(self, hint: str, start: str, inside: str, end: str) -> str:
        if not inside:
            return self._rule(hint, row(literal(start), WS, literal(end)))
        return self._rule(hint, row(literal(start), WS, inside, WS, literal(end)))

    def _integer(self) -> str:
        return self._rule("integer", '"-"? ( "0" | [1-9] [0-9]{0,19} )')

    def _number(self) -> str:
        return self._rule("number", f'{self._integer()} ( "." [0-9]{{1,20}} )? ( [eE] [-+]? [0-9]{{1,3}} )?')

    def _word(self, kind: str) -> str:
        words = ["true", "false"] if kind == "boolean" else ["null"]
        if self._style.capital:
            words += ["True", "False"] if kind == "boolean" else ["None"]
        return self._rule(kind, either(list(map(literal, words))))

    def _fixed(self, values: Iterable[Any]) -> str:
        return self._rule("one", either([choice for value in values for choice in self._written(value)]))

    def _written(self, value: Any) -> list[str]:
        """A value as it may be written."""
        if isinstance(value, str):
            return [literal(quote.open + _inside(value, quote) + quote.close) for quote in self._style.quotes]
        if self._style.capital and (value is None or isinstance(value, bool)):
            return [literal(json.dumps(value)), literal(repr(value))]
        return [literal(json.dumps(value, ensure_ascii=False))]

    def _key(self, key: str) -> str:
        return either([*self._written(key), *([literal(key)] if self._style.bare_keys and key.isidentifier() else [])])

    def _any_key(self) -> str:
        bare = ["[A-Za-z_] [A-Za-z0-9_]{0,63}"] if self._style.bare_keys else []
        return self._rule("key", either([self.text({}), *bare]))

    # -- small things --------------------------------------------------------------------------------------------

    def _character(self, quote: Quote) -> str:
        code = f"\\x{ord(quote.close[-1]):02X}"
        escape = f'"\\\\" ( [{code}\\\\/bfnrt] | "u" [0-9a-fA-F]{{4}} )'
        if self._style.capital:
            escape = f'"\\\\" ( [{code}\\\\/abfnrtv"\'] | "u" [0-9a-fA-F]{{4}} | "x" [0-9a-fA-F]{{2}} )'
        return self._rule("character", f"[^{code}\\\\\\x00-\\x1F] | {escape}")

    def _until(self, end: str) -> str:
        return until(self._grammar, end)

    def _merged(self, schema: Schema, parts: Sequence[Any]) -> Schema:
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts[:CHOICES_MAX]:
            found = resolved(part, self._root)
            properties = {**properties_of(merged), **properties_of(found)}
            required = [*required_of(merged), *required_of(found)]
            merged = {**merged, **found, "required": required}
            if properties:
                merged["properties"] = properties
        return as_schema(merged)

    def _rule(self, hint: str, body: str) -> str:
        return self._grammar.add(hint, body) if " " in body or '"' in body else body


def _inside(text: str, quote: Quote) -> str:
    if not quote.escapes:
        return text
    inside = json.dumps(text, ensure_ascii=False)[1:-1]
    return inside if quote.close == '"' else inside.replace('\\"', '"').replace(quote.close, f"\\{quote.close}")


def _bounds(schema: Schema, least: str, most: str) -> tuple[int, int | None]:
    few, many = schema.get(least), schema.get(most)
    lower = few if isinstance(few, int) and 0 < few <= REPEATS_MAX else 0
    upper = many if isinstance(many, int) and lower <= many <= REPEATS_MAX else None
    return lower, upper


def _repeated(item: str, least: int, most: int | None) -> str:
    if most is None:
        return f"{item}{{{least},}}" if least else f"{item}*"
    return f"{item}{{{least},{most}}}" if most else ""
