"""What a person typed, as FTS5 queries that are never a syntax error, and the place in a text that answers it.

Every word is quoted. Three readings, from narrow to wide; the next is tried when one finds nothing: every word; the
last word not typed to its end; any of the words. A short beginning may match half the index, and weighing that takes
a second, so what it finds is not ranked: the newest stand first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.store.texts import storable

WORDS_MAX = 32
BEFORE_CHARACTERS = 40
EXCERPT_CHARACTERS = 160
WORD = re.compile(r"\w+", re.UNICODE)


def searchable(query: str) -> str:
    """What was typed, without what cannot stand in a query; "" when nothing is left."""
    return storable(query).replace("\x00", " ").strip()


@dataclass(frozen=True, slots=True)
class Reading:
    match: str  # an FTS5 query
    ranked: bool  # best first; else newest first

    @property
    def place(self) -> str:
        """The column to sort by, the first the best."""
        return "rank" if self.ranked else "-rowid"

    @property
    def order(self) -> str:
        """The same in a form that the index can follow."""
        return "rank" if self.ranked else "rowid DESC"


def readings(query: str) -> Iterator[Reading]:
    """From narrow to wide; none for a query without a word that the index could know."""
    words = [f'"{word}"' for word in WORD.findall(query)[:WORDS_MAX]]
    if words:
        yield Reading(" ".join(words), ranked=True)
        yield Reading(" ".join((*words[:-1], f"{words[-1]}*")), ranked=False)
    if len(words) > 1:
        yield Reading(" OR ".join(words), ranked=True)


def like(query: str) -> str:
    """A LIKE pattern for the words as they stand; use with ESCAPE '\\'."""
    escaped = re.sub(r"([\\%_])", r"\\\1", query.strip())
    return f"%{escaped}%"


def excerpt(text: str, query: str) -> str:
    """One line of the text around the first place where a word of the query begins a word; found words in **."""
    words = [re.escape(word) for word in WORD.findall(query)[:WORDS_MAX]]
    sought = re.compile(rf"\b({'|'.join(words)})" if words else r"(?!)", re.IGNORECASE)
    found = sought.search(text)
    start = max(0, found.start() - BEFORE_CHARACTERS) if found else 0
    while 0 < start < len(text) and found and start < found.start() and not text[start - 1].isspace():
        start += 1
    cut = text[start : start + EXCERPT_CHARACTERS]
    line = " ".join(sought.sub(lambda word: f"**{word[0]}**", cut).split())
    return f"{'…' if start else ''}{line}{'…' if start + EXCERPT_CHARACTERS < len(text) else ''}"
