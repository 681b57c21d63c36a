"""Files of the exchange under a passphrase: AES-256-GCM, the key from scrypt with the writing laptop's id as its salt.

The name of a file and its place in the chain are authenticated with it, so that one file cannot be put in another's
place. Without a passphrase files are open; then a digest tells what is not whole, but not who wrote it.
"""

import hashlib
import hmac
import os

from agent.replica.errors import PassphraseError, SealedOtherwiseError, UnreadError

MAGIC_OPEN, MAGIC_SEALED = b"CARRYON-OPEN-1\n", b"CARRYON-SEAL-1\n"
NONCE_BYTES = 12
DIGEST_BYTES = 32
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 15, 8, 1
SCRYPT_BYTES_MAX = 64 * 1024 * 1024
KEYS_MAX = 200  # laptops


class Seal:
    """`passphrase` "": files are open."""

    def __init__(self, passphrase: str = "") -> None:
        self._passphrase = passphrase
        self._keys: dict[str, bytes] = {}

    @property
    def is_open(self) -> bool:
        return not self._passphrase

    def close_up(self, replica: str, name: str, payload: bytes) -> bytes:
        if self.is_open:
            return MAGIC_OPEN + hashlib.sha256(payload).digest() + payload
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(NONCE_BYTES)
        return MAGIC_SEALED + nonce + AESGCM(self._key(replica)).encrypt(nonce, payload, _bound(replica, name))

    def open_up(self, replica: str, name: str, raw: bytes) -> bytes:
        """Raises UnreadError for what is not whole or not from somebody who knows the passphrase."""
        if raw.startswith(MAGIC_OPEN):
            return self._plain(raw[len(MAGIC_OPEN) :])
        if not raw.startswith(MAGIC_SEALED):
            raise UnreadError("it is not whole, or not from Carryon")
        if self.is_open:
            raise PassphraseError("This folder is encrypted.", name, "Set sync.passphrase as on your other laptop.")
        return self._unsealed(replica, name, raw[len(MAGIC_SEALED) :])

    def name_of(self, replica: str, sha256: str) -> str:
        """The name of a content's file: its digest, which a sealed folder does not give away."""
        if self.is_open:
            return sha256
        return hmac.new(self._key(replica), sha256.encode(), hashlib.sha256).hexdigest()

    def _plain(self, rest: bytes) -> bytes:
        if not self.is_open:
            raise UnreadError("it is not encrypted, though this exchange has a passphrase")
        digest, payload = rest[:DIGEST_BYTES], rest[DIGEST_BYTES:]
        if hashlib.sha256(payload).digest() != digest:
            raise UnreadError("it is not whole, or was changed")
        return payload

    def _unsealed(self, replica: str, name: str, rest: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key(replica)).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound(replica, name))
        except (InvalidTag, ValueError) as error:
            raise SealedOtherwiseError("it is not whole, was changed, or has another passphrase") from error

    def _key(self, replica: str) -> bytes:
        if replica not in self._keys:
            if len(self._keys) >= KEYS_MAX:
                self._keys.clear()
            self._keys[replica] = hashlib.scrypt(
                self._passphrase.encode(), salt=f"carryon library {replica}".encode(), n=SCRYPT_N, r=SCRYPT_R,
                p=SCRYPT_P, maxmem=SCRYPT_BYTES_MAX, dklen=32,
            )  # fmt: skip
        return self._keys[replica]


def _bound(replica: str, name: str) -> bytes:
    return f"{replica}/{name}".encode()
