"""The headers of all files of a model that comes in several."""

from __future__ import annotations

from pathlib import Path

from models.errors import ModelFileBadError
from models.gguf_read import Damaged, Walked, walk
from models.split import later_parts


def parts_of(path: Path, first: Walked, parts: int) -> tuple[tuple[Walked, int], ...]:
    """Header and size of each file; `first`: the header of this one, which says that there are so many `parts`.
    ModelFileBadError when another is missing."""
    whole = [(first, path.stat().st_size)]
    for part in later_parts(path, parts):
        try:
            with part.open("rb") as file:
                whole.append((walk(file), part.stat().st_size))
        except FileNotFoundError:
            raise _bad("A part of this model is missing.", part) from None
        except (Damaged, OSError) as error:
            raise _bad(f"A part of this model cannot be read: it {error}.", part) from error
    return tuple(whole)


def _bad(what: str, path: Path) -> ModelFileBadError:
    return ModelFileBadError(what, str(path), "Put all parts of the model into one folder, or fetch them again.")
