"""How a prompt is cut into the chunks that are read at once. Results depend on it, so only whole chunks are reused."""

from __future__ import annotations

from dataclasses import dataclass

CHUNK = 128  # tokens read at once; also how long a cancel may wait


@dataclass(frozen=True, slots=True)
class Cut:
    """Chunks are counted from the start, and anew from `parting` on, where what all conversations share ends; 0: never.

    It is a property of the request alone, so the same request is cut alike after any history.
    """

    parting: int = 0

    def end(self, start: int, length: int) -> int:
        """Where the chunk that begins at `start` ends in a prompt of `length` tokens."""
        before = self.parting if start < self.parting else length
        return min(start + CHUNK, before, length)

    def whole(self, length: int) -> int:
        """How many of the first `length` tokens stand in whole chunks."""
        begun = self.parting if self.parting <= length else 0
        return begun + (length - begun) // CHUNK * CHUNK

    def alike(self, other: Cut, length: int) -> int:
        """How many of the first `length` tokens stand in whole chunks that are the same in both."""
        if self == other:
            return self.whole(length)
        partings = [cut.parting for cut in (self, other) if cut.parting]
        return min(length, *partings) // CHUNK * CHUNK
