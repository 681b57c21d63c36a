"""How a prompt is cut: every token once, the same chunks for the same beginning."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.worker.chunks import CHUNK, Cut
from models.worker.engine import PARTING_MIN, Engine

PARTINGS = st.just(0) | st.integers(1, 2_000)
LENGTHS = st.integers(0, 3_000)


def ends(cut: Cut, length: int) -> list[int]:
    found = [0]
    while found[-1] < length:
        found.append(cut.end(found[-1], length))
    return found


@given(PARTINGS, LENGTHS)
def test_each_token_is_read_once_in_chunks_of_bounded_size(parting: int, length: int) -> None:
    places = ends(Cut(parting), length)
    assert places[-1] == length
    assert all(0 < end - start <= CHUNK for start, end in pairwise(places))
    assert parting in places or parting >= length


@given(PARTINGS, LENGTHS, LENGTHS)
def test_what_is_whole_is_cut_alike_in_a_longer_prompt(parting: int, length: int, more: int) -> None:
    cut = Cut(parting)
    whole = cut.whole(length)
    assert whole <= length
    assert whole in ends(cut, length)
    shown = ends(cut, length)
    assert ends(cut, length + more)[: shown.index(whole) + 1] == shown[: shown.index(whole) + 1]


@given(PARTINGS, PARTINGS, LENGTHS)
def test_two_cuts_agree_as_far_as_they_say(one: int, other: int, length: int) -> None:
    left, right = Cut(one), Cut(other)
    alike = left.alike(right, length)
    assert alike == right.alike(left, length)
    assert 0 <= alike <= length
    for cut in (left, right):
        assert alike in ends(cut, length)
    assert [end for end in ends(left, length) if end <= alike] == [end for end in ends(right, length) if end <= alike]


@pytest.fixture(scope="module")
def engine(tiny_chat: Path) -> Engine:
    engine = Engine(tiny_chat, threads=1, n_ctx=2048, careful=True)
    engine.open()
    return engine


def read(engine: Engine, tokens: list[int], parting: int) -> tuple[int, list[float]]:
    engine.part(parting)
    reused = engine.read(tokens, lambda: None)
    return reused, list(engine.logits()[:260])


@pytest.mark.parametrize(("before", "after"), [(300, 300), (300, 500), (500, 300), (0, 300), (300, 0), (300, 301)])
def test_reuse_under_any_cut_changes_no_bit(engine: Engine, before: int, after: int) -> None:
    tokens = [number * 7 % 256 for number in range(900)]
    engine.forget()
    _, cold = read(engine, tokens, after)
    engine.forget()
    read(engine, tokens[:800], before)
    engine.push([5])
    reused, again = read(engine, tokens, after)
    assert reused == (300 + 3 * CHUNK if before == after else 2 * CHUNK)
    assert again == cold


def test_a_short_beginning_is_not_cut_off(engine: Engine) -> None:
    engine.part(PARTING_MIN - 1)
    assert engine.cut == Cut()
    engine.part(PARTING_MIN)
    assert engine.cut == Cut(PARTING_MIN)
