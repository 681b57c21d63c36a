"""Where a value may begin and end: never in two arguments at once, no separator as a border."""

from __future__ import annotations

from collections.abc import Sequence

from models.starter.pieces import Piece
from models.starter.vocabulary import word_token

_NEVER_FIRST = frozenset(",;:.!?>|=)]}")
_NEVER_LAST = frozenset(",;:<|=([{#")


class Borders:
    """The numbers that the grammar admits for one request."""

    def __init__(self, text: str, pieces: Sequence[Piece]) -> None:
        self._words = [text[piece.start : piece.end] for piece in pieces]

    def next(self, span: Sequence[str], answer: Sequence[str]) -> tuple[str, ...]:
        """What may follow `span`, the numbers given so far of the value at hand: none, or its first."""
        if not span:
            return self._tokens(self.free(answer), _NEVER_FIRST)
        first = number_of(span[0])
        taken = min((low for low, _ in spans_in(answer) if low > first), default=len(self._words))
        return self._tokens(range(first, taken), _NEVER_LAST)

    def free(self, answer: Sequence[str]) -> list[int]:
        """The numbers that no value has yet."""
        used = {number for low, high in spans_in(answer) for number in range(low, high + 1)}
        return [number for number in range(len(self._words)) if number not in used]

    def _tokens(self, numbers: Sequence[int], never: frozenset[str]) -> tuple[str, ...]:
        """Falls back on all of `numbers`, then on all pieces: a request may hold nothing else."""
        good = [number for number in numbers if not never.issuperset(self._words[number])]
        return tuple(map(word_token, good or numbers or range(len(self._words))))


def number_of(token: str) -> int:
    return int(token[2:-1])


def is_number(token: str) -> bool:
    return token.startswith("<w") and token[2:-1].isdigit()


def spans_in(answer: Sequence[str]) -> list[tuple[int, int]]:
    """The complete spans of an answer, as piece numbers."""
    return [
        (number_of(answer[at + 1]), number_of(answer[at + 2]))
        for at, token in enumerate(answer[:-2])
        if not is_number(token) and is_number(answer[at + 1]) and is_number(answer[at + 2])
    ]


def open_span(call: Sequence[str]) -> list[str] | None:
    """The numbers so far of the value at hand; None when none was begun, or the last is complete."""
    at = max((index for index, token in enumerate(call) if not is_number(token)), default=None)
    if at is None or not call[at].startswith(("<arg:", "<slot")) or len(call) - at > 2:
        return None
    return list(call[at + 1 :])
