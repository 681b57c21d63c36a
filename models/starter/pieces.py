"""Splits a request into the pieces that the model numbers and points at.

A piece is a word or a run of one punctuation mark; borders may fall between `#` and `choir` or between a quote and
its first word, while addresses, paths, dates and URLs stay whole. Offsets are into the original text, so a span of
pieces is always a verbatim cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from models.starter.vocabulary import CAPITAL, CAPITALS, HEAD, PIECES_MAX, TAIL

TEXT_MAX = 20_000  # characters looked at on each end of a longer text
_CLIPS = (24, 12, 6, 3, 1)  # characters of a piece shown to the model; the first that fits BYTES_MAX
BYTES_MAX = 640  # of all pieces: with their numbers and marks never more than pointing.PROMPT_TOKENS_MAX tokens

_ALWAYS_APART = re.compile(r'([<>|"“”„«»(){}\[\]]+|->|→|—|…|\.\.+(?![\\/]))')
_SEPARATOR_INSIDE = re.compile(r"(?<=[^\W\d])([:;,!?]+)(?=[^\W\d])")
_NUMBER_AND_UNIT = re.compile(r"(\d+(?:[.,]\d+)*)([^\W\d_]+\d?|°[^\W\d_]*|%|[€$£])$")
_RUN = re.compile(r"(.)\1*", re.DOTALL)
_KEPT_IN_FRONT = frozenset("/\\~._")
_KEPT_AT_END = frozenset("/\\_")


@dataclass(frozen=True, slots=True)
class Piece:
    """`shown` is what the model reads: lower-cased, with a leading space when the piece does not stick to the last."""

    start: int
    end: int
    shown: str


def split(text: str) -> tuple[Piece, ...]:
    """All pieces of `text` that the model can point at, at most PIECES_MAX: HEAD of the front, TAIL of the back."""
    if len(text) > 2 * TEXT_MAX:
        borders = list(_borders(text[:TEXT_MAX], 0)) + list(_borders(text[-TEXT_MAX:], len(text) - TEXT_MAX))
    else:
        borders = list(_borders(text, 0))
    if len(borders) > PIECES_MAX:
        borders = borders[:HEAD] + borders[-TAIL:]
    return tuple(Piece(start, end, _shown(text, start, end)) for start, end in borders)


def shown_text(pieces: tuple[Piece, ...]) -> list[str]:
    """The text of each piece, clipped so that a request never outgrows the model's context."""
    for clip in _CLIPS:
        clipped = [_clip(piece.shown, clip) for piece in pieces]
        if sum(len(text.encode()) for text in clipped) <= BYTES_MAX:
            break
    return clipped


def _borders(text: str, offset: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for chunk in re.finditer(r"\S+", text):
        at = offset + chunk.start()
        for part in _ALWAYS_APART.split(chunk.group()):
            for start, end in _peel(part):
                found.append((at + start, at + end))
            at += len(part)
    return found


def _peel(part: str) -> list[tuple[int, int]]:
    """Offsets of leading marks, the core (cut again where words are glued), trailing marks."""
    first, last = 0, len(part)
    while first < last and not part[first].isalnum() and not _keeps_front(part, first):
        first += 1
    while last > first and not part[last - 1].isalnum() and part[last - 1] not in _KEPT_AT_END:
        last -= 1
    marks = [match.span() for match in _RUN.finditer(part, 0, first)]
    tail = [match.span() for match in _RUN.finditer(part, last)]
    return marks + _core(part, first, last) + tail


def _keeps_front(part: str, at: int) -> bool:
    return part[at] in _KEPT_IN_FRONT and any(char.isalnum() for char in part[at:])


def _core(part: str, first: int, last: int) -> list[tuple[int, int]]:
    if first == last:
        return []
    core = part[first:last]
    number = _NUMBER_AND_UNIT.fullmatch(core)
    if number:
        return [(first, first + number.end(1)), (first + number.end(1), last)]
    if "://" in core or "\\" in core:
        return [(first, last)]
    cuts = [cut for match in _SEPARATOR_INSIDE.finditer(core) for cut in match.span()]
    edges = [first, *(first + cut for cut in cuts), last]
    return list(pairwise(edges))


def _shown(text: str, start: int, end: int) -> str:
    word = text[start:end]
    space = " " if not start or text[start - 1].isspace() else ""
    case = CAPITALS if len(word) > 1 and word.isupper() else CAPITAL if word[0].isupper() else ""
    return case + space + word.lower()


def _clip(shown: str, length: int) -> str:
    case = next((mark for mark in (CAPITALS, CAPITAL) if shown.startswith(mark)), "")
    word = shown[len(case) :]
    if len(word) <= length:
        return shown
    return case + (word[: length * 2 // 3] + word[-(length // 3) :] if length > 3 else word[:length])
