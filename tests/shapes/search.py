"""A tiny random-weight model for search, as bge ("bert") or nomic-embed ("nomic-bert") are: reads both ways, never
writes. Word pieces for tokens: every letter and digit, the marks, and the words of WORDS.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from gguf import GGUFWriter, PoolingType, TokenType

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("the", "sea", "land", "is", "wide", "dry", "dana", "invoice", "remind", "tomorrow", "call", "sam")
SPACE = "\u2581"  # begins a token that begins a word
CONTEXT, DIM, HEADS, HIDDEN, LAYERS = 128, 64, 2, 128, 2

Architecture = Literal["bert", "nomic-bert"]


def write_search_gguf(
    path: Path,
    architecture: Architecture = "bert",
    pooling: PoolingType = PoolingType.CLS,
    *,
    says_pooling: bool = True,
    template: str = "",
    seed: int = 7,
) -> Path:
    """`says_pooling` False: the file leaves it open. The same arguments give the same bytes. Returns `path`."""
    tokens = _tokens()
    writer = GGUFWriter(str(path), architecture)
    writer.add_name(f"tiny-{architecture}")
    writer.add_license("mit")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIM)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if says_pooling:
        writer.add_pooling_type(pooling)
    if template:
        writer.add_chat_template(template)
    if architecture == "nomic-bert":
        writer.add_rope_freq_base(1_000.0)
    _add_tokenizer(writer, tokens)
    random = np.random.default_rng(seed)
    for name, shape in _tensors(architecture, len(tokens)):
        writer.add_tensor(name, _values(random, name, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tokens() -> list[str]:
    letters = [*string.ascii_lowercase, *string.digits]
    return [*SPECIAL, *(SPACE + one for one in (*letters, *string.punctuation, *WORDS)), *letters]


def _add_tokenizer(writer: GGUFWriter, tokens: list[str]) -> None:
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("bert")
    writer.add_token_type_count(2)
    writer.add_token_list(tokens)
    kinds = [TokenType.CONTROL] * len(SPECIAL) + [TokenType.NORMAL] * (len(tokens) - len(SPECIAL))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(tokens.index("[CLS]"))
    writer.add_unk_token_id(tokens.index("[UNK]"))
    writer.add_sep_token_id(tokens.index("[SEP]"))
    writer.add_pad_token_id(tokens.index("[PAD]"))
    writer.add_mask_token_id(tokens.index("[MASK]"))


def _tensors(architecture: Architecture, words: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names as llama.cpp has them; the last dimension first, as numpy has it."""
    yield "token_embd.weight", (words, DIM)
    yield "token_types.weight", (2, DIM)
    if architecture == "bert":
        yield "position_embd.weight", (CONTEXT, DIM)
    yield from _norm("token_embd_norm")
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        if architecture == "bert":
            for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
                yield f"{block}.{part}.weight", (DIM, DIM)
                yield f"{block}.{part}.bias", (DIM,)
        else:
            yield f"{block}.attn_qkv.weight", (3 * DIM, DIM)
            yield f"{block}.attn_output.weight", (DIM, DIM)
            yield f"{block}.ffn_gate.weight", (HIDDEN, DIM)
        yield from _norm(f"{block}.attn_output_norm")
        yield f"{block}.ffn_up.weight", (HIDDEN, DIM)
        yield f"{block}.ffn_down.weight", (DIM, HIDDEN)
        yield from _norm(f"{block}.layer_output_norm")


def _norm(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (DIM,)
    yield f"{name}.bias", (DIM,)


def _values(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name.endswith("norm.weight"):
        return np.ones(shape, dtype=np.float32)
    if name.endswith(".bias"):
        return np.zeros(shape, dtype=np.float32)
    return (random.standard_normal(shape) * 0.3).astype(np.float32)
