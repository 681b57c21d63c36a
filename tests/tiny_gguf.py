"""Writes tiny random-weight llama GGUFs for tests: the real engine on a file of a few hundred KB.

    write_tiny_gguf(path)                           a chat model: byte tokenizer, ChatML template
    write_tiny_gguf(path, starter=True)             with every token the starter's grammar needs
    write_tiny_gguf(path, dim=256, layers=6)        of real proportions: speed does not depend on the weights

The same arguments give the same bytes. Greedy decoding says small letters and spaces only, and never ends by itself, so
streams last as long as a test wants: the other rows of the output matrix are zero.
"""

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

from models.starter import SPECIAL_TOKENS

TEMPLATE = (
    "{%- for message in messages -%}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}"
)
CONTROL = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")


def _byte_letters() -> list[str]:
    """The printable stand-in of each byte in byte-level BPE."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def write_tiny_gguf(
    path: Path,
    *,
    starter: bool = False,
    template: str | None = TEMPLATE,
    seed: int = 7,
    context: int = 2048,
    dim: int = 32,
    layers: int = 2,
    heads: int = 4,
    name: str = "tiny",
) -> Path:
    """`template` None: a model without one. Returns `path`."""
    random = np.random.default_rng(seed)
    hidden = 2 * dim
    letters = _byte_letters()
    special = list(SPECIAL_TOKENS if starter else CONTROL)
    tokens = [*letters, "th", *special]
    writer = GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_context_length(context)
    writer.add_embedding_length(dim)
    writer.add_feed_forward_length(hidden)
    writer.add_block_count(layers)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_rope_dimension_count(dim // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.NORMAL] * 257 + [TokenType.CONTROL] * len(special))
    writer.add_token_merges(["t h"])
    end = tokens.index("<end>" if starter else "<|im_end|>")
    writer.add_bos_token_id(tokens.index("<s>" if starter else "<|endoftext|>"))
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)
    if template is not None and not starter:
        writer.add_chat_template(template)

    def weights(*shape: int, scale: float = 0.4) -> np.ndarray:
        return (random.standard_normal(shape) * scale).astype(np.float32)

    said = weights(len(tokens), dim)
    if not starter:
        spoken = [*map(ord, "abcdefghijklmnopqrstuvwxyz"), ord(" ")]
        silent = np.ones(len(tokens), dtype=bool)
        silent[spoken] = False
        said[silent] = 0
    writer.add_tensor("token_embd.weight", weights(len(tokens), dim))
    writer.add_tensor("output_norm.weight", np.ones(dim, dtype=np.float32))
    writer.add_tensor("output.weight", said)
    for layer in range(layers):
        block = f"blk.{layer}"
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{norm}.weight", np.ones(dim, dtype=np.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{block}.{part}.weight", weights(dim, dim))
        writer.add_tensor(f"{block}.ffn_gate.weight", weights(hidden, dim))
        writer.add_tensor(f"{block}.ffn_up.weight", weights(hidden, dim))
        writer.add_tensor(f"{block}.ffn_down.weight", weights(dim, hidden))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
