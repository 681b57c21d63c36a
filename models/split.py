"""A model in several files: how they are called, which belong together. llama.cpp opens the first, finds the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PARTS_MAX = 200
_NAME = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartName:
    """`number` counts from 1."""

    stem: str
    number: int
    parts: int

    def file(self, number: int) -> str:
        return f"{self.stem}-{number:05}-of-{self.parts:05}.gguf"


def part_name(name: str) -> PartName | None:
    """What a file's name says of its place among others; None when it stands alone."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    number, parts = int(found[2]), int(found[3])
    return PartName(found[1], number, parts) if 1 <= number <= parts <= PARTS_MAX and parts > 1 else None


def later_parts(first: Path, parts: int) -> tuple[Path, ...]:
    """The other files of a model whose first file says that it has so many, as llama.cpp would look for them."""
    named = part_name(first.name)
    if parts <= 1 or named is None:
        return ()
    return tuple(first.with_name(named.file(number)) for number in range(1, named.parts + 1) if number != named.number)
