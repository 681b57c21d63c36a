"""What a chat model is told about the project: the sentences of `project.context`, and the files it names.

Files named with `./` are read inside the folder of the `.agentrc` that names them and nowhere else, links resolved.
"""

from dataclasses import dataclass
from pathlib import Path

from agent.agentrc.settings import Project

FILE_CHARACTERS_MAX = 20_000  # of one file; a chat model's window is small
PIECES_MAX = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to tell. `source` is "" for a sentence; `wrong` says why a file could not be read."""

    text: str
    source: str = ""
    wrong: str = ""


def project_context(project: Project) -> tuple[Piece, ...]:
    """The sentences and files of a project, each at most FILE_CHARACTERS_MAX long."""
    return tuple(_piece(entry, project.folder) for entry in project.context[:PIECES_MAX])


def _piece(entry: str, folder: Path | None) -> Piece:
    if not entry.startswith(("./", "../", "/", "~/")):
        return Piece(entry)
    path = Path(entry).expanduser()
    if not path.is_absolute():
        root = (folder or Path.home()).resolve()
        path = (root / path).resolve()
        if not path.is_relative_to(root):
            return Piece("", entry, f"{entry} leads out of {root}.")
    try:
        with path.open(encoding="utf-8") as opened:
            return Piece(opened.read(FILE_CHARACTERS_MAX), entry)
    except (OSError, UnicodeDecodeError) as error:
        return Piece("", entry, f"{entry} cannot be read as text: {getattr(error, 'strerror', None) or error}.")
