"""The good models that are then damaged: one of each family, small enough that a thousand copies are soon written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tests.fuzz.gguf_parts import Gguf, Place, parse, spans
from tests.shapes import SHAPES, Shape, write_shape
from tests.shapes.search import write_search_gguf
from tests.tiny_gguf import write_tiny_gguf

WORDS = 640
FAMILIES = ("llama", "qwen", "mixture", "mamba", "window", "hybrid")


@dataclass(frozen=True, slots=True)
class Good:
    name: str
    data: bytes
    parts: Gguf
    spans: tuple[tuple[Place, int, int], ...]

    @property
    def header(self) -> int:
        return self.spans[-1][2]


@lru_cache(maxsize=1)
def corpus(folder: Path) -> tuple[Good, ...]:
    """Written once into `folder`; two that are for search; the starter's kind twice, because everybody has it."""
    made = [write_shape(folder / f"{name}.gguf", _small(name), "Q8_0") for name in FAMILIES]
    made.append(write_shape(folder / "plain.gguf", _small("llama"), "F32", seed=9))
    made += [write_search_gguf(folder / "bert.gguf"), write_search_gguf(folder / "nomic.gguf", "nomic-bert")]
    made += [write_tiny_gguf(folder / f"starter{seed}.gguf", starter=True, seed=seed, dim=16) for seed in (1, 2)]
    return tuple(_good(path) for path in made)


def _small(name: str) -> Shape:
    shape = SHAPES[f"{name}-tiny"]
    if name == "window":
        return replace(shape, layers=2, dim=32, hidden=64, heads=1, vocabulary=WORDS, window=64)
    heads = min(shape.heads, 1)
    return replace(
        shape, dim=64, hidden=128 if name != "mixture" else 32, heads=heads, kv_heads=heads, vocabulary=WORDS
    )


def _good(path: Path) -> Good:
    data = path.read_bytes()
    return Good(path.stem, data, parse(data), tuple(spans(data)))
