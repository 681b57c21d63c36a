"""What `carryon rc …` and the Settings view show and do, as plain values; the words on the screen are theirs."""

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from agent.agentrc.agentrc import shown
from agent.agentrc.check import check_bytes
from agent.agentrc.errors import Problem, RcError
from agent.agentrc.keys import find, is_table, parse_key
from agent.agentrc.options import OPTIONS
from agent.agentrc.proposals import Desk
from agent.agentrc.reading import read
from agent.agentrc.sources import builtin
from agent.agentrc.stack import Explanation, Stack

EDITORS = ("sensible-editor", "nano", "vim", "vi", "notepad")  # where neither VISUAL nor EDITOR says


ELSEWHERE = ("lock", "servers.")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the settings form. `kind` as in options.Kind; `origin` such as `~/.agentrc:14`."""

    key: str
    value: object
    kind: str
    choices: tuple[str, ...]
    about: str
    origin: str


def starter_text() -> str:
    """The file that `init` writes: every setting, explained, none of them on."""
    return resources.files("agent.agentrc").joinpath("starter.toml").read_text("utf-8")


def init(desk: Desk) -> Path:
    """Write the starter file; raises RcError if there is a file already. The path that was written."""
    if desk.file.exists():
        raise RcError(f"{desk.name} is there already. Edit it with `carryon rc edit`.")
    desk.accept(desk.propose_text(starter_text().encode()))
    return desk.file


def rows(stack: Stack) -> tuple[Row, ...]:
    """The form: every setting with one name, then what the user named (rules, accounts, contacts, …). Servers of tools
    have a section of their own: five of them are hundreds of lines."""
    plain = [option.key for option in OPTIONS if "*" not in option.key and option.key not in ("schema", "lock")]
    own = [key for key in stack.named() if "." in key and key not in plain and not key.startswith(ELSEWHERE)]
    return tuple(_row(stack, key) for key in (*plain, *own))


def _row(stack: Stack, key: str) -> Row:
    found = find(parse_key(key))
    assert found is not None, f"{key} comes from the table itself"
    said = stack.written(key)
    return Row(key, said.value, found[0].kind.value, found[0].choices, found[0].about, str(said.origin))


def explain(stack: Stack, key: str = "") -> tuple[Explanation, ...]:
    """One setting, all of a table (`accounts`, `accounts.work`), or with no key everything that is set."""
    if not key:
        return tuple(stack.written(name) for name in stack.named())
    path = parse_key(key)
    if find(path) or not is_table(path):
        return (stack.explain(key),)
    inside = [name for name in stack.named() if parse_key(name)[: len(path)] == path]
    return tuple(stack.written(name) for name in inside)


def differences(stack: Stack) -> tuple[Explanation, ...]:
    """What is other than in a fresh install, each with its origin."""
    fresh = Stack([builtin()])
    return tuple(said for said in explain(stack) if said.value != fresh.written(said.key).value)


def check(file: Path, text: str | None = None) -> tuple[Problem, ...]:
    """The mistakes in a file, or in a text that would be saved as it; empty if it is fine or absent."""
    if text is None:
        try:
            raw = read(file)
        except FileNotFoundError:
            return ()
        except OSError as error:
            return (Problem(shown(file), 0, 0, f"cannot be read: {error.strerror or error}."),)
    else:
        raw = text.encode("utf-8", "surrogatepass")
    return check_bytes("user", raw, shown(file)).problems


def editor_command(file: Path, environ: Mapping[str, str]) -> list[str]:
    """The command that opens the file in the user's editor; raises RcError when there is none."""
    chosen = environ.get("VISUAL") or environ.get("EDITOR") or next(filter(shutil.which, EDITORS), "")
    if not chosen:
        raise RcError(f"No editor found. Set EDITOR, or open {shown(file)} in any text editor.")
    return [*shlex.split(chosen), str(file)]


def value_text(value: object) -> str:
    """A value as `carryon rc get` prints it: text bare, the rest as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    return "" if value is None else str(value)
