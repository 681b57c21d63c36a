"""NAME=VALUE arguments: a name that is given twice is a mistake, never a choice of ours."""

from collections.abc import Iterable

from agent.errors import BadRequestError


def named_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Raises BadRequestError for a name that comes twice."""
    given = dict[str, str]()
    for name, value in pairs:
        if name in given:
            raise BadRequestError(f"{name[:80]} is given twice.", name[:80], "Say it once; several go into one value.")
        given[name] = value
    return given
