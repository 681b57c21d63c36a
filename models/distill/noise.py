"""How people really type: no capitals, typos, lost commas and apostrophes, other quotes. Borders stay."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

from models.distill.wording import Segment

TYPO_SHARE = 0.16  # of messages that hold any
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, key in enumerate(row)}
_CODE_LIKE = re.compile(r"[\d@/\\#_]|\.\w")


def noisy(segments: list[Segment], rng: random.Random) -> list[Segment]:
    for change in (_case, _marks, _typos):
        segments = change(segments, rng)
    return segments


def _each(segments: list[Segment], change: Callable[[str], str]) -> list[Segment]:
    return [Segment(change(segment.text), segment.role) for segment in segments]


def _case(segments: list[Segment], rng: random.Random) -> list[Segment]:
    pick = rng.random()
    if pick < 0.42:
        return _each(segments, str.lower)
    if pick < 0.8:
        first = segments[0]
        return [Segment(first.text[:1].upper() + first.text[1:], first.role), *segments[1:]]
    return _each(segments, str.upper) if pick > 0.985 else segments


def _marks(segments: list[Segment], rng: random.Random) -> list[Segment]:
    if rng.random() < 0.14:
        segments = _each(segments, lambda text: text.replace("'", ""))
    elif rng.random() < 0.1:
        segments = _each(segments, lambda text: text.replace("'", "’"))
    if rng.random() < 0.12:
        segments = [s if s.role else Segment(re.sub(r"[,:;](?= |$)", "", s.text), None) for s in segments]
    if rng.random() < 0.08:
        segments = [s if s.role else Segment(s.text.replace('"', rng.choice("'“")), None) for s in segments]
    if rng.random() < 0.05:
        segments = _each(segments, _plain_letters)
    return segments


def _plain_letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _typos(segments: list[Segment], rng: random.Random) -> list[Segment]:
    if rng.random() > TYPO_SHARE:
        return segments
    share = rng.choice((0.06, 0.12, 0.2))
    return _each(segments, lambda text: re.sub(r"\S+", lambda match: _typo(match.group(), share, rng), text))


def _typo(word: str, share: float, rng: random.Random) -> str:
    if len(word) < 4 or rng.random() > share or _CODE_LIKE.search(word):
        return word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at] + word[at:],
        word[:at] + (_NEAR.get(word[at].lower()) or word[at])[0] + word[at + 1 :],
    ))  # fmt: skip
