from __future__ import annotations

import pytest

from models.starter.known import NAMES_MAX, kinds_of
from models.starter.pieces import split


def marked(text: str, *names: tuple[str, str]) -> dict[str, str]:
    pieces = split(text)
    kinds = kinds_of(text, pieces, names)
    return {text[piece.start : piece.end]: kind for piece, kind in zip(pieces, kinds, strict=True) if kind}


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("put eggs on groceries", [("title", "Groceries")], {"groceries": "title"}),
        ("add to sail plan: reef", [("title", "Sail plan")], {"sail": "title", "plan": "title"}),
        ("sail to Kiel", [("title", "Sail plan")], {}),
        ("#ops-eu is down", [("channel", "ops-eu")], {"ops-eu": "channel"}),
        ("Zoë’s agent", [("contact", "zoë")], {"Zoë’s": "contact"}),
        ("a b c", [("title", "b"), ("project", "a b c")], {"a": "project", "b": "project", "c": "project"}),
        ("ops", [("title", "ops"), ("channel", "ops")], {"ops": "channel"}),
        ("hello", [("planet", "hello"), ("title", ""), ("title", "x " * 40)], {}),
    ],
)
def test_what_is_found(text: str, names: list[tuple[str, str]], found: dict[str, str]):
    assert marked(text, *names) == found


def test_there_is_an_end_to_the_names():
    names = [("title", f"name{number}") for number in range(NAMES_MAX + 1)]
    assert marked("name7", *names)
    assert not marked(f"name{NAMES_MAX}", *names)
