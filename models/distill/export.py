"""Writes the trained network as GGUF: llama architecture, tokenizer, merges and chat template inside.

Q8_0 is what ships; F16 is the parent that the gate for quantising compares it with.
"""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from models.distill import tokenizer as bpe
from models.distill.network import EPSILON, ROPE_BASE, interleaved
from models.starter.vocabulary import BEGIN, END, PAD, SPECIAL_TOKENS

# Numbering needs code, so the template can only frame a request that is already numbered (see models/starter/README).
CHAT_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
_FILE_TYPES = {
    gguf.GGMLQuantizationType.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
    gguf.GGMLQuantizationType.Q5_1: gguf.LlamaFileType.MOSTLY_Q5_1,
    gguf.GGMLQuantizationType.Q4_0: gguf.LlamaFileType.MOSTLY_Q4_0,
    gguf.GGMLQuantizationType.F16: gguf.LlamaFileType.MOSTLY_F16,
}
TYPES = tuple(kind.name for kind in _FILE_TYPES)


def export(folder: Path, file: Path, kind: str = "Q8_0") -> None:
    """`folder` as `train` left it becomes the GGUF `file`; `kind`, one of TYPES, is what the matrices are kept in."""
    quantised = gguf.GGMLQuantizationType[kind]
    saved = torch.load(folder / "weights.pt", weights_only=True)
    shape, weights = saved["shape"], saved["weights"]
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name("Carryon starter")
    writer.add_license("Apache-2.0")
    writer.add_description("Points at the words of a request: tool calls, replies, hand-offs, questions back.")
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["hidden"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["heads"])
    writer.add_rope_dimension_count(shape["width"] // shape["heads"])
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_vocab_size(shape["vocabulary"])
    writer.add_file_type(_FILE_TYPES[quantised])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_tokenizer(writer, bpe.load(folder / "tokenizer.json"))
    for name, weight in weights.items():
        if name.endswith(("attn_q.weight", "attn_k.weight")):
            weight = interleaved(weight, shape["heads"])  # noqa: PLW2901
        _add_tensor(writer, name, weight.float().numpy(), quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tensor(writer: gguf.GGUFWriter, name: str, weight: np.ndarray, kind: gguf.GGMLQuantizationType) -> None:
    if weight.ndim == 1:
        writer.add_tensor(name, weight)
    else:
        writer.add_tensor(name, gguf.quants.quantize(weight, kind), raw_dtype=kind)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    ids = tokenizer.get_vocab()
    special = frozenset(SPECIAL_TOKENS)
    tokens = sorted(ids, key=ids.__getitem__)
    kinds = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens]
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(ids[BEGIN])
    writer.add_eos_token_id(ids[END])
    writer.add_pad_token_id(ids[PAD])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
