"""What a model needs, layer by layer, from its header alone: weights, memory of a conversation, room to compute.

Weights are exact. What is remembered follows from the shapes of the key and value tensors, as llama.cpp allocates it.
Room to compute is a bound from above, tested against what llama.cpp really takes; it is counted as if without flash
attention, which not every driver has, and a processor only uses for long contexts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from models.devices.attention import keeps_scores
from models.gguf_read import Tensor, Walked

LAYERS_MAX = 512  # as in llama.cpp
CACHE_PAD = 256  # tokens
CACHED_BYTES, STATE_BYTES, COMPUTED_BYTES = 2, 4, 4  # of one number: 16 bits remembered, 32 bits computed
CHANNELS, MIDDLES = 8, 4  # that a graph keeps at once: rows as wide as the model, as wide as its widest layer
COMPUTE_BASE_BYTES = 8 * 1024 * 1024
HEAD_LEAST = 64
_LAYER = re.compile(r"blk\.(\d{1,3})\.(.+)")

_Layers = dict[int, list[tuple[str, Tensor]]]


@dataclass(frozen=True, slots=True)
class Layer:
    """`cache`: what it remembers of a whole conversation."""

    weights: int
    cache: int

    @property
    def bytes(self) -> int:
        return self.weights + self.cache


@dataclass(frozen=True, slots=True)
class Need:
    """All in bytes. `output`: what a card holds for it; `output_here`: what it takes of main memory, less where it
    is the input read backwards. `compute`: wherever is computed; `scores`: on a card, or where there is none, besides;
    `output_compute`: where the output is, besides."""

    layers: tuple[Layer, ...]
    input: int
    output: int
    output_here: int
    compute: int
    scores: int
    output_compute: int
    n_ctx: int

    def memory(self, on_card: int) -> tuple[int, int]:
        """(all, held) of main memory, when that many of the last layers, and the output, are on a card."""
        here = self.layers[: len(self.layers) - on_card]
        held = self.compute + sum(layer.cache for layer in here)
        weights = self.input + sum(layer.weights for layer in here)
        if not on_card:
            held += self.output_compute + (self.scores if keeps_scores(self.n_ctx) else 0)
            weights += self.output_here
        return held + weights, held


def need_of(parts: Sequence[tuple[Walked, int]], *, n_ctx: int, batch: int) -> Need:
    """`parts`: header and size of each file of the model, the first one first; `n_ctx`: tokens wanted, `batch`: read at
    once."""
    sizes = _Sizes(parts[0][0])
    heap = _Heap()
    for tensor, size in _measured(parts):
        heap.put(tensor, size)
    room = min(n_ctx, sizes.context) if sizes.context > 0 else n_ctx
    padded = -(-room // CACHE_PAD) * CACHE_PAD
    count = sizes.layers or min(LAYERS_MAX, max(heap.weights, default=-1) + 1)
    return Need(
        layers=tuple(
            Layer(heap.weights.get(layer, 0), sizes.remembered(heap.tensors.get(layer, []), padded))
            for layer in range(count)
        ),
        input=heap.input,
        output=heap.output + (0 if heap.untied else heap.input),
        output_here=heap.output,
        compute=sizes.computed(heap.tensors, padded, batch),
        scores=sizes.heads(heap.tensors) * padded * batch * COMPUTED_BYTES,
        output_compute=batch * heap.words * COMPUTED_BYTES,
        n_ctx=room,
    )


@dataclass(slots=True)
class _Heap:
    """The tensors by layer, and what lies outside the layers. `words`: how many there are; `untied`: the output is a
    tensor of its own."""

    weights: dict[int, int] = field(default_factory=dict)
    tensors: _Layers = field(default_factory=dict)
    input: int = 0
    output: int = 0
    words: int = 0
    untied: bool = False

    def put(self, tensor: Tensor, size: int) -> None:
        if found := _LAYER.fullmatch(tensor.name):
            layer = int(found[1])
            self.weights[layer] = self.weights.get(layer, 0) + size
            self.tensors.setdefault(layer, []).append((found[2], tensor))
            return
        if tensor.name == "token_embd.weight":
            self.input += size
        else:
            self.output += size
        if tensor.name in ("token_embd.weight", "output.weight") and tensor.shape:
            self.words = max(self.words, tensor.shape[-1])
            self.untied = self.untied or tensor.name == "output.weight"


def _measured(parts: Sequence[tuple[Walked, int]]) -> Iterator[tuple[Tensor, int]]:
    """Every tensor and how far it is to the next: right for types that nobody here knows, too."""
    for walked, size in parts:
        data = max(0, size - walked.end)
        ordered = sorted(walked.tensors, key=lambda tensor: tensor.offset)
        ends = [*(min(later.offset, data) for _, later in pairwise(ordered)), data]
        for tensor, end in zip(ordered, ends, strict=False):
            yield tensor, max(0, end - tensor.offset)


class _Sizes:
    """The numbers that a header gives under its architecture's name; what is missing or absurd counts as 0."""

    def __init__(self, header: Walked) -> None:
        self._values = header.values
        self._prefix = header.values.get("general.architecture", "")
        self.layers = min(self._number("block_count"), LAYERS_MAX)
        self.context = self._number("context_length")
        self.width = self._number("embedding_length")

    def _number(self, key: str) -> int:
        value = self._values.get(f"{self._prefix}.{key}", 0)
        return value if isinstance(value, int) and value > 0 else 0

    def remembered(self, tensors: Sequence[tuple[str, Tensor]], tokens: int) -> int:
        """Keys and values of every token, or the state of a layer that keeps no tokens, or both."""
        rows = {name.removesuffix(".weight"): tensor.shape[-1] for name, tensor in tensors if tensor.shape}
        wide = rows.get("attn_k", 0) + rows.get("attn_v", 0) + rows.get("attn_kv_a_mqa", 0)
        if not wide and "attn_qkv" in rows:
            wide = self._fused(rows["attn_qkv"])
        state = self._state() if any(name.startswith(("ssm", "shortconv", "time_mix")) for name in rows) else 0
        return wide * tokens * CACHED_BYTES + state * STATE_BYTES

    def _fused(self, rows: int) -> int:
        """Keys and values of a layer whose three projections are one tensor."""
        heads, kept = self._number("attention.head_count"), self._number("attention.head_count_kv")
        if not heads or not kept:
            return rows
        head = self.width // heads
        key = self._number("attention.key_length") or head
        value = self._number("attention.value_length") or head
        return min(rows, kept * (key + value))

    def _state(self) -> int:
        """Numbers that a folding or recurrent layer keeps: its last inputs and its state."""
        inner, state = self._number("ssm.inner_size"), self._number("ssm.state_size")
        groups, kernel = self._number("ssm.group_count"), self._number("ssm.conv_kernel")
        recurrent = inner * state + max(kernel - 1, 0) * (inner + 2 * groups * state)
        folding = max(self._number("shortconv.l_cache") - 1, 0) * self.width
        mixing = self.width * (self._number("wkv.head_size") + 2)
        return max(recurrent, folding) or mixing

    def computed(self, tensors: _Layers, tokens: int, batch: int) -> int:
        """Also the mask: which token may look at which."""
        widest = max((self._rows(name, tensor) for layer in tensors.values() for name, tensor in layer), default=0)
        return COMPUTE_BASE_BYTES + batch * COMPUTED_BYTES * (CHANNELS * self.width + MIDDLES * widest + 2 * tokens)

    def heads(self, tensors: _Layers) -> int:
        named = (self._rows(*one) for layer in tensors.values() for one in layer if one[0] == "attn_q.weight")
        return self._number("attention.head_count") or max(named, default=0) // HEAD_LEAST

    def _rows(self, name: str, tensor: Tensor) -> int:
        if len(tensor.shape) < 2:
            return 0
        experts = self._number("expert_used_count") if "_exps" in name else 1
        return tensor.shape[1] * max(experts, 1)
