"""Whether a request fits a tool that the model was never trained on, by the words of the tool's card.

The second question, asked only after the model found nothing of its own to do: one prompt for each likely tool.

    <s><card> parcel track: shows where a parcel is<slot0> number: the tracking number<card-end><w0> where ...<answer>
    <fits> <slot0> <w4> <w4> <end>    or    <handoff> <end>

The words of a card come from strangers. They reach the model as plain words, and all it can do with them is point.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.records import PointedCall, ToolCard
from models.starter.borders import Borders, open_span
from models.starter.pieces import shown_text, split
from models.starter.vocabulary import (
    ANSWER,
    BEGIN,
    CARD,
    CARD_END,
    END,
    FITS,
    HANDOFF,
    SHARED,
    SLOT_TOKENS,
    word_token,
)  # fmt: skip

ABOUT_MAX, ARGUMENT_MAX = 140, 50  # characters of a card that the model reads

STEM = 5  # letters
_COMMON = frozenset(
    ("the", "and", "for", "with", "from", "that", "this", "what", "when", "who", "how", "are", "was", "has", "have",
     "you", "your", "into", "can", "get")
)  # fmt: skip
_NO_WORD = re.compile(r"[^\w%€$°'-]+")


class Fitting:
    """Frame and grammar of one request held against one card."""

    def __init__(self, text: str, card: ToolCard) -> None:
        self.text = text
        self.card = card
        self.pieces = split(text)
        self._borders = Borders(text, self.pieces)

    def prompt(self) -> str:
        slots = "".join(
            f"{token} {plain(slot.name)[:ARGUMENT_MAX]}: {plain(slot.about)[:ARGUMENT_MAX]}"
            for token, slot in zip(SLOT_TOKENS, self.card.slots, strict=False)
        )
        said = stems(" ".join((self.card.name, self.card.about, *(slot.about for slot in self.card.slots))))
        numbered = "".join(
            word_token(number) + (SHARED if stems(self.text[piece.start : piece.end]) & said else "") + shown
            for number, (piece, shown) in enumerate(zip(self.pieces, shown_text(self.pieces), strict=True))
        )
        about = f"{plain(self.card.name)}: {plain(self.card.about)}"[:ABOUT_MAX]
        return f"{BEGIN}{CARD} {about}{slots}{CARD_END}{numbered}{ANSWER}"

    def allowed(self, answer: Sequence[str] = ()) -> tuple[str, ...]:
        """Every token that may follow `answer`; empty when it is complete."""
        if not answer:
            return (FITS, HANDOFF) if self.pieces else (HANDOFF,)
        if answer[-1] == END:
            return ()
        if answer[0] == HANDOFF:
            return (END,)
        if (span := open_span(answer)) is not None:
            return self._borders.next(span, answer)
        tokens = SLOT_TOKENS[: len(self.card.slots)]
        given = [token for token in answer if token in tokens]
        later = tokens[tokens.index(given[-1]) + 1 :] if given else tokens
        return (*(later if self._borders.free(answer) else ()), END)

    def call(self, answer: Sequence[str]) -> PointedCall | None:
        """The call that a complete answer stands for; None when the tool does not fit."""
        if answer[0] != FITS:
            return None
        spans = {
            self.card.slots[SLOT_TOKENS.index(token)].name: self._cut(answer[at + 1], answer[at + 2])
            for at, token in enumerate(answer)
            if token in SLOT_TOKENS
        }
        args = {name: self.text[start:end].strip(" \t\n,;:\"'“”") for name, (start, end) in spans.items()}
        return PointedCall(self.card.name, args, spans)

    def lacks(self, call: PointedCall) -> tuple[str, ...]:
        return tuple(slot.name for slot in self.card.slots if slot.required and slot.name not in call.args)

    def _cut(self, first: str, last: str) -> tuple[int, int]:
        return self.pieces[int(first[2:-1])].start, self.pieces[int(last[2:-1])].end


def stems(words: str) -> frozenset[str]:
    """What tells the words apart: "translate", "translation" and "translating" share one."""
    found = re.split(r"\W+", plain(words))
    return frozenset(word[:STEM] for word in found if len(word) > 2 and word not in _COMMON)


def plain(words: str) -> str:
    """`words` without anything that could be a token of the model: letters, digits and a few signs."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).replace("_", " ")
    return _NO_WORD.sub(" ", apart).strip().lower()
