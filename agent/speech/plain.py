"""Facts as a tool gives them (JSON values) → facts as a phrase takes them (text). What is null, empty or false is not
there; what is true becomes the book's word for it."""

from collections.abc import Mapping
from typing import Any

from agent.speech.book import Book
from agent.speech.cases import TIMES
from agent.speech.dates import duration, forms


def plain(facts: Mapping[str, Any], book: Book, this_year: int) -> dict[str, str]:
    """Text for every fact that can stand in a sentence; lists of rows are left out."""
    said: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, bool):
            word = book.word(name) if value else ""
            said |= {name: word} if word else {}
        elif isinstance(value, str) and value and name in TIMES:
            said |= forms(name, value, book, this_year)
        elif isinstance(value, (str, int, float)) and value != "":
            said[name] = str(value)
        elif isinstance(value, (list, tuple)) and value and all(isinstance(one, str) for one in value):
            said[name] = joined(value, book, "and")
    return said | _derived(facts, book)


def joined(words: Any, book: Book, last: str) -> str:
    """ "a, b and c"."""
    *front, back = words
    return f"{', '.join(front)} {book.word(last)} {back}" if front else str(back)


def _derived(facts: Mapping[str, Any], book: Book) -> dict[str, str]:
    said = {}
    if isinstance(seconds := facts.get("seconds"), (int, float)):
        said["length"] = duration(seconds, book)
    if "age_s" in facts:
        age = facts["age_s"]
        said["age"] = book.word("unknown_age") if age is None else duration(age, book, units_max=1)
    if asked := facts.get("server") or facts.get("host"):
        said["asked"] = str(asked)
    if why := str(facts.get("why") or "").strip():
        said["why"] = why if why[-1] in ".!?…:" else f"{why}."
    return said
