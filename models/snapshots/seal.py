"""Encryption of a snapshot (AES-256-GCM), for those who want their words on the disk only under a key.

The key lives in the system's keyring and comes to the worker through its pipe. What is written before the payload is
authenticated with it, so a file cannot pass for another.
"""

from __future__ import annotations

import hashlib
import os

NONCE_BYTES, TAG_BYTES = 12, 16
SEALED_BYTES_MAX = 2**31 - 1 - TAG_BYTES  # what the library takes at once


def key_id(key: bytes) -> str:
    """Names a key without telling it; empty for none."""
    return hashlib.sha256(b"snapshot key\0" + key).hexdigest()[:16] if key else ""


def seal(key: bytes, plain: bytes | bytearray, about: bytes) -> tuple[str, bytes]:
    """Nonce (hexadecimal) and sealed bytes. `about` must be the same when it is opened."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce.hex(), AESGCM(key).encrypt(nonce, plain, about)


def unseal(key: bytes, nonce: str, sealed: bytes | bytearray, about: bytes) -> bytearray | None:
    """What was sealed; None when it was sealed with another key or about something else."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return bytearray(AESGCM(key).decrypt(bytes.fromhex(nonce), sealed, about))
    except (InvalidTag, ValueError):
        return None
