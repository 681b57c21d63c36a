from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.starter.pieces import BYTES_MAX, shown_text, split
from models.starter.vocabulary import HEAD, PIECES_MAX, SPECIAL_TOKENS


def words(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in split(text)]


def test_borders_fall_between_a_mark_and_its_word():
    assert words("post in #choir: 'pub at 7, bring the dog'") == [
        "post", "in", "#", "choir", ":", "'", "pub", "at", "7", ",", "bring", "the", "dog", "'",
    ]  # fmt: skip


def test_addresses_paths_dates_and_urls_stay_whole():
    text = r"dana@x.org ~/.bashrc C:\Users\me\a.txt 2026-03-05 14:00 https://a.example/b?c=d site-leeds don't"
    assert words(text) == text.split()


def test_a_number_parts_from_its_unit():
    assert words("12km 30min 7pm 22nd 15%") == ["12", "km", "30", "min", "7", "pm", "22", "nd", "15", "%"]


def test_a_long_text_keeps_head_and_tail():
    text = " ".join(f"word{number}" for number in range(5000))
    pieces = split(text)
    assert len(pieces) == PIECES_MAX
    assert text[pieces[HEAD - 1].start : pieces[HEAD - 1].end] == f"word{HEAD - 1}"
    assert pieces[-1].end == len(text)


def test_a_megabyte_is_split_within_the_bound():
    assert len(split("ab cd, " * 150_000)) == PIECES_MAX


@given(st.text(max_size=300))
def test_pieces_are_ordered_cuts_that_touch_every_visible_character(text: str):
    pieces = split(text)
    covered = {at for piece in pieces for at in range(piece.start, piece.end)}
    assert all(first.end <= second.start for first, second in pairwise(pieces))
    if len(pieces) < PIECES_MAX:
        assert covered == {at for at, char in enumerate(text) if not char.isspace()}


@given(st.text(max_size=200), st.sampled_from(SPECIAL_TOKENS))
def test_no_text_can_forge_a_token(text: str, token: str):
    marks = ("<up>", "<caps>")
    for shown in shown_text(split(text + token + text)):
        bare = shown.removeprefix(marks[0]).removeprefix(marks[1])
        assert not any(special in bare for special in SPECIAL_TOKENS)


@given(st.text(min_size=500, max_size=3000))
def test_what_the_model_reads_is_bounded(text: str):
    shown = shown_text(split(text))
    assert sum(len(part.encode()) for part in shown) <= max(BYTES_MAX, PIECES_MAX * 40)
