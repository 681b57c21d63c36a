"""What a saved state depends on. It is used only where every part is the same; any difference is named in words."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Setup:
    """All that shapes a state besides the tokens it was read from."""

    base_sha256: str
    adapter_sha256: str  # empty: no adapter
    adapter_scale: float
    n_ctx: int
    kv_types: str  # of keys and values
    rope: str
    flash_attention: str
    threads: int  # one number is one class: how work is shared out may change the last bits
    devices: str  # layers on which device
    context: str  # every other number that the context was made with
    processor: str  # and the instructions used on it
    llama_build: str
    prompt_version: str
    sealed_by: str  # which key it is encrypted with; empty: it is not

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> Setup:
        """Raises TypeError or KeyError for what is no such record."""
        return cls(**{part.name: _like(part.type, record[part.name]) for part in fields(cls)})


DIFFERENCES = {
    "base_sha256": "made by another model file",
    "adapter_sha256": "made with another adapter",
    "adapter_scale": "made with the adapter at another strength",
    "n_ctx": "made for another context length",
    "kv_types": "made with another precision of the model's memory",
    "rope": "made with other RoPE (position) parameters",
    "flash_attention": "made with another flash-attention setting",
    "threads": "made with another number of threads",
    "devices": "made with other layers on the graphics card",
    "context": "made with other context parameters",
    "processor": "made on another processor",
    "llama_build": "made by another llama.cpp build",
    "prompt_version": "made with another version of the prompt",
    "sealed_by": "made with another encryption key or setting",
}
OTHER_TOKENS = "made from other text"


def difference(wanted: Setup, found: Setup) -> str:
    """In which part `found` differs, in words; empty when it may be used."""
    return next((words for part, words in DIFFERENCES.items() if getattr(wanted, part) != getattr(found, part)), "")


def setup_digest(setup: Setup) -> str:
    """Names a setup on the disk."""
    return hashlib.sha256(json.dumps(setup.record(), sort_keys=True).encode()).hexdigest()[:24]


def packed(tokens: Sequence[int]) -> bytes:
    """Tokens as they stand in a file: four bytes each, least first."""
    return _little(array("i", tokens)).tobytes()


def unpacked(data: bytes | bytearray | memoryview) -> list[int]:
    return _little(array("i", bytes(data))).tolist()


def tokens_digest(tokens: Sequence[int], key: bytes = b"") -> str:
    """Names a run of tokens. With a key it tells nothing of them to whoever has not got it."""
    return hmac.digest(key or b"tokens", packed(tokens), "sha256").hex()


def conversation_digest(keep: str) -> str:
    """The name of a conversation on the disk."""
    return hashlib.sha256(b"conversation\0" + keep.encode("utf-8", "replace")).hexdigest()


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return place
    return min(len(left), len(right))


def _like(kind: Any, value: Any) -> Any:
    """`value`, if it is of the annotated kind."""
    wanted = {"str": str, "int": int, "float": int | float}[kind]
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
