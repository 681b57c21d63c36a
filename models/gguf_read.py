"""Walks the header of a GGUF with bounded work, whatever the file holds. What it cannot believe raises `Damaged`.

Layout: magic, version, number of tensors and of values; the values (key, type, value); the tensors (name, dimensions,
type, offset); padding; data. Long arrays (a tokenizer has hundreds of thousands of entries) are stepped over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

HEADER_BYTES_MAX = 64 * 1024 * 1024
VALUES_MAX = 4_096
TENSORS_MAX = 65_536
STRING_BYTES_MAX = 4 * 1024 * 1024
NAME_BYTES_MAX = 1_024
ARRAY_MAX = 4_000_000
DIMENSIONS_MAX = 4
_CHUNK = 1024 * 1024

STRING, ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_U64 = struct.Struct("<Q")

Scalar = int | float | bool | str


class Damaged(Exception):  # noqa: N818  told to the user in other words
    """What is wrong, as the rest of the sentence "The file …"."""


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    type: int
    offset: int  # from the start of the data

    @property
    def elements(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        return count


@dataclass(frozen=True, slots=True)
class Walked:
    """`values` holds every scalar; of an array its length, under "key[]". `tokens` is the raw token list."""

    version: int
    values: dict[str, Scalar]
    tensors: tuple[Tensor, ...]
    tokens: bytes
    end: int  # bytes of the header, before padding


class _Cursor:
    """The file from its start, read as far as needed and never past HEADER_BYTES_MAX."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.data = bytearray()
        self.at = 0

    def take(self, count: int) -> int:
        """Step over `count` bytes; where they started. They are in `data` then."""
        start, self.at = self.at, self.at + count
        if self.at > len(self.data):
            self.reach(self.at)
        return start

    def reach(self, end: int) -> int:
        """Read on until `end` is in `data`; how much is there then."""
        if end > HEADER_BYTES_MAX:
            raise Damaged(f"has a header longer than {HEADER_BYTES_MAX >> 20} MB")
        while len(self.data) < end:
            more = self._file.read(max(_CHUNK, end - len(self.data)))
            if not more:
                raise Damaged(f"ends in the middle of its header, after {len(self.data):,} bytes")
            self.data += more
        return len(self.data)

    def number(self, form: str) -> Scalar:
        value: Scalar = struct.unpack_from(form, self.data, self.take(struct.calcsize(form)))[0]
        return value

    def u32(self) -> int:
        return int(self.number("<I"))

    def u64(self) -> int:
        return int(self.number("<Q"))

    def text(self, limit: int) -> str:
        length = self.u64()
        if length > limit:
            raise Damaged(f"claims a text of {length:,} bytes where at most {limit:,} make sense")
        start = self.take(length)
        return self.data[start : start + length].decode("utf-8", "replace")


def walk(file: BinaryIO) -> Walked:
    """Read the header of a file that starts with a GGUF's magic; Damaged says what is wrong with it."""
    cursor = _Cursor(file)
    cursor.take(4)
    version = cursor.u32()
    if version not in (2, 3):
        raise Damaged(_version_words(version))
    tensor_count, value_count = cursor.u64(), cursor.u64()
    _bound(tensor_count, TENSORS_MAX, "tensors")
    _bound(value_count, VALUES_MAX, "values")
    values: dict[str, Scalar] = {}
    tokens = b""
    for _ in range(value_count):
        key = cursor.text(NAME_BYTES_MAX)
        start = cursor.at
        _value(cursor, key, values)
        if key == "tokenizer.ggml.tokens":
            tokens = bytes(cursor.data[start : cursor.at])
    tensors = tuple(_tensor(cursor) for _ in range(tensor_count))
    return Walked(version, values, tensors, tokens, cursor.at)


def _version_words(version: int) -> str:
    swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
    if swapped in (2, 3):
        return "was written for a big-endian machine"
    if version == 1:
        return "has version 1 of the format, which is no longer read"
    return f"has version {version} of the format; 2 and 3 are known"


def _bound(count: int, limit: int, things: str) -> None:
    if count > limit:
        raise Damaged(f"claims {count:,} {things}; no model has more than {limit:,}")


def _value(cursor: _Cursor, key: str, values: dict[str, Scalar]) -> None:
    kind = cursor.u32()
    if kind == STRING:
        values[key] = cursor.text(STRING_BYTES_MAX)
    elif kind == ARRAY:
        values[f"{key}[]"] = _array(cursor)
    elif kind in _SCALARS:
        values[key] = cursor.number(_SCALARS[kind])
    else:
        raise Damaged(f"gives {key[:80]!r} the unknown type {kind}")


def _array(cursor: _Cursor) -> int:
    kind, length = cursor.u32(), cursor.u64()
    _bound(length, ARRAY_MAX, "entries in one list")
    if kind in _SCALARS:
        cursor.take(length * struct.calcsize(_SCALARS[kind]))
    elif kind == STRING:
        _step_over_strings(cursor, length)
    else:
        raise Damaged(f"has a list of the unknown type {kind}")
    return length


def _step_over_strings(cursor: _Cursor, count: int) -> None:
    """The hot loop: a large tokenizer has half a million texts."""
    data, size, unpack = cursor.data, _U64.size, _U64.unpack_from
    at, end = cursor.at, len(cursor.data)
    for _ in range(count):
        if at + size > end:
            end = cursor.reach(at + size)
        length = unpack(data, at)[0]
        at += size + length
        if at > end:
            if length > STRING_BYTES_MAX:
                raise Damaged(f"claims a text of {length:,} bytes in a list")
            end = cursor.reach(at)
    cursor.at = at


def _tensor(cursor: _Cursor) -> Tensor:
    name = cursor.text(NAME_BYTES_MAX)
    dimensions = cursor.u32()
    _bound(dimensions, DIMENSIONS_MAX, f"dimensions of {name[:80]!r}")
    shape = tuple(cursor.u64() for _ in range(dimensions))
    return Tensor(name, shape, cursor.u32(), cursor.u64())
