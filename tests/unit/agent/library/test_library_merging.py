"""Joining two courses of one text: the examples; the laws are in tests/props."""

import pytest

from agent.library.merging import LINES_MAX, merge


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "joined", "both"),
    [
        ("a\nb\n", "a\nb\nc\n", "0\na\nb\n", "0\na\nb\nc\n", 0),
        ("a\nb\n", "a\n", "a\nb\n", "a\n", 0),
        ("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\n", "a\nX\nc\n", 0),
        ("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", "a\nX\nY\nc\n", 1),
        ("a\nb\nc\n", "a\nc\n", "a\nB\nc\n", "a\nB\nc\n", 1),
        ("end", "end, theirs", "end, mine", "end, theirs\nend, mine", 1),
        ("", "theirs", "mine", "theirs\nmine", 1),
    ],
)
def test_joined(base: str, theirs: str, mine: str, joined: str, both: int) -> None:
    merged = merge(base, theirs, mine)
    assert (merged.text, merged.both) == (joined, both)


def test_a_text_too_long_to_compare_is_kept_twice() -> None:
    base = "line\n" * (LINES_MAX + 1)
    merged = merge(base, base + "theirs\n", base + "mine\n")
    assert merged.text == base + "theirs\n" + base + "mine\n"
    assert merged.both == 1
