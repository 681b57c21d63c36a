"""The form of a snapshot's file: a fixed head, a header in JSON, the payload. Any flipped or missing byte is noticed.

    CARRYKV\\n | version | length of the header | SHA-256 of the header | header | payload

The payload is the tokens, then llama.cpp's own bytes; sealed, it is both encrypted. Nothing of it reaches llama.cpp
before its SHA-256 has been compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from models.snapshots.key import Setup

MAGIC, VERSION = b"CARRYKV\n", 1
HEADER_BYTES_MAX = 64 * 1024
PAYLOAD_BYTES_MAX = 8 * 1024 * 1024 * 1024
TOKEN_BYTES = 4

_HEAD = struct.Struct("<8sII32s")

What = Literal["prefix", "conversation"]
WHATS: tuple[What, ...] = ("conversation", "prefix")  # in the order in which they are looked for


class DamagedError(Exception):
    """The file is not what was once written; the text says in which way."""


@dataclass(frozen=True, slots=True)
class Header:
    """`what`: the beginning that all conversations of a setup share, or one of them; `parting`: where its chunks were
    counted anew (worker/chunks.py); `nonce`: hexadecimal, of a sealed file; `bytes` and `sha256`: of the payload as it
    lies on the disk."""

    what: What
    setup: Setup
    tokens: int
    tokens_sha256: str
    parting: int
    conversation: str
    model: str
    made_at: int  # unix milliseconds
    bytes: int
    sha256: str
    nonce: str = ""


def write(file: BinaryIO, header: Header, payload: bytes | bytearray | memoryview) -> None:
    """Write it whole and force it to the disk."""
    record = header_record(header)
    file.write(_HEAD.pack(MAGIC, VERSION, len(record), hashlib.sha256(record).digest()))
    file.write(record)
    file.write(payload)
    file.flush()
    os.fsync(file.fileno())


def header_record(header: Header) -> bytes:
    plain = {name: getattr(header, name) for name in Header.__dataclass_fields__ if name != "setup"}
    return json.dumps({**plain, "setup": header.setup.record()}, separators=(",", ":")).encode()


def read_header(path: Path) -> Header:
    """Of a file that is as long as it says; DamagedError, or OSError when there is none."""
    with _opened(path) as file:
        return _header(file)


def read(path: Path) -> tuple[Header, bytearray]:
    """Header and payload, every byte checked; DamagedError, or OSError when there is none."""
    with _opened(path) as file:
        header = _header(file)
        payload = bytearray(header.bytes)
        if file.readinto(payload) != header.bytes:  # type: ignore[attr-defined]
            raise DamagedError("it is cut short")
    if hashlib.sha256(payload).hexdigest() != header.sha256:
        raise DamagedError("its content is not what was written")
    return header, payload


def _opened(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise DamagedError("it is no plain file")
    return path.open("rb")


def _header(file: BinaryIO) -> Header:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise DamagedError("it is cut short")
    magic, version, length, digest = _HEAD.unpack(head)
    if magic != MAGIC:
        raise DamagedError("it is no snapshot")
    if version != VERSION:
        raise DamagedError(f"it has the form {version}; this Carryon knows {VERSION}")
    record = file.read(length) if length <= HEADER_BYTES_MAX else b""
    if len(record) != length or hashlib.sha256(record).digest() != digest:
        raise DamagedError("its header is not what was written")
    header = _parsed(record)
    if os.fstat(file.fileno()).st_size != _HEAD.size + length + header.bytes:
        raise DamagedError("it is cut short or has grown")
    return header


def _parsed(record: bytes) -> Header:
    try:
        plain: dict[str, Any] = json.loads(record)
        header = Header(**{**plain, "setup": Setup.of(plain["setup"])})
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise DamagedError("its header cannot be read") from error
    if not _makes_sense(header):
        raise DamagedError("its header makes no sense")
    return header


def _makes_sense(header: Header) -> bool:
    numbers = (header.tokens, header.parting, header.bytes, header.made_at)
    texts = (header.tokens_sha256, header.conversation, header.model, header.sha256, header.nonce)
    return (
        header.what in WHATS
        and all(type(number) is int for number in numbers)
        and all(isinstance(text, str) for text in texts)
        and header.parting >= 0
        and 0 < header.tokens * TOKEN_BYTES < header.bytes <= PAYLOAD_BYTES_MAX
    )
