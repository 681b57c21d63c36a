"""A byte-level BPE vocabulary of any size: the starter's merges, then the words of this repository, then compounds.

What the first two give is what a trained tokenizer gives: common words are one token, others fall into known parts,
every byte has one. The compounds after them seldom match anything and make the table as long as that of a large model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from gguf import GGUFReader, TokenType

from models.catalog import STARTER_FILE

ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "agent", "models", "sync", "packaging", "tests")
END, BEGIN, CALL, CALLED = "<|end|>", "<|begin|>", "<|tool_use|>", "<|/tool_use|>"
CONTROL = ("<|start of text|>", BEGIN, END)
SHOWN = (CALL, CALLED)  # special, yet part of the text that a model writes
WORD = re.compile(r"[^\W\d_]{2,24}")
COMPOUND_CHARACTERS_MAX = 20
SEED = 20_261_126


@dataclass(slots=True)
class _Growing:
    """Merges in order, the tokens that they make, and the rank of each pair."""

    tokens: dict[str, None] = field(default_factory=dict)
    merges: list[tuple[str, str]] = field(default_factory=list)
    ranks: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, left: str, right: str) -> None:
        if (left, right) not in self.ranks:
            self.ranks[left, right] = len(self.merges)
            self.merges.append((left, right))
            self.tokens.setdefault(left + right)

    def cut(self, word: str) -> list[str]:
        """As byte-level BPE cuts it: the pair with the lowest rank first."""
        parts = list(word)
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, len(self.merges)), at) for at, pair in enumerate(pairwise(parts)))
            if rank == len(self.merges):
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts


@dataclass(frozen=True, slots=True)
class Vocabulary:
    tokens: tuple[str, ...]
    kinds: tuple[int, ...]
    merges: tuple[str, ...]

    @property
    def special(self) -> int:
        """How many tokens at its end are no text: a model of random weights is to be silent about them."""
        return len(CONTROL) + len(SHOWN)


@lru_cache(maxsize=4)
def vocabulary(size: int) -> Vocabulary:
    """Exactly `size` tokens. The special ones come last."""
    special = (*SHOWN, *CONTROL)
    plain = size - len(special)
    growing = _Growing(dict.fromkeys(byte_letters()))
    for left, right in _all_merges(growing):
        if len(growing.tokens) >= plain:
            break
        growing.add(left, right)
    kinds = [TokenType.NORMAL] * plain + [TokenType.USER_DEFINED] * len(SHOWN) + [TokenType.CONTROL] * len(CONTROL)
    merges = tuple(f"{left} {right}" for left, right in growing.merges)
    return Vocabulary((*growing.tokens, *special), tuple(map(int, kinds)), merges)


def byte_letters() -> list[str]:
    """The printable stand-in of each byte, as byte-level BPE has it since GPT-2."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def _all_merges(growing: _Growing) -> Iterator[tuple[str, str]]:
    """Each is asked for after the one before it was added."""
    yield from _starter_merges()
    for word in _words():
        parts = growing.cut(word)
        whole = parts[0]
        for part in parts[1:]:
            yield whole, part
            whole += part
    yield from _compounds(tuple(growing.tokens))


def _starter_merges() -> Iterator[tuple[str, str]]:
    field_of = GGUFReader(STARTER_FILE).fields["tokenizer.ggml.merges"]
    for merge in field_of.contents():
        left, _, right = merge.partition(" ")
        yield left, right


def _words() -> list[str]:
    """The words of this repository's own pages, as they stand and after a blank, the most frequent first."""
    letters = byte_letters()
    counts: Counter[str] = Counter()
    for folder in (ROOT, *(ROOT / name for name in FOLDERS)):
        for page in sorted(folder.glob("*.md") if folder == ROOT else folder.rglob("*.md")):
            counts.update(WORD.findall(page.read_text(encoding="utf-8")))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    spelt = ["".join(letters[byte] for byte in word.encode()) for word in ranked]
    return [form for word in spelt for form in (letters[ord(" ")] + word, word)]


def _compounds(tokens: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Pairs of parts of words, without end, the same at each call."""
    rng = np.random.default_rng(SEED)
    blank = byte_letters()[ord(" ")]
    heads = [token for token in tokens if token.removeprefix(blank).isalpha() and len(token) >= 3]
    tails = [token for token in heads if blank not in token]
    seen = set(tokens)
    while True:
        for head, tail in zip(rng.choice(heads, 4_096), rng.choice(tails, 4_096), strict=True):
            whole = f"{head}{tail}"
            if len(whole) <= COMPOUND_CHARACTERS_MAX and whole not in seen:
                seen.add(whole)
                yield str(head), str(tail)
