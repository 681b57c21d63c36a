"""Where layers come from that are not files: Carryon itself, the environment, `--set`.

A variable is `AGENTRC_` and the key in capitals, two underscores for a dot: `AGENTRC_TONE=terse`,
`AGENTRC_MODEL__DEFAULT=…`. Names are read in lower case.
"""

import difflib
from collections.abc import Iterable, Mapping

from agent.agentrc.check import Checked, forbidden
from agent.agentrc.errors import InvalidValueError, Problem
from agent.agentrc.keys import find, format_key, hint, resolve
from agent.agentrc.kinds import from_text, normal
from agent.agentrc.layers import Entry, Layer
from agent.agentrc.options import BUILTIN_RULES, OPTIONS

PREFIX = "AGENTRC_"


def builtin() -> Layer:
    """What holds where no file says anything."""
    plain = [
        Entry(option.pattern, list(option.default) if isinstance(option.default, tuple) else option.default, "built-in")
        for option in OPTIONS
        if option.default is not None
    ]
    rules = [Entry(("tools", glob), rule, "built-in") for glob, rule in BUILTIN_RULES]
    return Layer("built-in", (*plain, *rules), "built-in")


def environment(environ: Mapping[str, str]) -> Checked:
    """The variables; a bad one is a problem of its own and leaves the others in force."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        path = tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
        found = find(path) if all(path) else None
        if found is None:
            problems.append(Problem(name, 0, 0, f"there is no setting {'.'.join(path)}. {_variable_hint(name, path)}"))
            continue
        option, meant = found
        value = from_text(option, environ[name])
        if wrong := forbidden(option, meant, value, "environment"):
            problems.append(Problem(name, 0, 0, wrong))
        else:
            entries.append(Entry(meant, normal(option, value), name))
    return Checked(Layer("environment", tuple(entries), "environment"), tuple(problems))


def session(assignments: Iterable[str]) -> Layer:
    """`--set key=value`, in order, the last one wins; raises RcError, since the user is right there to be told."""
    entries: dict[tuple[str, ...], Entry] = {}
    for text in assignments:
        key, equals, typed = text.partition("=")
        if not equals:
            raise InvalidValueError(f"--set takes key=value, such as --set tone=terse, not {text!r}.")
        path, value = assigned(key, typed, "session")
        entries[path] = Entry(path, value, "--set")
    return Layer("session", tuple(entries.values()), "--set")


def assigned(key: str, typed: str | object, layer: str) -> tuple[tuple[str, ...], object]:
    """The path and value of a key and what was typed for it; raises RcError with a hint when they do not fit."""
    option, path = resolve(key)
    value = from_text(option, typed) if isinstance(typed, str) else typed
    if wrong := forbidden(option, path, value, layer):
        raise InvalidValueError(wrong if wrong.startswith(path[0]) else f"{format_key(path)}: {wrong}")
    return path, normal(option, value)


def _variable_hint(name: str, path: tuple[str, ...]) -> str:
    plain = [PREFIX + option.key.upper().replace(".", "__") for option in OPTIONS if "*" not in option.key]
    if near := difflib.get_close_matches(name, plain, n=1, cutoff=0.8):
        return f"Did you mean {near[0]}?"
    return hint(path) if all(path) else "`carryon rc explain` lists them all."
