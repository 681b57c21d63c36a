"""Tiny random-weight GGUFs whose memory is not a plain KV cache.

    write_tiny_mamba(path)      recurrent: its memory is one state, which cannot go back
    write_tiny_sliding(path)    three layers of four see only a window; a saved state holds no more of them than that

Same tokenizer and template as tests/tiny_gguf.py; the same arguments give the same bytes.
"""

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

from tests.tiny_gguf import CONTROL, TEMPLATE, _byte_letters

DIM = 32


def _begun(path: Path, architecture: str, *, layers: int, context: int) -> tuple[GGUFWriter, int]:
    """A writer with everything that is not special to an architecture, and the number of tokens."""
    tokens = [*_byte_letters(), "th", *CONTROL]
    writer = GGUFWriter(str(path), architecture)
    writer.add_name(f"tiny {architecture}")
    writer.add_context_length(context)
    writer.add_embedding_length(DIM)
    writer.add_block_count(layers)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.NORMAL] * 257 + [TokenType.CONTROL] * len(CONTROL))
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    return writer, len(tokens)


def _written(writer: GGUFWriter, tensors: dict[str, np.ndarray], path: Path) -> Path:
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_tiny_mamba(path: Path, *, layers: int = 2, context: int = 8192) -> Path:
    random = np.random.default_rng(11)
    inner, state, rank, kernel = 2 * DIM, 8, 4, 4
    writer, words = _begun(path, "mamba", layers=layers, context=context)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    tensors = {"token_embd.weight": random.standard_normal((words, DIM)), "output_norm.weight": np.ones(DIM)}
    for layer in range(layers):
        block = f"blk.{layer}"
        tensors |= {
            f"{block}.attn_norm.weight": np.ones(DIM),
            f"{block}.ssm_in.weight": random.standard_normal((2 * inner, DIM)) * 0.3,
            f"{block}.ssm_conv1d.weight": random.standard_normal((inner, kernel)) * 0.3,
            f"{block}.ssm_conv1d.bias": np.zeros(inner),
            f"{block}.ssm_x.weight": random.standard_normal((rank + 2 * state, inner)) * 0.3,
            f"{block}.ssm_dt.weight": random.standard_normal((inner, rank)) * 0.3,
            f"{block}.ssm_dt.bias": np.zeros(inner),
            f"{block}.ssm_a": -np.ones((inner, state)),
            f"{block}.ssm_d": np.ones(inner),
            f"{block}.ssm_out.weight": random.standard_normal((DIM, inner)) * 0.3,
        }
    return _written(writer, tensors, path)


def write_tiny_sliding(path: Path, *, window: int = 64, layers: int = 4, heads: int = 4, context: int = 8192) -> Path:
    random = np.random.default_rng(12)
    writer, words = _begun(path, "cohere2", layers=layers, context=context)
    writer.add_feed_forward_length(2 * DIM)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_eps(1e-5)
    writer.add_rope_dimension_count(DIM // heads)
    writer.add_sliding_window(window)
    writer.add_logit_scale(1.0)
    tensors = {"token_embd.weight": random.standard_normal((words, DIM)), "output_norm.weight": np.ones(DIM)}
    for layer in range(layers):
        block = f"blk.{layer}"
        tensors |= {
            f"{block}.attn_norm.weight": np.ones(DIM),
            **{
                f"{block}.attn_{part}.weight": random.standard_normal((DIM, DIM)) * 0.3
                for part in ("q", "k", "v", "output")
            },
            f"{block}.ffn_gate.weight": random.standard_normal((2 * DIM, DIM)) * 0.3,
            f"{block}.ffn_up.weight": random.standard_normal((2 * DIM, DIM)) * 0.3,
            f"{block}.ffn_down.weight": random.standard_normal((DIM, 2 * DIM)) * 0.3,
        }
    return _written(writer, tensors, path)
