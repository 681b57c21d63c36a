"""Looks at a model file before llama.cpp may: is it a GGUF, is it whole, is it a language model?

C code that maps a damaged file can only crash; here the same file gets a sentence. Standard library alone, a few
milliseconds for a small model, bounded work for a hostile file (see gguf_read.py).
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.contracts import Kind
from models.errors import ModelFileBadError
from models.gguf_read import Damaged, Scalar, Tensor, Walked, walk

MAGIC = b"GGUF"
LABEL_CHARACTERS_MAX = 120
ALIGNMENT_DEFAULT, ALIGNMENT_MAX = 32, 65_536
POOLINGS, RANKING = (1, 2, 3), 4  # how a file says that one vector is made of many: mean, first, last; a mark
DIFFUSION = ("dream", "llada", "llada-moe", "rnd1")  # architectures; others say so by their keys
REWRITES = "This model turns one whole text into another (an encoder with a decoder, as T5): it holds no conversation."
READS = "This model only reads text (an encoder): it writes none."
DIFFUSES = "This model fills in all words of a text at once (text diffusion), and Carryon asks for one after the other."
CHOOSE_CHAT = "Choose a chat model."
STARTER_TOKENS = (b"<card-end>", b"<answer>", b"<handoff>")  # only a model that points has all of them

# A file's first bytes, and what such a file is.
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive (PyTorch checkpoints are such archives)"),
    (b"<!doctype html", "a web page; the download was probably refused or needs a login"),
    (b"<html", "a web page; the download was probably refused or needs a login"),
    (b"<?xml", "an XML document"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file that it points to"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"%pdf", "a PDF"),
    (b"\x80\x02", "a Python pickle (an old PyTorch checkpoint)"),
    (b"lmgg", "a model in an older llama.cpp format (GGML)"),
    (b"fmgg", "a model in an older llama.cpp format (GGMF)"),
    (b"tjgg", "a model in an older llama.cpp format (GGJT)"),
    (b"\x08\x00\x00\x00onnx", "an ONNX model"),
)
CONVERT = "Choose a file that ends in .gguf; most models are offered in that format too."
LATER_PART = "This is a later part of a model in several files."  # whole in itself
FETCH_AGAIN = "Fetch the file again, or choose another model."

# (elements, bytes) of one block of each tensor type; a type that is not here is left to llama.cpp.
_BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says about itself. `parts`: number of files of a split model, 1 for a whole one."""

    path: Path
    size_bytes: int
    version: int
    architecture: str
    name: str
    kind: Kind
    parameters: int
    tensors: int
    n_ctx_train: int
    chat_template: str
    license: str
    parts: int


def check(path: Path) -> Header:
    """The header of a model file that looks whole; ModelFileBadError says what is wrong with any other."""
    return examine(path)[0]


