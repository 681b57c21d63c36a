"""A text that is still arriving, read by steps that wait where it ends: a step is a generator that yields to wait."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

CALL_CHARACTERS_MAX = 200_000  # of one section of calls

Result = TypeVar("Result")
Steps = Generator[None, None, Result]


class MalformedError(Exception):
    """What is written is no call; the words say why."""


class EndedError(MalformedError):
    """The text ended too early."""

    def __init__(self) -> None:
        super().__init__("the answer ended in the middle of it")


class Source:
    """`at` may be set back to a place where one has been before."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = 0
        self.ended = False

    def feed(self, text: str) -> None:
        self.text += text

    def end(self) -> None:
        self.ended = True

    def ended_at(self) -> bool:
        """Whether nothing follows, and nothing will."""
        return self.ended and self.at >= len(self.text)

    def peek(self) -> Steps[str]:
        """The next character, or "" where the text has ended."""
        while self.at >= len(self.text):
            if self.ended:
                return ""
            if self.at > CALL_CHARACTERS_MAX:
                raise MalformedError(f"it is longer than {CALL_CHARACTERS_MAX:,} characters")
            yield
        return self.text[self.at]

    def take(self) -> Steps[str]:
        character = yield from self.peek()
        if not character:
            raise EndedError
        self.at += 1
        return character

    def skip_space(self) -> Steps[None]:
        while (character := (yield from self.peek())) and character.isspace():
            self.at += 1

    def literal(self, text: str) -> Steps[None]:
        """Exactly this text; a blank in it stands for any number of them, also none."""
        for wanted in text:
            if wanted.isspace():
                yield from self.skip_space()
                continue
            if (got := (yield from self.take())) != wanted:
                self.at -= 1
                raise MalformedError(f"“{shortened(text)}” was expected, not “{got}”")

    def tries(self, text: str) -> Steps[bool]:
        """Whether this text is next, and if so behind it. The end of everything counts as its last part."""
        start = self.at
        try:
            yield from self.literal(text)
        except EndedError:
            if self.text[start : self.at].strip():
                return True
            self.at = start
            return False
        except MalformedError:
            self.at = start
            return False
        return True


def shortened(text: str, most: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
