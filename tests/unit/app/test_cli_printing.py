"""What the command line prints for people cannot steer their terminal, whoever wrote it."""

import pytest

from app.cli.printing import harmless, size, table
from app.cli.pulling import words
from models.downloads import Step


@pytest.mark.parametrize("steering", ["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\r", "\b", "\u202e", "\u2066"])
def test_what_steers_a_terminal_is_made_visible(steering: str) -> None:
    said = harmless(f"before{steering}after")
    assert steering[0] not in said
    assert said.startswith("before\N{REPLACEMENT CHARACTER}")


def test_words_of_every_script_stay() -> None:
    text = "Ünï 日本語 مرحبا 🏴\u200d☠️\tline\nnext"
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (310_000, "310.0 KB"), (70_520_704, "70.5 MB"), (2_400_000_000, "2.4 GB")],
)
def test_a_size_is_told_in_the_unit_that_shows_it(size_bytes: int, said: str) -> None:
    assert size(size_bytes) == said


def test_a_small_download_is_not_told_as_nothing_of_nothing() -> None:
    assert words(Step("fetching", 120_000, 310_000)) == "120.0 KB of 310.0 KB"


def test_a_row_stays_one_line_whoever_named_what_is_in_it() -> None:
    (line,) = table([("a\nb\x1b[31m", "c")])
    assert "\x1b" not in line
    assert line.startswith("a\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}b\N{REPLACEMENT CHARACTER}[31m  c")
