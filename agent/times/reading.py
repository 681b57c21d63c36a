"""A text being read: rules take what they know out of it; a time was understood when only fillers are left.

That is why "friday the boiler" is no time at all: nothing that was said is ever dropped without a word.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], T | None]]

_FILLERS = re.compile(
    r"\b(?:on|at|by|the|of|for|from|until|till|before|due|around|about|roughly|approximately|circa|ish|sharp|exactly|"
    r"in|latest|and|a|an|no later than|starting|starts|this|please|pls|then|to be|is|it's|its|time|during|my|"
    r"early|late)\b|[-~,.|]"
)


class Reading:
    """`left` is what no rule has taken yet."""

    def __init__(self, text: str) -> None:
        self.left = f" {text} "

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first place where the pattern fits; it is gone afterwards."""
        match = pattern.search(self.left)
        if match:
            self._drop(match)
        return match

    def first(self, rules: Iterable[Rule[T]]) -> T | None:
        """What the first rule makes of its place that fits and means something; a rule may decline with None."""
        for pattern, meaning in rules:
            for match in pattern.finditer(self.left):
                meant = meaning(match)
                if meant is not None:
                    self._drop(match)
                    return meant
        return None

    def finished(self) -> bool:
        return not _FILLERS.sub(" ", self.left).strip()

    def _drop(self, match: re.Match[str]) -> None:
        self.left = f"{self.left[: match.start()].rstrip()} | {self.left[match.end() :].lstrip()}"


def rule_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that begins and ends where a word does. Blanks are single: `ready` has seen to that."""
    return re.compile(rf"(?<![\w.:/-])(?:{pattern})(?![\w:/])")
