"""How an error reaches a person: what happened, where, what to do. Every package draws its own tree in errors.py;

    CarryonError            what, where, todo, exit code
    ├── BadRequestError     2  what was asked cannot be done as it stands
    └── BrokenError         3  the machinery failed

Errors of `sync` and `models` (which may not import this floor) are read by their attributes: `explain`.
"""

import sqlite3

INVALID, BROKEN = 2, 3  # exit codes of the command line
Explained = tuple[int, str, str, str]


class CarryonError(Exception):
    """Carryon could not do this."""

    exit_code = BROKEN

    def __init__(self, what: str = "", where: str = "", todo: str = "") -> None:
        self.what = what or (self.__doc__ or "").strip()
        self.where = where
        self.todo = todo
        super().__init__(" ".join(part for part in (self.what, where and f"({where})", todo) if part))


class BadRequestError(CarryonError):
    """What was asked cannot be done as it stands."""

    exit_code = INVALID


class BrokenError(CarryonError):
    """Carryon's machinery failed."""


def explain(error: BaseException) -> Explained:
    """Exit code and words for any error; foreign ones are named by their kind, so that nothing fails without a word."""
    if isinstance(error, sqlite3.Error):
        error = _of_the_database(error)
    what = str(getattr(error, "what", "") or error) or type(error).__name__
    where = str(getattr(error, "where", ""))
    todo = str(getattr(error, "todo", ""))
    known = hasattr(error, "what")
    code = getattr(error, "exit_code", INVALID if known or isinstance(error, ValueError) else BROKEN)
    return code, what if known else f"{what} ({type(error).__name__})", where, todo


def _of_the_database(error: sqlite3.Error) -> BaseException:
    """In words where a person can do something about it: no room, busy, damaged."""
    from agent.paths import Paths
    from agent.store.errors import in_words

    return in_words(error, Paths.of().database)
