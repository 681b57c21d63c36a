"""The lines between host and worker: what is written is read, what is not a line is refused."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import wire
from models.errors import (
    ContextFullError,
    ModelError,
    ModelFileBadError,
    RequestTooLargeError,
    TemplateError,
    WrongKindError,
    from_record,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(texts, json_values, max_size=4), max_size=4))
def test_lines_come_back_as_they_were(sent: list[wire.Line]) -> None:
    stream = io.BytesIO(b"".join(wire.encode(line) for line in sent))
    assert list(wire.lines(stream)) == sent


def test_a_lone_surrogate_is_carried_as_a_question_mark() -> None:
    assert list(wire.lines(io.BytesIO(wire.encode({"text": "a\ud800b"})))) == [{"text": "a?b"}]


@pytest.mark.parametrize("data", [b"not json\n", b"[1]\n", b"\xff\xfe\n", b"{}{}\n", b"\n"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.lines(io.BytesIO(data)))


def test_too_long_a_line_is_refused_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LINE_BYTES_MAX", 100)
    with pytest.raises(wire.WireError):
        wire.encode({"text": "x" * 100})
    with pytest.raises(wire.WireError):
        list(wire.lines(io.BytesIO(b'{"a":"' + b"x" * 200)))


def test_a_last_line_that_was_cut_is_dropped() -> None:
    assert list(wire.lines(io.BytesIO(b'{"a":1}\n{"b":'))) == [{"a": 1}]


def test_a_start_survives_the_command_line() -> None:
    start = wire.Start("/tmp/a 'b' \udcff.gguf", "näme", "", 2, 512, False, 1.5)
    assert wire.Start.parse(start.argument()) == start
    assert start.argument().isascii()


@pytest.mark.parametrize("kind", [ModelFileBadError, WrongKindError, RequestTooLargeError, TemplateError])
def test_errors_keep_their_kind_over_the_pipe(kind: type[ModelError]) -> None:
    back = from_record(kind("what.", "where", "todo").record())
    assert type(back) is kind
    assert (back.what, back.where, back.todo) == ("what.", "where", "todo")


def test_a_full_context_keeps_its_figures() -> None:
    back = from_record(ContextFullError("what.", used=300, limit=256).record())
    assert isinstance(back, ContextFullError)
    assert (back.used, back.limit) == (300, 256)


def test_a_worker_cannot_make_the_host_raise_anything_else() -> None:
    assert type(from_record({"type": "SystemExit", "what": "x"})) is ModelError
    assert type(from_record({"type": "WorkerDiedError", "what": "x"})) is ModelError
