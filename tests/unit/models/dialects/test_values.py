"""Values as models write them: JSON, what looks like Python, keys without quotes, quotes of their own."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.dialects.dialect import Quote
from models.dialects.source import MalformedError, Source
from models.dialects.values import read_value, value_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_json_is_read_as_json(value: Any, ascii_only: bool, indent: int | None) -> None:
    assert value_of(json.dumps(value, ensure_ascii=ascii_only, indent=indent)) == value


@settings(max_examples=40, derandomize=True, deadline=None)
@given(values)
def test_what_python_prints_is_read_too(value: Any) -> None:
    assert value_of(repr(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, b-c: [2,], 'd': \"e\",}", {"a": 1, "b-c": [2], "d": "e"}),
        ("{<q>a<q>:<q>x\"y'z\\<q>}", {"a": "x\"y'z\\"}),
        ('"\\ud83d\\ude00 \\ud83d"', "😀 \ufffd"),
        ('"a\nb"', "a\nb"),
        (r"'\x41\u00e9\U0001F600\'\q'", "Aé😀'q"),
        ("+5", 5),
        (" [ ] ", []),
    ],
)
def test_what_is_near_json(text: str, value: Any) -> None:
    assert value_of(text, Quote("<q>", "<q>", escapes=False)) == value


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1", '"a', "nul", "{1 2}", '{"a" 1}', "[1 2]", "1 2", "--", "1e999", "[" * 40 + "]" * 40, "{:1}",
     '"\\u12"',
     '"\\UFFFFFFFF"', "1_000", "9" * 400, "{,}"],
)  # fmt: skip
def test_anything_else_is_refused_with_words(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        value_of(text)
    assert str(caught.value)


def test_it_waits_where_the_text_ends_for_now() -> None:
    source = Source()
    steps = read_value(source)
    for piece in ('{"a"', ": [1, tr", "ue], ", '"b": "x'):
        source.feed(piece)
        assert next(steps) is None
    source.feed('y"}')
    with pytest.raises(StopIteration) as done:
        next(steps)
    assert done.value.value == {"a": [1, True], "b": "xy"}
