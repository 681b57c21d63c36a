"""Whether what arrived is a model file at all: a web page or half a model must not get a model's name."""

from __future__ import annotations

from models.downloads.part import Part
from models.errors import ModelFileBadError
from models.gguf_check import LATER_PART, check


def check_whole(part: Part, name: str, where: str) -> None:
    """ModelFileBadError, and nothing is kept, when it is no usable GGUF. A later part of a model in several files may
    pass: it is none by itself, but the first will need it."""
    try:
        check(part.file)
    except ModelFileBadError as error:
        if error.what == LATER_PART:
            return
        part.drop()
        raise ModelFileBadError(f"{name}: {error.what}", where, error.todo) from None
