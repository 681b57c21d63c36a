"""What the command line prints for people cannot steer their terminal, whoever wrote it."""

import pytest

from app.cli.printing import harmless


@pytest.mark.parametrize("steering", ["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\r", "\b", "\u202e", "\u2066"])
def test_what_steers_a_terminal_is_made_visible(steering: str) -> None:
    said = harmless(f"before{steering}after")
    assert steering[0] not in said
    assert said.startswith("before\N{REPLACEMENT CHARACTER}")


def test_words_of_every_script_stay() -> None:
    text = "Ünï 日本語 مرحبا 🏴\u200d☠️\tline\nnext"
    assert harmless(text) == text
