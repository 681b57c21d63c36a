"""A state as it goes into a file and comes out of it: tokens in front, sealed where a key is given."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace

from models.snapshots.form import TOKEN_BYTES, DamagedError, Header, What, header_record
from models.snapshots.key import Setup, tokens_digest, unpacked
from models.snapshots.seal import SEALED_BYTES_MAX, seal, unseal


@dataclass(frozen=True, slots=True)
class Saved:
    """A checked state: in `payload`, from `start` on, are llama.cpp's own bytes."""

    header: Header
    tokens: list[int]
    payload: bytearray
    start: int


def pack(
    what: What, setup: Setup, tokens: list[int], payload: bytearray, *, parting: int, conversation: str, model: str,
    key: bytes,
) -> tuple[Header, bytearray | bytes]:  # fmt: skip
    """The header and what goes behind it; `payload` begins with the packed tokens. OSError: too large to be sealed."""
    header = Header(
        what=what, setup=setup, tokens=len(tokens), tokens_sha256=tokens_digest(tokens, key), parting=parting,
        conversation=conversation, model=model, made_at=int(time.time() * 1000), bytes=0, sha256="",
    )  # fmt: skip
    data: bytearray | bytes = payload
    if key:
        if len(payload) > SEALED_BYTES_MAX:
            raise OSError(0, "it is too large to be encrypted")
        nonce, data = seal(key, payload, header_record(header))
        header = replace(header, nonce=nonce)
    return replace(header, bytes=len(data), sha256=hashlib.sha256(data).hexdigest()), data


def unpack(header: Header, payload: bytearray, key: bytes) -> Saved:
    """The state in a file that has been read and checked; DamagedError where the key or the tokens do not fit."""
    if header.nonce:
        about = header_record(replace(header, bytes=0, sha256="", nonce=""))
        opened = unseal(key, header.nonce, payload, about) if key else None
        if opened is None:
            raise DamagedError("its key does not open it")
        payload = opened
    start = header.tokens * TOKEN_BYTES
    tokens = unpacked(payload[:start])
    if len(tokens) != header.tokens or len(payload) <= start or tokens_digest(tokens, key) != header.tokens_sha256:
        raise DamagedError("its tokens are not what was written")
    return Saved(header, tokens, payload, start)
