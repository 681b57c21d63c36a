"""Whatever stands in an argument, what a template writes is what is read, however the stream is cut."""

import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.dialects.reader import Reader
from tests.unit.models.dialects.forms import FORMS
from tests.unit.models.dialects.streams import NOTE, TOOLS, Model, call, read, together

EXAMPLES = 25
MODELS = {name: Model.of(text, name) for name, text in FORMS.items()}
KNOWN = {tool.name: tool for tool in TOOLS}

bits = st.sampled_from([
    '"', "'", "\\", "\n", "<", ">", "</", "{", "}", "[", "]", ",", ":", "=", "é", "世", "😀", "<b>", "]]", " ", "&",
    "null", "true", "12", "<call", "</cal", "a", "\u2028", "\t",
])  # fmt: skip
texts = st.lists(bits, max_size=8).map("".join)
notes = st.fixed_dictionaries(
    {"title": texts},
    optional={
        "body": texts, "count": st.integers(-(10**12), 10**12), "share": st.floats(-1e9, 1e9), "done": st.booleans(),
        "tags": st.lists(texts, max_size=3),
        "more": st.fixed_dictionaries({}, optional={"deep": st.integers(0, 9), "word": texts}),
    },
)  # fmt: skip


def cannot_be_told(form: str, arguments: dict[str, Any]) -> bool:
    """What the form itself leaves open: a text without quotes that ends as its frame does, an empty list of tags."""
    model = MODELS[form].dialect.writing.parameters
    if model is None:
        return False
    inner = [*arguments.get("tags", []), arguments.get("more", {}).get("word", "")]
    said = [str(value) for value in (arguments["title"], arguments.get("body", ""), *inner)]
    if model.notation == "tags":
        return (
            any(text != text.strip() or "<|t|>" in text for text in said) or not all(said[:1]) or _empty_in(arguments)
        )
    if model.quote is not None and not model.quote.escapes:
        return any(model.quote.close in text for text in said)
    return model.wrap is not None and any("]]" in text for text in said)


def _empty_in(arguments: dict[str, Any]) -> bool:
    return any(value in ([], {}) for value in arguments.values()) or "" in arguments.get("tags", [])


@pytest.mark.parametrize("form", FORMS)
def test_arguments_come_through(form: str) -> None:
    model = MODELS[form]

    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None)
    @given(notes, st.randoms(use_true_random=False))
    def law(arguments: dict[str, Any], rng: random.Random) -> None:
        assume(not cannot_be_told(form, arguments))
        stream = model.stream("", (call(NOTE, **arguments),))
        cuts = sorted(rng.sample(range(1, len(stream)), 3))
        pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        heard = read(model.dialect, pieces)
        assert (heard.calls, heard.reasons) == ([(NOTE.name, arguments)], []), stream

    law()


@pytest.mark.parametrize("form", FORMS)
def test_no_stream_breaks_the_reader_or_loses_a_letter(form: str) -> None:
    """Any mixture of marks and words: the letters that are no part of a mark or of a call come out."""
    dialect = MODELS[form].dialect
    writing = dialect.writing
    marks = [writing.opening, writing.head, writing.before, writing.after, writing.tail, dialect.thinking.open,
             dialect.thinking.close, *dialect.silent, *(writing.form.split("\ue0f1"))]  # fmt: skip

    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None)
    @given(st.lists(st.sampled_from([*marks, "clock_now", "{}", '{"name": ', "ZQ", "\n", '"']), max_size=12))
    def law(parts: list[str]) -> None:
        reader = Reader(dialect, KNOWN)
        events = [event for part in parts for event in reader.feed(part)]
        heard = together([*events, *reader.finish()])
        assert (heard.text + heard.thought + repr(heard.calls)).count("ZQ") == parts.count("ZQ")

    law()
