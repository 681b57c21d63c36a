"""Any error in words and an exit code, for whoever talks to the user: what happened, where, what to do."""

import sqlite3

from agent.errors import BROKEN, INVALID
from agent.paths import Paths
from agent.store.errors import in_words

Explained = tuple[int, str, str, str]  # exit code, what, where, what to do


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
    return in_words(error, Paths.of().database)
