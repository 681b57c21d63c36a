"""Which project files the user has trusted: by path and content, so that a changed file must be trusted anew.

An `.agentrc` that came with somebody's folder may set how answers look. Tools, accounts, files and network it may
touch only after the user has looked at it once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.agentrc.check import Checked
from agent.agentrc.errors import Problem
from agent.agentrc.keys import find, format_key
from agent.agentrc.layers import Entry, Layer
from agent.agentrc.writing import write_atomically

NAME = ".agentrc"
TRUSTED_MAX = 500  # the oldest goes first
LEVELS_MAX = 64  # folders looked at on the way up


def find_project(folder: Path, user_file: Path) -> Path | None:
    """The `.agentrc` of this folder or the nearest above it; never the user's own, and none from the home folder up."""
    home = Path.home()
    for level in [folder, *folder.parents][:LEVELS_MAX]:
        if level == home:
            return None
        candidate = level / NAME
        if _is_other_file(candidate, user_file):
            return candidate
    return None


def _is_other_file(candidate: Path, user_file: Path) -> bool:
    try:
        return candidate.is_file() and not (user_file.exists() and candidate.samefile(user_file))
    except OSError:  # a folder that may not be looked into holds no project
        return False


@dataclass(frozen=True, slots=True)
class Trust:
    """The list of what is trusted, a small file in the state folder."""

    file: Path

    def is_trusted(self, project: Path, raw: bytes) -> bool:
        return self._read().get(str(project.resolve())) == _digest(raw)

    def knows(self, project: Path) -> bool:
        """Whether it was trusted, with whatever was in it then."""
        return str(project.resolve()) in self._read()

    def trust(self, project: Path) -> None:
        """Trust the file as it is now."""
        known = {**self._read(), str(project.resolve()): _digest(project.read_bytes())}
        self._write(dict(list(known.items())[-TRUSTED_MAX:]))

    def distrust(self, project: Path) -> None:
        known = self._read()
        self._write({path: digest for path, digest in known.items() if path != str(project.resolve())})

    def _read(self) -> dict[str, str]:
        """A list that cannot be read trusts nothing."""
        try:
            known = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(path): str(digest) for path, digest in known.items()} if isinstance(known, dict) else {}

    def _write(self, known: Mapping[str, str]) -> None:
        write_atomically(self.file, json.dumps(known, indent=1).encode())


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def untrusted(checked: Checked) -> Checked:
    """What an untrusted project file may say, and a note that names the rest."""
    kept = tuple(entry for entry in checked.layer.entries if _harmless(entry))
    held = [entry for entry in checked.layer.entries if not _harmless(entry)]
    problems = checked.problems
    if held:
        names = ", ".join(dict.fromkeys(format_key(entry.path[:1]) for entry in held))
        text = f"not trusted yet, so {names} in it do not count. Read the file, then run `carryon rc trust`."
        problems += (Problem(held[0].where, held[0].line, held[0].column, text, "note"),)
    return Checked(Layer(checked.layer.name, kept, checked.layer.where, checked.layer.folder), problems)


def _harmless(entry: Entry) -> bool:
    found = find(entry.path)
    return found is not None and found[0].harmless
