"""What may go wrong in set-up. Each error says what happened, where, and what to do, and carries the exit code.

SetupError
├── MissingPackagesError   the system lacks something that needs an administrator
├── StepError              a command that set-up started did not succeed
└── UnsupportedError       this cannot work on this machine
"""

from __future__ import annotations

MACHINERY_FAILED = 3  # the same meaning as in the command line: the machinery failed, no verdict was reached


class SetupError(Exception):
    """Ends set-up. `what` happened, `where`, and what the reader can `do` about it."""

    code = MACHINERY_FAILED

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"  where:      {self.where}")
        if self.do:
            parts.append("  what to do: " + self.do.replace("\n", "\n              "))
        return "\n".join(parts)


class MissingPackagesError(SetupError):
    """Something of the operating system is missing and was not installed from here."""


class StepError(SetupError):
    """A started command failed; `log` holds everything it said."""


class UnsupportedError(SetupError):
    """This machine cannot do it, whatever is installed."""
