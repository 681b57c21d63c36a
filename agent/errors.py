"""How an error reaches a person: what happened, where, what to do. Every package draws its own tree in errors.py;

    CarryonError            what, where, todo, exit code
    ├── BadRequestError     2  what was asked cannot be done as it stands
    └── BrokenError         3  the machinery failed

`agent/explain.py` reads them, and the errors of `sync` and `models` (which may not import this floor) by attributes.
"""

INVALID, BROKEN = 2, 3  # exit codes of the command line


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
