"""What is unseen and steers the eye is made visible where a person decides by what is shown."""

import pytest

from sync.intent import Intent
from sync.placeholders import plain
from sync.steering import BREAK, MARK, on_one_line, shown, without

STEERING = [
    "\x1b", "\x07", "\r", "\b", "\x7f", "\x9b", "\u061c", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066",
    "\u2069", "\u2060", "\ufeff", "\U000e0041", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("steering", STEERING)
def test_it_is_made_visible_and_nothing_moves(steering: str) -> None:
    assert shown(f"a{steering}b") == f"a{MARK}b"
    assert without(f"a{steering}b") == "ab"


FLAG = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("text", ["Ünï 日本語 مرحبا", "👩\u200d💻", FLAG, "می\u200cخواهم", "a\tb\nc"])
def test_words_of_every_script_stay(text: str) -> None:
    assert shown(text) == text


def test_a_line_break_can_be_seen_on_one_line() -> None:
    assert on_one_line("to dana\r\nand\nto\u2028mallory") == f"to dana{BREAK}and{BREAK}to{BREAK}mallory"


def test_the_sentence_of_an_item_is_what_it_seems() -> None:
    disguised = "E-mail to gro.elpmaxe@anad\u202e\nBcc: all"
    made = Intent("email.send", {}, "smtp:work", {"to": "x"}, disguised)
    assert made.sentence == f"E-mail to gro.elpmaxe@anad{MARK}{BREAK}Bcc: all"


def test_what_a_destination_brought_is_put_in_without_it() -> None:
    assert plain("https://tracker.example/\u202e7\x1b[2J") == "https://tracker.example/7[2J"
