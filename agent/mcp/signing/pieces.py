"""A long text in the keyring. Some systems keep no more than some thousand bytes under one name, so it stands there in
pieces: the new ones first, then the head that names them, then the old ones go. Who reads between two of these steps
finds the old text or the new one, whole."""

import hashlib
import json
from collections.abc import Callable

from agent.agentrc.errors import SecretError

PIECE_CHARACTERS = 1_000
PIECES_MAX = 32
SETS = ("a", "b")


class Pieces:
    """`get` and `put` are the keyring's; an empty text takes an entry out. Raises SecretError where there is none."""

    def __init__(self, get: Callable[[str], str | None], put: Callable[[str, str], None]) -> None:
        self._get, self._put = get, put

    def read(self, name: str) -> str | None:
        """None: there is none, or what is there is not whole."""
        head = _head(self._get(name))
        if head is None:
            return None
        chosen, count, digest = head
        found = [self._get(_name(name, chosen, number)) or "" for number in range(count)]
        text = "".join(found)
        return text if _digest(text) == digest else None

    def write(self, name: str, text: str) -> None:
        pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
        if len(pieces) > PIECES_MAX:
            raise SecretError(f"What is to be kept under {name!r} is too long: {len(text):,} characters.")
        before = _head(self._get(name))
        chosen = SETS[1] if before and before[0] == SETS[0] else SETS[0]
        for number, piece in enumerate(pieces):
            self._put(_name(name, chosen, number), piece)
        self._put(name, json.dumps([chosen, len(pieces), _digest(text)]))
        if before:
            self._drop(name, before)

    def drop(self, name: str) -> None:
        before = _head(self._get(name))
        self._put(name, "")
        if before:
            self._drop(name, before)

    def _drop(self, name: str, head: tuple[str, int, str]) -> None:
        for number in range(head[1]):
            self._put(_name(name, head[0], number), "")


def _name(name: str, chosen: str, number: int) -> str:
    return f"{name}/{chosen}{number}"


def _head(text: str | None) -> tuple[str, int, str] | None:
    try:
        chosen, count, digest = json.loads(text or "")
    except (ValueError, TypeError, RecursionError):
        return None
    is_head = chosen in SETS and isinstance(count, int) and 0 < count <= PIECES_MAX and isinstance(digest, str)
    return (chosen, count, digest) if is_head else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
