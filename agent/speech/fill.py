"""Putting facts into a phrase, once, as data: what a fact contains is never read as a phrase."""

import re
from collections.abc import Iterable, Mapping

_PLACE = re.compile(r"\$([a-z_]+)")


def places(phrase: str) -> frozenset[str]:
    """The names of the facts that a phrase needs."""
    return frozenset(_PLACE.findall(phrase))


def fill(phrase: str, facts: Mapping[str, str]) -> str:
    """The phrase with every fact in its place; raises KeyError for a fact that is not there."""
    return _PLACE.sub(lambda match: facts[match[1]], phrase)


def first_whole(phrases: Iterable[str], facts: Mapping[str, str]) -> str | None:
    """The first phrase for which all facts are there, filled; None if there is none."""
    return next((fill(phrase, facts) for phrase in phrases if places(phrase) <= facts.keys()), None)
