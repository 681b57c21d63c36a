"""A long text in the keyring. Some systems keep no more than some thousand bytes under one name, so it stands there in
pieces: the new ones first, then the head that names them, then the old ones go. Who reads between two of these steps
finds the old text or the new one, whole. Nothing locks a keyring between processes: who writes looks before each step
whether the head is still the one that was found, and afterwards whether all of it is there."""

import hashlib
import json
from collections.abc import Callable

from agent.agentrc.errors import SecretError

PIECE_CHARACTERS = 1_000
PIECES_MAX = 32
SETS = ("a", "b")
TRIES_MAX = 4


class Pieces:
    """`get` and `put` are the keyring's; an empty text takes an entry out. Raises SecretError where there is none."""

    def __init__(self, get: Callable[[str], str | None], put: Callable[[str, str], None]) -> None:
        self._get, self._put = get, put

    def read(self, name: str) -> str | None:
        """None: there is none, or what is there is not whole."""
        return self.seen(name)[1]

    def seen(self, name: str) -> tuple[str, str | None]:
        """The head, for `swap`, too."""
        said = self._get(name) or ""
        head = _head(said)
        return said, self._whole(name, head) if head else None

    def _whole(self, name: str, head: tuple[str, int, str]) -> str | None:
        chosen, count, digest = head
        found = [self._get(_name(name, chosen, number)) or "" for number in range(count)]
        text = "".join(found)
        return text if _digest(text) == digest else None

    def write(self, name: str, text: str) -> None:
        """Whatever stands there."""
        for _ in range(TRIES_MAX):
            if self.swap(name, self._get(name) or "", text):
                return
        raise SecretError(f"Something else writes under {name!r} all the time.", todo="Try again.")

    def swap(self, name: str, said: str, text: str) -> bool:
        """Instead of what had the head `said`; False where another one stands there meanwhile, or none."""
        pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
        if len(pieces) > PIECES_MAX:
            raise SecretError(f"What is to be kept under {name!r} is too long: {len(text):,} characters.")
        before = _head(said)
        chosen = SETS[1] if before and before[0] == SETS[0] else SETS[0]
        head = (chosen, len(pieces), _digest(text))
        puts = [(_name(name, chosen, number), piece) for number, piece in enumerate(pieces)]
        for at, (place, piece) in enumerate([*puts, (name, json.dumps(head))]):
            if (self._get(name) or "") != said:
                self._clear(name, (chosen, at, ""))
                return False
            self._put(place, piece)
        if before:
            self._drop(name, before)
        return self.read(name) is not None

    def _clear(self, name: str, begun: tuple[str, int, str]) -> None:
        """What was written in vain, unless it stands in the way of who was quicker."""
        now = _head(self._get(name))
        if now is None or now[0] != begun[0]:
            self._drop(name, begun)

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
