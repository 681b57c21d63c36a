"""JSON Schemas as grammars, judged by llama.cpp itself: what fits is taken, what does not is refused."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.dialects.gbnf import GRAMMAR_CHARACTERS_MAX, Grammar, by_name, literal, until
from models.dialects.schema_grammar import json_schema_grammar
from tests.unit.models.dialects.grammar_judge import Judge

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "mail": {"type": ["string", "null"]}},
    "required": ["age"],
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, ['""', '"a \\" \\u00e9 😀 \\n"'], ["a", '"a\nb"', '"\\q"', '"a', '""x']),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ['"ab"', '"a\\n"', '"abc"'], ['"a"', '"abcd"']),
        ({"type": "integer"}, ["0", "-7", "120"], ["01", "1.5", "+1", "", "1e3", '"1"']),
        ({"type": "number"}, ["0", "-1.25", "2e-07", "1E+10"], [".5", "1.", "NaN", "Infinity"]),
        ({"type": "boolean"}, ["true", "false"], ["True", "1", "null"]),
        ({"type": "null"}, ["null"], ["None", ""]),
        ({"enum": ["red", 7, None, {"a": [1]}]}, ['"red"', "7", "null", '{"a": [1]}'], ['"blue"', "8"]),
        ({"const": 'a"b'}, ['"a\\"b"'], ['"ab"']),
        ({"type": ["string", "integer"]}, ['"x"', "3"], ["true", "3.5"]),
        ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "boolean"}}]},
         ["3", "[true]"], ["[1]", '"x"']),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, ['"b"'], ['"c"']),
        ({"type": "array", "items": {"type": "integer"}},
         ["[]", "[1]", "[1, 2]", "[ 1,2 ]", "[\n  1\n]"], ["[1,]", "[a]", "[1 2]"]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
         ["[1]", "[1,2]"], ["[]", "[1,2,3]"]),
        ({"type": "array", "maxItems": 0}, ["[]"], ["[1]"]),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
         ['["a", 1]'], ['["a"]', "[1, 1]"]),
        ({"type": "array"}, ['[1, "a", {"b": [null]}]'], ["[1"]),
        (PERSON, ['{"age": 3}', '{"name": "a", "age": 3}', '{"name":"a","age":3,"mail":null}', '{\n  "age": 3\n}'],
         ["{}", '{"name": "a"}', '{"age": 3, "name": "a"}', '{"age": 3,}', '{"age": 3, "x": 1}', '{"age": "3"}']),
        ({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
         ["{}", '{"a": 1}', '{"b": 1}', '{"a": 1, "b": 2}'], ['{, "b": 1}', '{"a": 1 "b": 2}']),
        ({"type": "object"}, ["{}", '{"any": {"thing": [1, 2.5, "x"]}}'], ["[]", "{1: 2}"]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, ["{}", '{"x": 1, "y": 2}'], ['{"x": "1"}']),
        ({"type": "object", "properties": {}, "additionalProperties": False}, ["{}", "{ }"], ['{"x": 1}']),
        ({"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "string"}}}], "type": "object"},
         ['{"a": 1}', '{"a": 1, "b": ""}'], ["{}", '{"b": ""}']),
        ({}, ["1", '"x"', "[{}]", "null"], ["x", "{1}"]),
    ],
)  # fmt: skip
def test_what_fits_is_taken_and_nothing_else(schema: Any, good: list[str], bad: list[str], judge: Judge) -> None:
    grammar = json_schema_grammar(schema)
    assert [text for text in good if not judge.takes(grammar, text)] == []
    assert [text for text in bad if judge.takes(grammar, text)] == []


def test_references_are_followed_as_deep_as_it_goes(judge: Judge) -> None:
    node = {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#"}}, "required": ["v"]}
    grammar = json_schema_grammar(node)
    assert judge.takes(grammar, '{"v": 1, "next": {"v": 2, "next": {"v": 3}}}')
    assert not judge.takes(grammar, '{"v": 1, "next": {"next": {"v": 3}}}')


def test_a_schema_that_refers_to_itself_everywhere_ends(judge: Judge) -> None:
    wide = {"type": "object", "properties": {f"p{number}": {"$ref": "#"} for number in range(20)}}
    started = time.process_time()
    grammar = json_schema_grammar(wide)
    assert time.process_time() - started < 2
    assert judge.takes(grammar, '{"p3": {"p1": {}}}')


@pytest.mark.parametrize("key", ['a"b', "a\\b", "a\nb", "a]b[c", "root ::= x", "é世😀", "\x00\x1f", "-", ""])
def test_names_cannot_break_out_of_the_grammar(key: str, judge: Judge) -> None:
    schema = {"type": "object", "properties": {key: {"const": key}}, "required": [key], "additionalProperties": False}
    grammar = json_schema_grammar(schema)
    assert judge.takes(grammar, json.dumps({key: key}, ensure_ascii=False))
    assert not judge.takes(grammar, '{"other": 1}')
    assert grammar.isascii()


@pytest.mark.parametrize(
    "schema",
    [{"type": 5}, {"type": "thing"}, {"properties": 3}, {"enum": []}, {"anyOf": []}, {"items": 1}, {"$ref": 7},
     {"minLength": "x", "type": "string"}, {"type": "string", "maxLength": 10**9}],
)  # fmt: skip
def test_a_schema_of_the_wrong_shape_makes_a_grammar_all_the_same(schema: Any, judge: Judge) -> None:
    grammar = json_schema_grammar(schema)
    assert any(judge.takes(grammar, text) for text in ('"x"', "{}", "[]"))


def test_too_large_a_schema_is_held_to_being_an_object(judge: Judge) -> None:
    wide = {
        "type": "object",
        "properties": {f"name{n}": {"enum": [f"{n}-{v}" * 10 for v in range(200)]} for n in range(300)},
    }
    grammar = json_schema_grammar(wide)
    assert len(grammar) < GRAMMAR_CHARACTERS_MAX
    assert judge.takes(grammar, '{"anything": [1]}')


simple = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"enum": ["a", "b"]}])
schemas = st.recursive(
    simple,
    lambda inner: (
        st.builds(lambda item: {"type": "array", "items": item}, inner)
        | st.builds(
            lambda parts: {"type": "object", "properties": parts, "required": list(parts)},
            st.dictionaries(st.text('abé"\\ ', min_size=1, max_size=3), inner, max_size=3),
        )
    ),
    max_leaves=5,
)


def instance(schema: Any) -> Any:
    match schema.get("type"):
        case "string":
            return 'x"\\\n€'
        case "integer":
            return -12
        case "boolean":
            return True
        case "array":
            return [instance(schema["items"])] * 2
        case "object":
            return {key: instance(part) for key, part in schema["properties"].items()}
    return "b"


def test_any_schema_takes_its_own_instances(judge: Judge) -> None:
    @settings(max_examples=30, derandomize=True, deadline=None)
    @given(schemas, st.sampled_from([None, 4]))
    def law(schema: Any, indent: int | None) -> None:
        text = json.dumps(instance(schema), ensure_ascii=False, indent=indent)
        assert judge.taken(json_schema_grammar(schema), text) is None

    law()


def test_a_text_up_to_a_mark(judge: Judge) -> None:
    for end in ("</p>", "aab", "]]>", "<|q|>"):
        grammar = Grammar()
        text = grammar.text(f"{until(grammar, end)} {literal(end)}")
        for inside in ("", "a", "a" * 5, end[:-1], end[:-1] + "x", "é\n" + end[0], end[1:]):
            expected = (inside + end).index(end) == len(inside)
            assert judge.takes(text, inside + end) == expected, (end, inside)
        assert not judge.takes(text, f"x{end}{end}")


def test_many_names_share_their_beginnings(judge: Judge) -> None:
    names = ["note", "note.create", "note.append", "clock", "clock.now", "c", 'x"y']
    grammar = Grammar()
    text = grammar.text(by_name({name: literal("!") for name in names}))
    assert all(judge.takes(text, f"{name}!") for name in names)
    assert not any(judge.takes(text, f"{name}!") for name in ("not", "note.", "cl", ""))
    assert text.count("note") == 1
