"""A GGUF taken apart and put together again, so that one thing in it can be made wrong and the rest stay right.

`parse` reads a file that is known to be good; `pack` writes whatever it is given, however absurd. `spans` says where in
the bytes of a good file the lengths, counts, types, offsets and texts lie.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
ALIGNMENT = 32

Place = Literal["version", "count", "length", "type", "text", "number", "dimension", "offset"]


@dataclass(slots=True)
class Value:
    """`kind`: of the value or, with `many`, of each of its items; a text is bytes."""

    key: bytes
    kind: int
    value: Any
    many: bool = False


@dataclass(slots=True)
class Tensor:
    name: bytes
    shape: list[int]
    kind: int
    offset: int


@dataclass(slots=True)
class Gguf:
    values: list[Value]
    tensors: list[Tensor]
    data: bytes
    version: int = 3

    def copy(self) -> Gguf:
        """Deep enough that a change to one is none to the other."""
        values = [Value(one.key, one.kind, list(one.value) if one.many else one.value, one.many) for one in self.values]
        tensors = [Tensor(one.name, list(one.shape), one.kind, one.offset) for one in self.tensors]
        return Gguf(values, tensors, self.data, self.version)

    def value(self, key: bytes) -> Value | None:
        return next((one for one in self.values if one.key == key), None)

    def put(self, key: bytes, kind: int, value: Any) -> None:
        """In place of the value of that key, or at the end."""
        found = self.value(key)
        if found is None:
            self.values.append(Value(key, kind, value))
        else:
            found.kind, found.value, found.many = kind, value, False


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0
    found: list[tuple[Place, int, int]] = field(default_factory=list)

    def number(self, code: str, place: Place) -> Any:
        size = struct.calcsize(f"<{code}")
        self.found.append((place, self.at, self.at + size))
        self.at += size
        return struct.unpack_from(f"<{code}", self.data, self.at - size)[0]

    def text(self) -> bytes:
        length = self.number("Q", "length")
        if length:
            self.found.append(("text", self.at, self.at + length))
        self.at += length
        return self.data[self.at - length : self.at]

    def item(self, kind: int) -> Any:
        return self.text() if kind == STRING else self.number(SCALARS[kind], "number")


def parse(data: bytes) -> Gguf:
    return _parsed(_Reader(data, 4))


def spans(data: bytes) -> list[tuple[Place, int, int]]:
    """(what, start, end) of every part of the header."""
    reader = _Reader(data, 4)
    _parsed(reader)
    return reader.found


def _parsed(reader: _Reader) -> Gguf:
    version = reader.number("I", "version")
    tensors, values = reader.number("Q", "count"), reader.number("Q", "count")
    made = Gguf([_value(reader) for _ in range(values)], [_tensor(reader) for _ in range(tensors)], b"", version)
    made.data = reader.data[-(-reader.at // ALIGNMENT) * ALIGNMENT :]
    return made


def _value(reader: _Reader) -> Value:
    key = reader.text()
    kind = reader.number("I", "type")
    if kind != ARRAY:
        return Value(key, kind, reader.item(kind))
    kind = reader.number("I", "type")
    return Value(key, kind, [reader.item(kind) for _ in range(reader.number("Q", "count"))], many=True)


def _tensor(reader: _Reader) -> Tensor:
    name = reader.text()
    shape = [reader.number("Q", "dimension") for _ in range(reader.number("I", "count"))]
    return Tensor(name, shape, reader.number("I", "type"), reader.number("Q", "offset"))


def pack(made: Gguf) -> bytes:
    header = b"".join(_packed(made))
    return header + bytes(-len(header) % ALIGNMENT) + made.data


def _packed(made: Gguf) -> Iterator[bytes]:
    yield b"GGUF" + struct.pack("<IQQ", made.version, len(made.tensors), len(made.values))
    for one in made.values:
        yield _text(one.key)
        if one.many:
            yield struct.pack("<IIQ", ARRAY, one.kind, len(one.value))
            yield from (_item(one.kind, item) for item in one.value)
        else:
            yield struct.pack("<I", one.kind) + _item(one.kind, one.value)
    for tensor in made.tensors:
        yield _text(tensor.name) + struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        yield struct.pack("<IQ", tensor.kind, tensor.offset)


def _text(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def _item(kind: int, value: Any) -> bytes:
    if kind == STRING:
        return _text(value if isinstance(value, bytes) else str(value).encode())
    code = SCALARS[kind]
    if code in "fd":
        return struct.pack(f"<{code}", float(value) if isinstance(value, int | float) else 0.0)
    number = int(value) if isinstance(value, int | float) else 0
    return (number % (1 << 8 * struct.calcsize(code))).to_bytes(struct.calcsize(code), "little")
