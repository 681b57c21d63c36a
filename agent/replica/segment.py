"""One file of a laptop's chain: a header, contents, deltas, a last line that says how many. JSON lines, packed.

The header names the file before it by its digest and says what its writer had read of the others when it wrote, so that
nobody takes an answer before the question.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.replica.delta import Delta, digest, of_plain, plain
from agent.replica.errors import UnreadError

FORM = 1
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
INLINE_BYTES_MAX = 64 * 1024  # larger contents are files of their own
PACKING = 3  # zlib's level; what is more saves little and takes long


@dataclass(frozen=True, slots=True, order=True)
class At:
    """A place in a laptop's chain. Generations sort by when they were begun; a new one holds everything."""

    generation: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """`before`: digest of the file before it. `after`: what had been read of others. `until`: the writer's `seq`."""

    replica: str
    at: At
    before: str
    after: Mapping[str, At]
    until: int
    token: str
    hlc: int
    name: str


@dataclass(frozen=True, slots=True)
class Segment:
    header: Header
    contents: Mapping[str, bytes]
    deltas: tuple[Delta, ...]


def digest_of(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def encode(segment: Segment) -> bytes:
    return pack(text_of(segment))


def pack(text: bytes) -> bytes:
    return zlib.compress(text, PACKING)


def text_of(segment: Segment) -> bytes:
    head = segment.header
    first = {
        "carryon": "library", "form": FORM, "replica": head.replica, "generation": head.at.generation, "n": head.at.n,
        "before": head.before, "after": {replica: [at.generation, at.n] for replica, at in head.after.items()},
        "until": head.until, "token": head.token, "hlc": head.hlc, "name": head.name,
    }  # fmt: skip
    contents = [_content_line(sha256, content) for sha256, content in segment.contents.items()]
    lines: list[Any] = [first, *contents, *map(plain, segment.deltas), {"end": len(segment.deltas)}]
    return "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines).encode()


def decode(payload: bytes) -> Segment:
    """Raises UnreadError."""
    try:
        lines = [json.loads(line) for line in _unpacked(payload).split(b"\n")]
        header = _header(lines[0])
        if lines[-1] != {"end": sum("id" in line for line in lines[1:-1])}:
            raise UnreadError("its end is missing")
        contents = dict(_content(line) for line in lines[1:-1] if "sha256" in line)
        return Segment(header, contents, tuple(of_plain(line) for line in lines[1:-1] if "id" in line))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise UnreadError("it makes no sense") from error


def _unpacked(payload: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(payload, UNPACKED_BYTES_MAX)
    except zlib.error as error:
        raise UnreadError("it is not whole") from error
    if not unpacking.eof:
        raise UnreadError("it is not whole, or larger than Carryon writes")
    return text


def _header(told: dict[str, Any]) -> Header:
    if told["carryon"] != "library" or type(told["form"]) is not int:
        raise UnreadError("it is no part of a library")
    if told["form"] > FORM:
        raise UnreadError("a newer Carryon wrote it; update this one")
    return Header(
        str(told["replica"]), At(str(told["generation"]), int(told["n"])), str(told["before"]),
        {str(replica): At(str(at[0]), int(at[1])) for replica, at in told["after"].items()},
        int(told["until"]), str(told["token"]), int(told["hlc"]), str(told["name"])[:100],
    )  # fmt: skip


def _content_line(sha256: str, content: bytes) -> dict[str, str]:
    try:
        return {"sha256": sha256, "text": content.decode()}
    except UnicodeDecodeError:
        return {"sha256": sha256, "base64": base64.b64encode(content).decode()}


def _content(line: dict[str, str]) -> tuple[str, bytes]:
    try:
        content = line["text"].encode() if "text" in line else base64.b64decode(line["base64"], validate=True)
    except binascii.Error as error:
        raise UnreadError("a content in it makes no sense") from error
    if hashlib.sha256(content).hexdigest() != digest(line["sha256"]):
        raise UnreadError("a content in it was changed")
    return line["sha256"], content


def wanted(deltas: Iterable[Delta]) -> dict[str, int]:
    """Digests of the contents that these need, with their sizes."""
    return {line.sha256: line.size_bytes for delta in deltas for line in delta.lines}
