"""What a person typed, as an FTS5 query that is never a syntax error: every word is quoted, the last may go on."""

import re

WORDS_MAX = 32
WORD = re.compile(r"\w+", re.UNICODE)


def all_words(query: str) -> str:
    """Matches what holds every word; "" when the query has no word that the index could know."""
    words = _words(query)
    return " ".join((*words[:-1], f"{words[-1]}*")) if words else ""


def any_word(query: str) -> str:
    """Matches what holds at least one of the words."""
    return " OR ".join(_words(query))


def _words(query: str) -> list[str]:
    return [f'"{word}"' for word in WORD.findall(query)[:WORDS_MAX]]


def like(query: str) -> str:
    """A LIKE pattern for the words as they stand; use with ESCAPE '\\'."""
    escaped = re.sub(r"([\\%_])", r"\\\1", query.strip())
    return f"%{escaped}%"
