"""Keys as text (`accounts.work.host`, `tools."email.*"`) and as paths of names; and the option that a path means.

Names may hold dots: quotes say so, and where only one reading fits, none are needed (`tools.email.*`).
"""

import difflib
import re

from agent.agentrc.errors import UnknownKeyError
from agent.agentrc.options import ALSO_SAID, CONNECTIONS, OPTIONS, SECRET_WORDS, Option

Path = tuple[str, ...]

_SEGMENT = re.compile(r'\s*(?:"((?:\\.|[^"\\])*)"|\'([^\']*)\'|([^.\s"\']+))\s*(?:\.|$)')
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BY_SHAPE: dict[tuple[int, str], list[Option]] = {}  # how many names, and the first: a file may hold many tools
for _option in OPTIONS:
    _BY_SHAPE.setdefault((len(_option.pattern), _option.pattern[0]), []).append(_option)
TABLES = frozenset(option.pattern[:depth] for option in OPTIONS for depth in range(1, len(option.pattern)))


def parse_key(text: str) -> Path:
    """The path behind a key as a person types it; raises UnknownKeyError when it cannot be read as one."""
    path: list[str] = []
    at = 0
    while at < len(text):
        match = _SEGMENT.match(text, at)
        if not match:
            raise UnknownKeyError(f"{text!r} is not a setting's name. Names look like tone or accounts.work.host.")
        quoted, literal, bare = match.groups()
        path.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else literal if literal is not None else bare)
        at = match.end()
    if not path or text.rstrip().endswith(".") or not all(path):
        raise UnknownKeyError(f"{text!r} is not a setting's name. Names look like tone or accounts.work.host.")
    return tuple(path)


def format_key(path: Path) -> str:
    """The key as TOML writes it: names that are not plain words are quoted."""
    return ".".join(name if _BARE.fullmatch(name) else '"' + _escaped(name) + '"' for name in path)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def find(path: Path) -> tuple[Option, Path] | None:
    """The option a path means, and the path with the user's own name in one piece; None if there is none."""
    for candidate in _joined(path):
        for option in _BY_SHAPE.get((len(candidate), candidate[0]), ()):
            if fits(candidate, option.pattern):
                return option, candidate
    return None


def resolve(key: str) -> tuple[Option, Path]:
    """As `find`, for a key as typed; raises UnknownKeyError with a hint."""
    path = parse_key(key)
    if found := find(path):
        return found
    if is_table(path):
        raise UnknownKeyError(f"{key!r} is a group of settings. `carryon rc explain {key}` shows what is in it.")
    raise UnknownKeyError(f"There is no setting {key!r}. {hint(path)}")


def is_table(path: Path) -> bool:
    return any(fits(path, pattern) for pattern in TABLES)


def fits(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(want in ("*", name) for name, want in zip(path, pattern, strict=True))


def hint(path: Path) -> str:
    """What may have been meant, in a sentence."""
    last = path[-1].casefold()
    if path[0] == "servers" and difflib.get_close_matches(last, SECRET_WORDS, n=1, cutoff=0.85):
        name = _own_name(path)
        return (
            f"Secrets never stand in this file: under [servers.{name}.env] write the variable that the server reads as "
            f'"keyring:{name}", and store the secret with `carryon rc secret {name}`.'
        )
    if path[0] in CONNECTIONS and difflib.get_close_matches(last, SECRET_WORDS, n=1, cutoff=0.85):
        return (
            "Secrets never stand in this file: write secret = "
            f'"keyring:{_own_name(path)}" and store it with `carryon rc secret {_own_name(path)}`.'
        )
    if len(path) == 1 and last in ALSO_SAID:
        return f"The setting for that is {ALSO_SAID[last]}."
    if near := difflib.get_close_matches(format_key(path), _known_beside(path), n=1, cutoff=0.6):
        return f"Did you mean {near[0]}?"
    return "`carryon rc explain` lists them all."


def _own_name(path: Path) -> str:
    return path[1] if len(path) > 1 else "NAME"


def _known_beside(path: Path) -> list[str]:
    """All keys, with the user's own names of `path` where a star stands."""
    patterns = [option.pattern for option in OPTIONS] + [table for table in TABLES if "*" not in table]
    filled = [
        tuple(path[depth] if want == "*" and depth < len(path) else want for depth, want in enumerate(pattern))
        for pattern in patterns
    ]
    return [format_key(known) for known in filled if "*" not in known]


def _joined(path: Path) -> list[Path]:
    """The path as it is, and with a run of its inner names taken as one name with dots."""
    if len(path) < 3:
        return [path]
    return [path, (path[0], ".".join(path[1:])), (path[0], ".".join(path[1:-1]), path[-1])]
