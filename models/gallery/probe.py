"""Writes a model of real proportions that knows nothing: speed does not depend on what the weights are.

All weights are zero, so that a file system which can do that keeps the file in no room at all; in memory it is as large
as it says. Its layers have the form that most models are offered in (Q4_K, 4.5 bits a weight).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

F32, Q4_K = 0, 12
Q4_K_WEIGHTS, Q4_K_BYTES = 256, 144
ALIGNMENT = 32
CONTEXT = 1_024
TEMPLATE = "{%- for message in messages -%}{{ message.content }}{%- endfor -%}"
_STRING, _ARRAY, _U32, _I32, _F32, _BOOL = 8, 9, 4, 5, 6, 7
_NORMAL, _CONTROL = 1, 3


@dataclass(frozen=True, slots=True)
class Shape:
    """`dim` and `hidden` are multiples of 256, `heads` a divisor of `dim`."""

    dim: int = 2_048
    hidden: int = 8_192
    layers: int = 6
    heads: int = 16

    @property
    def bytes_a_token(self) -> int:
        """Weights of the layers, which are read for each token; norms and output are a thousandth of them."""
        return self.layers * (4 * self.dim * self.dim + 3 * self.dim * self.hidden) // Q4_K_WEIGHTS * Q4_K_BYTES


@dataclass(frozen=True, slots=True)
class _Tensor:
    name: str
    shape: tuple[int, ...]
    type: int

    @property
    def bytes(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        size = count * 4 if self.type == F32 else count // Q4_K_WEIGHTS * Q4_K_BYTES
        return -(-size // ALIGNMENT) * ALIGNMENT


def write_probe(path: Path, shape: Shape) -> Path:
    """OSError where the disk does not take it."""
    tokens = [*_letters(), "th", "<end>"]
    values, tensors = list(_values(shape, tokens)), list(_tensors(shape, len(tokens)))
    places, at = [], 0
    for tensor in tensors:
        form = f"<I{len(tensor.shape)}QIQ"
        places.append(_text(tensor.name) + struct.pack(form, len(tensor.shape), *tensor.shape, tensor.type, at))
        at += tensor.bytes
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(values)) + b"".join((*values, *places))
    with path.open("wb") as file:
        file.write(header)
        file.truncate(-(-len(header) // ALIGNMENT) * ALIGNMENT + at)
    return path


def _tensors(shape: Shape, tokens: int) -> Iterator[_Tensor]:
    square, wide = (shape.dim, shape.dim), (shape.dim, shape.hidden)
    yield _Tensor("token_embd.weight", (shape.dim, tokens), F32)
    yield _Tensor("output_norm.weight", (shape.dim,), F32)
    for layer in range(shape.layers):
        parts = {"attn_q": square, "attn_k": square, "attn_v": square, "attn_output": square,
                 "ffn_gate": wide, "ffn_up": wide, "ffn_down": (shape.hidden, shape.dim)}  # fmt: skip
        for norm in ("attn_norm", "ffn_norm"):
            yield _Tensor(f"blk.{layer}.{norm}.weight", (shape.dim,), F32)
        for name, size in parts.items():
            yield _Tensor(f"blk.{layer}.{name}.weight", size, Q4_K)


def _values(shape: Shape, tokens: Sequence[str]) -> Iterator[bytes]:
    """The least that llama.cpp wants to know of a model."""
    yield _value("general.architecture", _STRING, _text("llama"))
    yield _value("general.name", _STRING, _text("speed probe"))
    numbers = {
        "context_length": CONTEXT, "embedding_length": shape.dim, "block_count": shape.layers,
        "feed_forward_length": shape.hidden, "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.heads, "rope.dimension_count": shape.dim // shape.heads,
        "vocab_size": len(tokens),
    }  # fmt: skip
    for name, number in numbers.items():
        yield _value(f"llama.{name}", _U32, struct.pack("<I", number))
    yield _value("llama.attention.layer_norm_rms_epsilon", _F32, struct.pack("<f", 1e-5))
    yield _value("tokenizer.ggml.model", _STRING, _text("gpt2"))
    yield _value("tokenizer.ggml.pre", _STRING, _text("gpt-2"))
    yield _value("tokenizer.ggml.tokens", _ARRAY, _array(_STRING, [_text(token) for token in tokens]))
    kinds = [_NORMAL] * (len(tokens) - 1) + [_CONTROL]
    yield _value("tokenizer.ggml.token_type", _ARRAY, _array(_I32, [struct.pack("<i", kind) for kind in kinds]))
    yield _value("tokenizer.ggml.merges", _ARRAY, _array(_STRING, [_text("t h")]))
    for name in ("bos", "eos"):
        yield _value(f"tokenizer.ggml.{name}_token_id", _U32, struct.pack("<I", len(tokens) - 1))
    yield _value("tokenizer.ggml.add_bos_token", _BOOL, b"\0")
    yield _value("tokenizer.chat_template", _STRING, _text(TEMPLATE))


def _value(key: str, kind: int, value: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + value


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _array(kind: int, entries: Sequence[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(entries)) + b"".join(entries)


def _letters() -> list[str]:
    """The printable stand-in of each byte in byte-level BPE."""
    plain = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]
