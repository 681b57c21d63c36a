"""The tensors of each family by llama.cpp's names, first dimension first, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.shapes.shape import Family, Shape

Fill = Literal["random", "ones", "decay", "step", "words"]

ATTENTION_EVERY = 3  # of a hybrid's layers; the others fold
FOLD = 3  # tokens that a folding layer sees at once
CONVOLUTION, STATE = 4, 16  # of a recurrent layer


@dataclass(frozen=True, slots=True)
class Tensor:
    """`plain`: kept as 32-bit numbers whatever the file's type; `fill`: what it is filled with (see blocks.py)."""

    name: str
    shape: tuple[int, ...]
    fill: Fill = "random"
    plain: bool = False


def tensors(shape: Shape) -> Iterator[Tensor]:
    words = (shape.dim, shape.vocabulary)
    yield Tensor("token_embd.weight", words, "words")
    yield _ones("token_embd_norm" if shape.family == "lfm2" else "output_norm", shape.dim)
    if not shape.tied:
        yield Tensor("output.weight", words, "words")
    for layer in range(shape.layers):
        yield from _LAYERS[shape.family](shape, f"blk.{layer}", layer)


def is_attention(shape: Shape, layer: int) -> bool:
    """Whether this layer of a hybrid looks back with attention."""
    return layer % ATTENTION_EVERY == ATTENTION_EVERY - 1


def _ones(name: str, size: int) -> Tensor:
    return Tensor(f"{name}.weight", (size,), "ones", plain=True)


def _weight(name: str, *shape: int) -> Tensor:
    return Tensor(f"{name}.weight", shape)


def _attention(shape: Shape, block: str, *, biases: bool = False, norms: bool = False) -> Iterator[Tensor]:
    wide = {"q": shape.heads * shape.head, "k": shape.kv_heads * shape.head, "v": shape.kv_heads * shape.head}
    yield _ones(f"{block}.attn_norm", shape.dim)
    for part, size in wide.items():
        yield _weight(f"{block}.attn_{part}", shape.dim, size)
        if biases:
            yield Tensor(f"{block}.attn_{part}.bias", (size,), plain=True)
    if norms:
        yield _ones(f"{block}.attn_q_norm", shape.head)
        yield _ones(f"{block}.attn_k_norm", shape.head)
    yield _weight(f"{block}.attn_output", wide["q"], shape.dim)


def _dense(shape: Shape, block: str) -> Iterator[Tensor]:
    yield _ones(f"{block}.ffn_norm", shape.dim)
    yield _weight(f"{block}.ffn_gate", shape.dim, shape.hidden)
    yield _weight(f"{block}.ffn_up", shape.dim, shape.hidden)
    yield _weight(f"{block}.ffn_down", shape.hidden, shape.dim)


def _llama(shape: Shape, block: str, _layer: int) -> Iterator[Tensor]:
    yield from _attention(shape, block)
    yield from _dense(shape, block)


def _qwen(shape: Shape, block: str, _layer: int) -> Iterator[Tensor]:
    yield from _attention(shape, block, biases=True)
    yield from _dense(shape, block)


def _mixture(shape: Shape, block: str, _layer: int) -> Iterator[Tensor]:
    yield from _attention(shape, block, norms=True)
    yield _ones(f"{block}.ffn_norm", shape.dim)
    yield Tensor(f"{block}.ffn_gate_inp.weight", (shape.dim, shape.experts), plain=True)
    yield _weight(f"{block}.ffn_gate_exps", shape.dim, shape.hidden, shape.experts)
    yield _weight(f"{block}.ffn_up_exps", shape.dim, shape.hidden, shape.experts)
    yield _weight(f"{block}.ffn_down_exps", shape.hidden, shape.dim, shape.experts)


def _window(shape: Shape, block: str, _layer: int) -> Iterator[Tensor]:
    yield from _attention(shape, block, norms=True)
    yield _ones(f"{block}.post_attention_norm", shape.dim)
    yield from _dense(shape, block)
    yield _ones(f"{block}.post_ffw_norm", shape.dim)


def _mamba(shape: Shape, block: str, _layer: int) -> Iterator[Tensor]:
    inner, rank = shape.hidden, step_rank(shape)
    yield _ones(f"{block}.attn_norm", shape.dim)
    yield _weight(f"{block}.ssm_in", shape.dim, 2 * inner)
    yield Tensor(f"{block}.ssm_conv1d.weight", (CONVOLUTION, inner), plain=True)
    yield Tensor(f"{block}.ssm_conv1d.bias", (inner,), plain=True)
    yield _weight(f"{block}.ssm_x", inner, rank + 2 * STATE)
    yield _weight(f"{block}.ssm_dt", rank, inner)
    yield Tensor(f"{block}.ssm_dt.bias", (inner,), "step", plain=True)
    yield Tensor(f"{block}.ssm_a", (STATE, inner), "decay", plain=True)
    yield Tensor(f"{block}.ssm_d", (inner,), "ones", plain=True)
    yield _weight(f"{block}.ssm_out", inner, shape.dim)


def step_rank(shape: Shape) -> int:
    return max(shape.dim // 16, 8)


def _hybrid(shape: Shape, block: str, layer: int) -> Iterator[Tensor]:
    if is_attention(shape, layer):
        yield from _attention(shape, block, norms=True)
    else:
        yield _ones(f"{block}.attn_norm", shape.dim)
        yield Tensor(f"{block}.shortconv.conv.weight", (FOLD, shape.dim), plain=True)
        yield _weight(f"{block}.shortconv.in_proj", shape.dim, 3 * shape.dim)
        yield _weight(f"{block}.shortconv.out_proj", shape.dim, shape.dim)
    yield from _dense(shape, block)


_LAYERS: dict[Family, Callable[[Shape, str, int], Iterator[Tensor]]] = {
    "llama": _llama,
    "qwen2": _qwen,
    "qwen3moe": _mixture,
    "mamba": _mamba,
    "gemma3": _window,
    "lfm2": _hybrid,
}