def examine(path: Path) -> tuple[Header, Walked]:
    """The same, with all that was read: for who needs to know of each tensor."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            things = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or pipe"
            raise _bad(f"This is {things}, not a model file.", path, "Choose a file that ends in .gguf.")
        with path.open("rb") as file:
            walked = _walked(path, found.st_size, file)
        return _judge(path, found.st_size, walked), walked
    except FileNotFoundError:
        raise _bad("There is no such file.", path, "Check the path; carryon models list shows what is known.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _bad(f"The file cannot be read: {reason}.", path, "Check its permissions and the disk.") from error


def _walked(path: Path, size: int, file: BinaryIO) -> Walked:
    start = file.read(64)
    if not start.startswith(MAGIC):
        raise _bad(f"This is not a GGUF model but {_foreign(start, size)}.", path, CONVERT)
    file.seek(0)
    try:
        walked = walk(file)
        _check_extents(walked, size)
    except Damaged as damage:
        raise _bad(f"The model file {damage}.", path, FETCH_AGAIN) from None
    return walked


def _foreign(start: bytes, size: int) -> str:
    if size == 0:
        return "an empty file"
    for magic, words in FOREIGN:
        if start.lower().startswith(magic.lower()):
            return words
    if start[8:10] == b'{"':
        return "a safetensors file"
    if start.lstrip().startswith((b"{", b"[")):
        return "a JSON text"
    return f"something else (it starts with {start[:4].hex(' ')})"


def _check_extents(walked: Walked, size: int) -> None:
    """Every tensor lies inside the file: a download that was cut fails here."""
    alignment = walked.values.get("general.alignment", ALIGNMENT_DEFAULT)
    if not isinstance(alignment, int) or not 0 < alignment <= ALIGNMENT_MAX or alignment & (alignment - 1):
        raise Damaged(f"has the impossible alignment {alignment!r}")
    data = -(-walked.end // alignment) * alignment
    for tensor in walked.tensors:
        end = data + tensor.offset + _bytes(tensor)
        if end > size:
            raise Damaged(f"is cut short: {size:,} bytes, but {tensor.name[:80]!r} ends at {end:,}")


def _bytes(tensor: Tensor) -> int:
    if any(size < 1 for size in tensor.shape):
        raise Damaged(f"gives {tensor.name[:80]!r} the impossible shape {tensor.shape}")
    elements, size = _BLOCKS.get(tensor.type, (1, 0))
    if tensor.shape and tensor.shape[0] % elements:
        raise Damaged(f"gives {tensor.name[:80]!r} rows of {tensor.shape[0]}, which do not fill blocks of {elements}")
    return tensor.elements // elements * size


def _judge(path: Path, size: int, walked: Walked) -> Header:
    values = walked.values
    architecture = _label(values, "general.architecture")
    parts = _int(values, "split.count", 1) or 1
    _check_model(path, walked, architecture)
    return Header(
        path=path,
        size_bytes=size,
        version=walked.version,
        architecture=architecture,
        name=_label(values, "general.name"),
        kind=_kind(walked, architecture),
        parameters=sum(tensor.elements for tensor in walked.tensors),
        tensors=len(walked.tensors),
        n_ctx_train=_int(values, f"{architecture}.context_length", 0),
        chat_template=_text(values, "tokenizer.chat_template"),
        license=_label(values, "general.license"),
        parts=parts,
    )


def _kind(walked: Walked, architecture: str) -> Kind:
    """A model that says how one vector is made of a text is for search; so is one that looks both ways. (With a
    template to talk by it was refused: it writes a text in no order.)"""
    if all(token in walked.tokens for token in STARTER_TOKENS):
        return "starter"
    values = walked.values
    pools = values.get(f"{architecture}.pooling_type") in POOLINGS
    both_ways = values.get(f"{architecture}.attention.causal") is False
    return "search" if pools or both_ways else "chat"


def _check_model(path: Path, walked: Walked, architecture: str) -> None:
    role = _text(walked.values, "general.type") or "model"
    if role != "model":
        raise _bad(f"This file is not a model by itself but a part for one ({role[:40]}).", path, CONVERT)
    if not architecture:
        raise _bad("The model file does not name its architecture.", path, FETCH_AGAIN)
    if architecture == "clip":
        raise _bad("This file only reads pictures for another model.", path, "Choose that model's own file.")
    if walked.values.get(f"{architecture}.pooling_type") == RANKING:
        raise _bad("This model only marks how well a text answers a question.", path, CHOOSE_CHAT)
    if wrong := _writes_otherwise(walked, architecture):
        raise _bad(wrong, path, CHOOSE_CHAT)
    if not walked.tensors:
        raise _bad("The model file holds no weights (it is perhaps a vocabulary alone).", path, CONVERT)
    if _int(walked.values, "split.no", 0) > 0:
        raise _bad(LATER_PART, path, "Choose the part that ends in 00001-of-….")


def _writes_otherwise(walked: Walked, architecture: str) -> str:
    """Why it cannot go on with a text word by word; empty where it can, or is for search and never has to."""
    values, names = walked.values, [tensor.name for tensor in walked.tensors]
    pools = values.get(f"{architecture}.pooling_type") in POOLINGS
    if not pools and any(name.startswith("enc.") for name in names):
        return REWRITES if any(name.startswith("dec.") for name in names) else READS
    both_ways = values.get(f"{architecture}.attention.causal") is False
    talks = both_ways and not pools and bool(_text(values, "tokenizer.chat_template"))
    says = architecture in DIFFUSION or any(key.startswith("diffusion.") for key in values)
    return DIFFUSES if says or talks else ""


def _text(values: dict[str, Scalar], key: str) -> str:
    value = values.get(key, "")
    return value if isinstance(value, str) else ""


def _label(values: dict[str, Scalar], key: str) -> str:
    """A short text fit for a terminal: strangers wrote it."""
    shown = (character if character.isprintable() else " " for character in _text(values, key)[:LABEL_CHARACTERS_MAX])
    return "".join(shown).strip()


def _int(values: dict[str, Scalar], key: str, default: int) -> int:
    value = values.get(key, default)
    return value if isinstance(value, int) else default


def _bad(what: str, path: Path, todo: str) -> ModelFileBadError:
    return ModelFileBadError(what, str(path), todo)
