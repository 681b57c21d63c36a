"""Other people's addresses, names and numbers, replaced by made-up ones of the same shape; spans move along.

The words around them are what teaches; who was written to does not. The same value gets the same stand-in throughout
one pair, so that text, arguments and names still fit each other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_SEEN = re.compile(
    r"(?P<address>[^\s@<>,;:\"'()]+@[^\s@<>,;:\"'()]*[^\s@<>,;:\"'().!?])"
    r"|(?P<page>\b(?:https?://|www\.)[^\s<>\"']*[^\s<>\"'.,;:!?)])"
    r"|(?P<number>(?<![\w.])\+?\d(?:[ ()/-]?\d){6,}(?!\w))",
    re.IGNORECASE,
)
NAMES_MAX = 64
LETTERS_MIN = 2


@dataclass(slots=True)
class Redaction:
    """Stand-ins of one pair. `names`: single words that name people, replaced wherever they stand."""

    names: tuple[str, ...] = ()
    _given: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, text: str) -> "Redacted":
        pieces: list[str] = []
        moves: list[tuple[int, int, int, int]] = []  # old start and end, new start and end
        at = length = 0
        for start, end, stand_in in self._found(text):
            pieces += (text[at:start], stand_in)
            length += start - at
            moves.append((start, end, length, length + len(stand_in)))
            length += len(stand_in)
            at = end
        return Redacted("".join((*pieces, text[at:])), tuple(moves))

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        """What is replaced, in order and without overlap: addresses, pages and numbers first, then names."""
        found = [(m.start(), m.end(), self._stand_in(str(m.lastgroup), m.group())) for m in _SEEN.finditer(text)]
        for name in self.names[:NAMES_MAX]:
            for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                if all(m.end() <= start or m.start() >= end for start, end, _ in found):
                    found.append((m.start(), m.end(), self._stand_in("name", name)))
        return sorted(found)

    def _stand_in(self, kind: str, value: str) -> str:
        if kind == "number":
            return re.sub(r"\d", "5", value)
        key = (kind, value.casefold())
        if key not in self._given:
            number = 1 + sum(other == kind for other, _ in self._given)
            self._given[key] = {
                "address": f"person{number}@example.org", "page": f"https://example.org/page{number}",
                "name": f"Person{number}",
            }[kind]  # fmt: skip
        return self._given[key]


@dataclass(frozen=True, slots=True)
class Redacted:
    text: str
    moves: tuple[tuple[int, int, int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the old text lies; one that cut into something replaced takes all of it."""
        return self._moved(start, right=False), self._moved(end, right=True)

    def _moved(self, at: int, *, right: bool) -> int:
        shift = 0
        for old_start, old_end, new_start, new_end in self.moves:
            inside = old_start < at < old_end
            if inside:
                return new_end if right else new_start
            if at >= old_end:
                shift = new_end - old_end
        return at + shift


def names_of(known: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Every word of people's names: who is kept as "Dana Ito" is written to as "Dana"."""
    words = (word for kind, name in known if kind == "contact" for word in name.split())
    return tuple(dict.fromkeys(word for word in words if len(word) >= LETTERS_MIN))
