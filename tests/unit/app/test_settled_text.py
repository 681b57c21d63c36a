"""What is taken to stand is shown the same whatever follows."""

from dataclasses import fields

import pytest

from app.presenters.markdown import Inks, render
from app.presenters.settled import settled

INKS = Inks(*["#000000"] * len(fields(Inks)))
FENCE = "```python\na = 1\n\nb = 2\n```\n"
ALL = (
    f"# Sea\n\nIt is *wide*.\n\n{FENCE}\nAnd:\n\n- salt\n\n- deep\n\nIndeed.\n\n"
    "| a |\n|---|\n| b |\n\n1. end\n\n2. of it"
)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("", ""),
        ("one", ""),
        ("one\n\n", ""),  # the next line is not there yet: it may go on with a list
        ("one\n\ntwo", "one\n\n"),
        ("one\ntwo", ""),
        ("one\n\n\n\ntwo\n\nthree", "one\n\n\n\ntwo\n\n"),
        ("- a\n\n- b", ""),
        ("1. a\n\n2. b", ""),
        ("1. a\n\n2", ""),
        ("- a\n\n  more of it", ""),
        ("- a\n\nbehind the list", "- a\n\n"),
        ("> a\n\n> b", ""),
        (FENCE, ""),
        ("one\n\n" + FENCE, "one\n\n"),
        (FENCE + "\nbehind it", FENCE + "\n"),
        ("````\n```\n\nstill code", ""),
        ("~~~\n```\n\nstill code", ""),
        ("one\n\n# Head", "one\n\n"),
    ],
)
def test_it_ends_behind_an_empty_line_where_something_new_begins(text: str, stands: str) -> None:
    assert text[: settled(text)] == stands


@pytest.mark.parametrize("end", range(1, len(ALL)))
def test_what_stands_and_the_rest_are_shown_as_the_whole_is(end: int) -> None:
    """At every moment of the writing, and when it is done."""
    stands = settled(ALL[:end])
    assert stands >= settled(ALL[: end - 1])
    for text in (ALL[:end], ALL):
        assert render(text[:stands], INKS) + render(text[stands:], INKS) == render(text, INKS)
