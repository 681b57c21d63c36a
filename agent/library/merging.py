"""Two texts that began as one: what only one side changed is taken, what both changed is kept twice, none is lost."""

from dataclasses import dataclass
from difflib import SequenceMatcher

LINES_MAX = 5_000  # of one text; longer ones are not compared line by line
Block = tuple[int, int, int, int]  # lines [a, b) of the base are lines [c, d) of the changed text


@dataclass(frozen=True, slots=True)
class Merged:
    """`both`: at how many places both sides had changed the same lines; there theirs stands before mine."""

    text: str
    both: int


def merge(base: str, theirs: str, mine: str) -> Merged:
    if theirs in (base, mine):
        return Merged(mine, 0)
    if mine == base:
        return Merged(theirs, 0)
    sides = [text.splitlines(keepends=True) for text in (base, theirs, mine)]
    if max(map(len, sides)) > LINES_MAX:
        return Merged(_after(theirs, mine), 1)
    return _merge_lines(*sides)


def _merge_lines(base: list[str], theirs: list[str], mine: list[str]) -> Merged:
    out: list[str] = []
    both = at_base = at_theirs = at_mine = 0
    for start, end, their_start, my_start in [
        *_shared(base, theirs, mine),
        (len(base), len(base), len(theirs), len(mine)),
    ]:
        was, they, me = base[at_base:start], theirs[at_theirs:their_start], mine[at_mine:my_start]
        if they in (was, me):
            out += me
        elif me == was:
            out += they
        else:
            out.append(_after("".join(they), "".join(me)))
            both += 1
        length = end - start
        out += mine[my_start : my_start + length]
        at_base, at_theirs, at_mine = end, their_start + length, my_start + length
    return Merged("".join(out), both)


def _shared(base: list[str], theirs: list[str], mine: list[str]) -> list[Block]:
    """Runs of lines that all three have: (start in base, end in base, start in theirs, start in mine)."""
    found = []
    with_mine = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    for base_t, at_theirs, length_t in SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks():
        for base_m, at_mine, length_m in with_mine:
            start, end = max(base_t, base_m), min(base_t + length_t, base_m + length_m)
            if start < end:
                found.append((start, end, at_theirs + start - base_t, at_mine + start - base_m))
    return found


def _after(first: str, second: str) -> str:
    """One after the other, on lines of their own."""
    return first + ("" if not first or not second or first.endswith("\n") else "\n") + second
