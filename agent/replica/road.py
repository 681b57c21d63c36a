"""The ways by which files of several laptops come together: a folder that is seen here, or one on a server. Each holds
files by their steps below its root, and passes the same tests.

What is not there, or does not answer, is NoExchangeError; a file that cannot be had whole is UnreadError.
"""

from typing import Protocol


class Road(Protocol):
    """`where`: as a person would name it; `name`: short; `files_max`: so many of one laptop, then it begins anew;
    `needs_seal`: it leads to somebody else's machine."""

    @property
    def where(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def files_max(self) -> int: ...

    @property
    def needs_seal(self) -> bool: ...

    def begin(self) -> None:
        """Raises NoExchangeError where the place is not there: a stick that is not plugged in is no fault."""
        ...

    def names(self, *steps: str) -> tuple[str, ...]:
        """What lies in that folder; nothing where it is not there."""
        ...

    def has(self, *steps: str) -> bool:
        """Whether there is such a file."""
        ...

    def read(self, *steps: str, most: int) -> bytes:
        """Raises UnreadError, also for one that is larger than `most`."""
        ...

    def write(self, content: bytes, *steps: str, new: bool) -> None:
        """Whole or not at all. `new`: it was not there, and if it is now, somebody else wrote it: NoExchangeError.
        Else it replaces what this exchange has read there, and nothing else."""
        ...

    def drop(self, *steps: str) -> None:
        """A file; nothing where there is none."""
        ...

    def drop_folder(self, *steps: str) -> None:
        """One that is empty; what still holds something stays."""
        ...

    def tidy(self, *steps: str) -> None:
        """What a crash left half written in that folder."""
        ...
