"""Tells what a GGUF file is: a model to talk to or to search with, a part of one, something for a model, or damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import ModelFileBadError
from models.gguf_check import LATER_PART, MAGIC, Header, check
from models.gguf_read import Damaged, Scalar, walk

Role = Literal["model", "later part", "other"]
PROJECTOR = "It reads pictures for another model; left alone."


@dataclass(frozen=True, slots=True)
class Judged:
    """`header`: of a model; `why`: why it is none, in words."""

    role: Role
    header: Header | None = None
    why: str = ""


def judge(path: Path) -> Judged:
    try:
        header = check(path)
    except ModelFileBadError as error:
        if error.what == LATER_PART:
            return Judged("later part")
        return Judged("other", why=_serves(_values(path)) or f"{error.what} {error.todo}".strip())
    if why := _serves(_values(path)):
        return Judged("other", why=why)
    return Judged("model", header)


def _serves(values: dict[str, Scalar]) -> str:
    """What a file that is no model by itself is for; "" when it is a model, or too damaged to say."""
    architecture, role = values.get("general.architecture"), values.get("general.type", "model")
    if architecture == "clip" or role == "mmproj":
        return PROJECTOR
    return f"It is a part for another model ({role})." if isinstance(role, str) and role != "model" else ""


def _values(path: Path) -> dict[str, Scalar]:
    """What its header says, as far as it can be read. A pipe is never opened: nobody may ever write to it."""
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return {}
            file.seek(0)
            return walk(file).values
    except (Damaged, OSError):
        return {}
