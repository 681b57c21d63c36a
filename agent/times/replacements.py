"""What a table of another language is made of: patterns and the English that the rules know, in order.

Patterns see small letters without accents. The longer idiom stands before the shorter word.
"""

import re
from collections.abc import Callable

Replacement = str | Callable[[re.Match[str]], str]
Replacements = tuple[tuple[str, Replacement], ...]

WEEK = "monday tuesday wednesday thursday friday saturday sunday"
YEAR = "january february march april may june july august september october november december"


def names(words: str, english: str) -> Replacements:
    return tuple(zip(words.split(), english.split(), strict=True))


def number_words(read: Callable[[str], str]) -> Replacements:
    """Every number word of the text as digits."""
    return ((".+", lambda match: read(match[0])),)
