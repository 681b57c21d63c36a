"""Texts as vectors: what a model that gives them promises, the bounds, and how vectors cross the pipe.

A vector has length 1, so the product of two says how much their texts have in common. Texts of one model compare with
each other only. Nothing here imports more than the standard library.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from models.contracts import TEXT_CHARACTERS_MAX
from models.errors import RequestTooLargeError, WrongKindError

TEXTS_MAX = 128  # of one request; whoever has more asks several times
TEXT_TOKENS_MAX = 2_048  # of one text; a shorter context of the model is the bound where it has one

Vector: TypeAlias = "array[float]"  # of 4-byte floats


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector for each text, in their order; `tokens`: how many were read."""

    vectors: tuple[Vector, ...]
    tokens: int


@runtime_checkable
class Embeds(Protocol):
    """A model that can give vectors. Blocks its thread, one request at a time, as `ModelPort` does."""

    def embed(self, texts: Sequence[str]) -> Embedded: ...


def check_embed(texts: Sequence[str]) -> None:
    """The bounds, before anything is sent: the host and the twin refuse alike."""
    if not 1 <= len(texts) <= TEXTS_MAX:
        raise RequestTooLargeError(
            f"Vectors are made of 1 to {TEXTS_MAX} texts at once; here are {len(texts):,}.", "the texts",
            "Ask in several parts." if texts else "Give one.",
        )  # fmt: skip
    if any(not text.strip() for text in texts):
        raise RequestTooLargeError("An empty text has no vector.", "the texts", "Leave it out.")
    characters = sum(map(len, texts))
    if characters > TEXT_CHARACTERS_MAX:
        raise RequestTooLargeError(
            f"These texts are {characters:,} characters long; a model is given at most {TEXT_CHARACTERS_MAX:,}.",
            "the texts", "Ask in several parts.",
        )  # fmt: skip


def gives_no_vectors(name: str) -> WrongKindError:
    return WrongKindError(f"{name} gives no vectors.", name, "Choose another model for that: carryon models list.")


def packed(embedded: Embedded) -> dict[str, Any]:
    """As it crosses the pipe, between two processes of one machine."""
    vectors = [base64.b64encode(vector.tobytes()).decode("ascii") for vector in embedded.vectors]
    return {"vectors": vectors, "tokens": embedded.tokens}


def unpacked(record: dict[str, Any]) -> Embedded:
    vectors = tuple(array("f", base64.b64decode(text)) for text in record["vectors"])
    return Embedded(vectors, int(record["tokens"]))
