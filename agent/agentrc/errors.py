"""What can be wrong with a settings file, as values, and the few errors that end a command.

A `Problem` names place and remedy and never stops the program: the last good settings stay in force. An `RcError` is
for a command that cannot be done. Neither ever repeats a secret it found.
"""

from dataclasses import dataclass

from agent.errors import BadRequestError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. `where`: a file as the user would write it, a variable, or `--set`.

    Lines and columns count from 1; 0 where there is none. A `note` tells the user something and changes nothing else;
    an `error` keeps its layer's last good settings in force.
    """

    where: str
    line: int
    column: int
    text: str
    severity: str = "error"  # error or note

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}:{self.column}" if self.line else self.where
        return f"{place}: {self.text}"


class RcError(BadRequestError):
    """A command on the settings could not be done. `problems` says where, line by line."""

    def __init__(self, what: str, problems: tuple[Problem, ...] = (), *, todo: str = "") -> None:
        super().__init__(what, "; ".join(str(problem) for problem in problems), todo)
        self.problems = problems


class UnknownKeyError(RcError):
    """No such setting; the message says which one may have been meant."""


class InvalidValueError(RcError):
    """The setting exists, the value does not fit it."""


class ChangedMeanwhileError(RcError):
    """The file is not what it was when the change was proposed."""


class SecretError(RcError):
    """A reference to a secret cannot be followed, or is none."""

    def __init__(self, what: str, *, todo: str = "") -> None:
        super().__init__(what, todo=todo)
