"""A tensor's bytes, made piece by piece: 32- or 16-bit numbers, or random blocks of a quantised type.

Weights spread like those of a trained model, so that numbers neither vanish nor explode between the layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from tests.shapes.tensors import Fill

PIECE_BYTES = 4 * 1024 * 1024  # that are held at once
_BLOCK = 32  # numbers that share a scale
_SPREAD = {  # of the integers of a block: those of Q8_0 lie even in ±127, those of Q4_0 in -8…7
    GGMLQuantizationType.Q8_0: sqrt((255**2 - 1) / 12),
    GGMLQuantizationType.Q4_0: sqrt((16**2 - 1) / 12),
}
_CONSTANTS: dict[Fill, float] = {"ones": 1.0, "step": -4.6}  # "step": a hundredth, after softplus


def size_of(kind: GGMLQuantizationType, shape: tuple[int, ...]) -> int:
    """Bytes of a tensor."""
    numbers, size = GGML_QUANT_SIZES[kind]
    return int(np.prod(shape)) // numbers * size


def pieces(
    rng: np.random.Generator, kind: GGMLQuantizationType, shape: tuple[int, ...], fill: Fill, silent: int = 0
) -> Iterator[bytes]:
    """The tensor from its first row to its last. `silent`: so many rows at the end are zero."""
    columns, rows = shape[0], int(np.prod(shape[1:]))
    row_bytes = size_of(kind, (columns,))
    at_once = max(1, PIECE_BYTES // max(row_bytes, 4 * columns))
    for first in range(0, rows, at_once):
        count = min(at_once, rows - first)
        loud = max(0, min(count, rows - silent - first))
        yield _rows(rng, kind, (loud, columns), fill) + bytes((count - loud) * row_bytes)


def _rows(rng: np.random.Generator, kind: GGMLQuantizationType, shape: tuple[int, int], fill: Fill) -> bytes:
    deviation = 0.02 if fill == "words" else 1 / sqrt(shape[1])
    if kind in _SPREAD:
        return _blocks(rng, kind, shape[0] * shape[1] // _BLOCK, deviation)
    numbers = _numbers(rng, shape, fill, deviation)
    return numbers.astype(np.float16 if kind == GGMLQuantizationType.F16 else np.float32).tobytes()


def _numbers(rng: np.random.Generator, shape: tuple[int, int], fill: Fill, deviation: float) -> np.ndarray:
    if fill in _CONSTANTS:
        return np.full(shape, _CONSTANTS[fill], dtype=np.float32)
    if fill == "decay":  # negative: a state fades
        return np.broadcast_to(-np.arange(1, shape[1] + 1, dtype=np.float32), shape)
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(deviation)


def _blocks(rng: np.random.Generator, kind: GGMLQuantizationType, count: int, deviation: float) -> bytes:
    """A scale and its integers, `count` times. Half of the scales are negative, so that the lopsided -8…7 evens out."""
    size = GGML_QUANT_SIZES[kind][1]
    data = np.frombuffer(bytearray(rng.bytes(count * size)), dtype=np.uint8).reshape(count, size)
    scale = deviation / _SPREAD[kind] * rng.uniform(0.8, 1.2, count) * rng.choice((-1.0, 1.0), count)
    data[:, :2] = scale.astype("<f2").view(np.uint8).reshape(count, 2)
    return data.tobytes()
