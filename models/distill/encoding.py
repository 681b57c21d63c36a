"""A marked request as what the network learns from: prompt, answer tokens, and the role of each piece."""

from __future__ import annotations

from dataclasses import dataclass

from models.distill.wording import Marked
from models.starter.fitting import Fitting
from models.starter.pieces import Piece
from models.starter.pointing import Pointing
from models.starter.vocabulary import (
    ARGUMENTS,
    END,
    FILL,
    FITS,
    PIECES_MAX,
    SLOT_TOKENS,
    SLOTS_MAX,
    TOOL_OF,
    argument_token,
    word_token,
)  # fmt: skip

ROLES = 1 + 2 * (len(ARGUMENTS) + SLOTS_MAX)  # none, then begin and inside of each argument, of each slot of a card


@dataclass(frozen=True, slots=True)
class Encoded:
    """`spans` holds the offsets of each piece in `text`: where the teacher is asked what a word means."""

    prompt: str
    answer: tuple[str, ...]
    roles: tuple[int, ...]
    text: str
    spans: tuple[tuple[int, int], ...]


def encode(marked: Marked) -> Encoded | None:
    """None for more pieces than the model numbers, and for arguments that touch no piece or share one ("fivein")."""
    text = marked.text
    asked = frame(marked)
    if not 0 < len(asked.pieces) < PIECES_MAX:
        return None
    spans = _spans(marked, asked.pieces)
    roles = [0] * len(asked.pieces)
    for (_, name), span in spans.items():
        if span is None or any(roles[span[0] : span[1] + 1]):
            return None
        number = _number(marked, name)
        roles[span[0] : span[1] + 1] = [1 + 2 * number, *[2 + 2 * number] * (span[1] - span[0])]
    answer: list[str] = []
    for call, head in enumerate(marked.heads):
        answer += head
        for token, name in _arguments(marked, head):
            span = spans.get((call, name))
            if span:
                answer += [token, word_token(span[0]), word_token(span[1])]
    offsets = tuple((piece.start, piece.end) for piece in asked.pieces)
    return Encoded(asked.prompt(), (*answer, END), tuple(roles), text, offsets)


def frame(marked: Marked) -> Pointing | Fitting:
    """The prompt and the grammar that the worker would use."""
    return Fitting(marked.text, marked.card) if marked.card else Pointing(marked.text, marked.situation)


def holds(encoded: Encoded, marked: Marked) -> bool:
    """Whether the grammar admits the answer: the corpus is checked against what the worker will enforce."""
    asked = frame(marked)
    return all(token in asked.allowed(encoded.answer[:at]) for at, token in enumerate(encoded.answer))


def _arguments(marked: Marked, head: tuple[str, ...]) -> list[tuple[str, str]]:
    """The arguments an answer may hold, in order: the token and the name of each."""
    if head == (FITS,):
        assert marked.card is not None
        return list(zip(SLOT_TOKENS, (slot.name for slot in marked.card.slots), strict=False))
    if head == (FILL,):
        return [(argument_token(name), name) for name in marked.situation.arguments_asked()]
    tools = [TOOL_OF[token] for token in head if token in TOOL_OF]
    names = tools[0].arguments if tools else ()
    return [(argument_token(name), name) for name in names if name != "key"]


def _number(marked: Marked, name: str) -> int:
    if marked.card:
        return len(ARGUMENTS) + [slot.name for slot in marked.card.slots].index(name)
    return ARGUMENTS.index(name)


def _spans(marked: Marked, pieces: tuple[Piece, ...]) -> dict[tuple[int, str], tuple[int, int] | None]:
    spans: dict[tuple[int, str], tuple[int, int] | None] = {}
    at = 0
    for segment in marked.segments:
        if segment.role:
            inside = [n for n, piece in enumerate(pieces) if piece.start < at + len(segment.text) and piece.end > at]
            spans[segment.role] = (inside[0], inside[-1]) if inside else None
        at += len(segment.text)
    return spans
