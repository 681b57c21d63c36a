"""What a model measures: how deep, how wide, how many heads, experts, words. The named ones have real proportions.

The `-tiny` one of each family has every part that the large one has, in a file of one or two megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Literal

Family = Literal["llama", "qwen2", "qwen3moe", "mamba", "gemma3", "lfm2"]

LARGE, SMALL, TINY = 151_936, 32_768, 2_048  # words


@dataclass(frozen=True, slots=True)
class Shape:
    """`head`: numbers of one attention head; `tied`: the words going in are also those coming out; `window`: how many
    tokens most layers look back at most; `experts_used`: of `experts`, for one token."""

    family: Family
    layers: int
    dim: int
    hidden: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    context: int
    tied: bool = True
    experts: int = 0
    experts_used: int = 0
    window: int = 0


_LLAMA = Shape("llama", 24, 1_280, 3_456, 20, 5, 64, SMALL, 8_192, tied=False)
_QWEN = Shape("qwen2", 24, 896, 4_864, 14, 2, 64, LARGE, 32_768)
_MIXTURE = Shape("qwen3moe", 16, 1_024, 512, 16, 4, 64, SMALL, 32_768, tied=False, experts=32, experts_used=4)
_MAMBA = Shape("mamba", 24, 768, 1_536, 0, 0, 0, SMALL, 8_192)
_WINDOW = Shape("gemma3", 26, 1_152, 6_912, 4, 1, 256, LARGE, 32_768, window=512)
_HYBRID = Shape("lfm2", 16, 1_024, 4_608, 16, 8, 64, SMALL, 32_768)

SHAPES: dict[str, Shape] = {
    "llama-0.1b": Shape("llama", 12, 768, 2_048, 12, 4, 64, SMALL, 8_192),
    "llama-0.5b": _LLAMA,
    "llama-1.5b": Shape("llama", 30, 2_048, 5_632, 32, 4, 64, SMALL, 8_192, tied=False),
    "llama-tiny": replace(_LLAMA, layers=2, dim=128, hidden=256, heads=2, kv_heads=1, vocabulary=TINY),
    "qwen-0.5b": _QWEN,  # as Qwen2.5-0.5B
    "qwen-1.5b": Shape("qwen2", 28, 1_536, 8_960, 12, 2, 128, LARGE, 32_768),  # as Qwen2.5-1.5B
    "qwen-tiny": replace(_QWEN, layers=2, dim=128, hidden=256, heads=2, kv_heads=1, vocabulary=TINY),
    "mixture-0.9b": _MIXTURE,
    "mixture-tiny": replace(
        _MIXTURE, layers=2, dim=128, hidden=64, heads=2, kv_heads=1, vocabulary=TINY, experts=4, experts_used=2
    ),
    "mamba-0.1b": _MAMBA,  # as mamba-130m
    "mamba-tiny": replace(_MAMBA, layers=2, dim=128, hidden=256, vocabulary=TINY),
    "window-0.9b": _WINDOW,  # as gemma-3-1b, with fewer words
    "window-tiny": replace(
        _WINDOW, layers=7, dim=64, hidden=128, heads=2, head=32, vocabulary=TINY, window=128
    ),
    "hybrid-0.3b": _HYBRID,  # as LFM2-350M, with fewer words
    "hybrid-tiny": replace(_HYBRID, layers=3, dim=128, hidden=256, heads=2, kv_heads=1, vocabulary=TINY),
}  # fmt: skip


def parameters(shape: Shape) -> int:
    """How many numbers its tensors hold."""
    from tests.shapes.tensors import tensors

    return sum(prod(tensor.shape) for tensor in tensors(shape))
