"""A marked request as the numbers the network learns from: prompt string, answer tokens, and the role of each piece."""

from __future__ import annotations

from dataclasses import dataclass

from models.distill.wording import Marked
from models.starter.pieces import Piece
from models.starter.pointing import Pointing
from models.starter.vocabulary import ARGUMENTS, END, PIECES_MAX, TOOLS, argument_token, tool_token, word_token

ROLES = 1 + 2 * len(ARGUMENTS)  # none, then begin and inside of each argument
_TOOLS = {tool_token(name): tool for name, tool in TOOLS.items()}


@dataclass(frozen=True, slots=True)
class Encoded:
    prompt: str
    answer: tuple[str, ...]
    roles: tuple[int, ...]


def encode(marked: Marked) -> Encoded | None:
    """None for more pieces than the model numbers, and for arguments that touch no piece or share one ("fivein")."""
    text = marked.text
    pointing = Pointing(text)
    if not 0 < len(pointing.pieces) < PIECES_MAX:
        return None
    spans = _spans(marked, pointing.pieces)
    roles = [0] * len(pointing.pieces)
    for (_, name), span in spans.items():
        if span is None or any(roles[span[0] : span[1] + 1]):
            return None
        number = ARGUMENTS.index(name)
        roles[span[0] : span[1] + 1] = [1 + 2 * number, *[2 + 2 * number] * (span[1] - span[0])]
    answer: list[str] = []
    for call, head in enumerate(marked.heads):
        answer += head
        for name in _TOOLS[head[0]].arguments if head[0] in _TOOLS else ():
            span = spans.get((call, name))
            if span:
                answer += [argument_token(name), word_token(span[0]), word_token(span[1])]
    return Encoded(pointing.prompt(), (*answer, END), tuple(roles))


def _spans(marked: Marked, pieces: tuple[Piece, ...]) -> dict[tuple[int, str], tuple[int, int] | None]:
    spans: dict[tuple[int, str], tuple[int, int] | None] = {}
    at = 0
    for segment in marked.segments:
        if segment.role:
            inside = [n for n, piece in enumerate(pieces) if piece.start < at + len(segment.text) and piece.end > at]
            spans[segment.role] = (inside[0], inside[-1]) if inside else None
        at += len(segment.text)
    return spans


def holds(encoded: Encoded, text: str) -> bool:
    """Whether the grammar admits the answer: the corpus is checked against what the worker will enforce."""
    pointing = Pointing(text)
    return all(token in pointing.allowed(encoded.answer[:at]) for at, token in enumerate(encoded.answer))
