"""Writes a shape as a GGUF, piece by piece: a model larger than the memory takes no more of it than a small one.

The same arguments give the same bytes in the same checkout. A model of random weights never ends its answer by itself:
the words that would are silent.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter, LlamaFileType

from tests.shapes.blocks import pieces, size_of
from tests.shapes.shape import SHAPES, Shape
from tests.shapes.tensors import CONVOLUTION, FOLD, STATE, Tensor, is_attention, step_rank, tensors
from tests.shapes.vocabulary import BEGIN, CONTROL, END, Vocabulary, vocabulary

TEMPLATE = (Path(__file__).parent / "template.jinja").read_text(encoding="utf-8")
QUANTISATIONS = {
    "F32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "F16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "Q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "Q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}


def write_shape(
    path: Path,
    shape: str | Shape,
    quantisation: str = "Q4_0",
    *,
    seed: int = 7,
    template: str | None = TEMPLATE,
) -> Path:
    """`shape`: one of SHAPES or one of your own; `quantisation`: of QUANTISATIONS. Returns `path`."""
    made = SHAPES[shape] if isinstance(shape, str) else shape
    kind, file_type = QUANTISATIONS[quantisation]
    words = vocabulary(made.vocabulary)
    writer = GGUFWriter(str(path), made.family)
    writer.add_name(shape if isinstance(shape, str) else made.family)
    writer.add_license("apache-2.0")
    writer.add_file_type(file_type)
    _sizes(writer, made)
    _tokenizer(writer, made, words)
    if template is not None:
        writer.add_chat_template(template)
    listed = [(tensor, kind_of(tensor, kind)) for tensor in tensors(made)]
    for tensor, its in listed:
        writer.add_tensor_info(
            tensor.name, tensor.shape[::-1], np.dtype(np.float32), size_of(its, tensor.shape), raw_dtype=its
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    _write_data(writer, listed, np.random.default_rng(seed), words.special)
    writer.close()
    return path


def kind_of(tensor: Tensor, kind: GGMLQuantizationType) -> GGMLQuantizationType:
    """As llama.cpp's own converter does: single rows stay whole, words get a finer type, what fits no block 16 bits."""
    if tensor.plain:
        return GGMLQuantizationType.F32
    if tensor.shape[0] % GGML_QUANT_SIZES[kind][0]:
        return GGMLQuantizationType.F16
    if tensor.fill == "words" and kind == GGMLQuantizationType.Q4_0:
        return GGMLQuantizationType.Q8_0
    return kind


def _write_data(
    writer: GGUFWriter, listed: list[tuple[Tensor, GGMLQuantizationType]], rng: np.random.Generator, special: int
) -> None:
    assert writer.fout is not None
    file: BinaryIO = writer.fout[0]
    for tensor, kind in listed:
        writer.write_padding(file, file.tell())
        silent = special if tensor.fill == "words" else 0
        for piece in pieces(rng, kind, tensor.shape, tensor.fill, silent):
            file.write(piece)
    writer.write_padding(file, file.tell())


def _sizes(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.dim)
    writer.add_block_count(shape.layers)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_layer_norm_rms_eps(1e-6)
    if shape.family == "mamba":
        writer.add_feed_forward_length(0)
        writer.add_head_count(0)
        writer.add_ssm_conv_kernel(CONVOLUTION)
        writer.add_ssm_inner_size(shape.hidden)
        writer.add_ssm_state_size(STATE)
        writer.add_ssm_time_step_rank(step_rank(shape))
        return
    _attention_sizes(writer, shape)
    writer.add_feed_forward_length(shape.hidden)
    if shape.experts:
        writer.add_expert_count(shape.experts)
        writer.add_expert_used_count(shape.experts_used)
        writer.add_expert_feed_forward_length(shape.hidden)
    if shape.window:
        writer.add_sliding_window(shape.window)


def _attention_sizes(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_head_count(shape.heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_freq_base(1_000_000.0)
    if shape.family == "lfm2":
        writer.add_shortconv_l_cache(FOLD)
        writer.add_head_count_kv([shape.kv_heads * is_attention(shape, layer) for layer in range(shape.layers)])
    else:
        writer.add_head_count_kv(shape.kv_heads)
    if shape.family == "llama":
        writer.add_rope_dimension_count(shape.head)


def _tokenizer(writer: GGUFWriter, shape: Shape, words: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2" if shape.family.startswith("qwen") else "llama-bpe")
    writer.add_token_list(words.tokens)
    writer.add_token_types(words.kinds)
    writer.add_token_merges(words.merges)
    writer.add_bos_token_id(words.tokens.index(CONTROL[0]))
    writer.add_eos_token_id(words.tokens.index(END))
    writer.add_eot_token_id(words.tokens.index(END))
    writer.add_pad_token_id(words.tokens.index(BEGIN))
    writer.add_add_bos_token(False)
