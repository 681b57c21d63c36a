"""Phrase books: one TOML file a language, data only. A tone that a book lacks is said in neutral, a language that no
book speaks in English; `spoken` tells, so that the user can be told.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "de", "es", "fr")
DEFAULT = "en"
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Book:
    """The phrases of one language. Sections: say, reply, ask (by tone); what, next, where, item, clarify, …"""

    language: str
    data: Mapping[str, Any]

    def phrases(self, section: str, key: str, tone: str) -> Sequence[str]:
        """The alternatives for a key in a tone, else in neutral; empty if the book has no such key."""
        said: Mapping[str, Sequence[str]] = self.data[section].get(key, {})
        return said.get(tone) or said.get(NEUTRAL, ())

    def alternatives(self, section: str, key: str) -> Sequence[str]:
        """The alternatives of a section without tones."""
        found: str | Sequence[str] = self.data[section].get(key, ())
        return (found,) if isinstance(found, str) else found

    def word(self, name: str) -> str:
        return str(self.data["words"].get(name, ""))

    @property
    def tones(self) -> tuple[str, ...]:
        """Tones in which everything can be said."""
        return tuple(self.data["tones"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language and tone that Carryon's own words have; `note` says so where they are not the ones set."""

    language: str
    tone: str
    note: str = ""


@lru_cache(maxsize=len(LANGUAGES))
def open_book(language: str) -> Book:
    """The book of one of LANGUAGES."""
    text = resources.files("agent.speech").joinpath("books", f"{language}.toml").read_text("utf-8")
    return Book(language, tomllib.loads(text))


def spoken(language: str, tone: str) -> Spoken:
    """What is said where these are set. A sentence as tone is for chat models; Carryon's own words stay neutral."""
    base = language.split("-", maxsplit=1)[0].casefold()
    known = base if base in LANGUAGES else DEFAULT
    book = open_book(known)
    notes = book.data["notes"]
    if known != base:
        return Spoken(known, tone if tone in book.tones else NEUTRAL, notes["language"].replace("$language", language))
    if tone in book.tones:
        return Spoken(known, tone)
    own_sentence = len(tone.split()) > 1
    return Spoken(known, NEUTRAL, notes["sentence"] if own_sentence else notes["tone"].replace("$tone", tone))
