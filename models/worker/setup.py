"""What a loaded model's states depend on, gathered from what the context and the model were really made with."""

from __future__ import annotations

import json
from typing import Any

from models.snapshots.key import Setup
from models.worker import library
from models.worker.engine import CHUNK, Engine

ROPE = ("rope_scaling_type", "rope_freq_base", "rope_freq_scale", "yarn_ext_factor", "yarn_attn_factor",
        "yarn_beta_fast", "yarn_beta_slow", "yarn_orig_ctx")  # fmt: skip
DEVICES = ("n_gpu_layers", "split_mode", "main_gpu")
APART = {*ROPE, "n_ctx", "type_k", "type_v", "flash_attn_type", "n_threads", "n_threads_batch"}
NO_MATTER = {"no_perf"}


def setup_of(engine: Engine, base_sha256: str, prompt_version: str) -> Setup:
    """No adapter is loaded yet. What is new in a later llama.cpp counts by itself, under `context`."""
    context, loading = numbers(engine.settings), numbers(engine.loading)
    others = {name: value for name, value in context.items() if name not in APART | NO_MATTER}
    return Setup(
        base_sha256=base_sha256,
        adapter_sha256="",
        adapter_scale=0.0,
        n_ctx=engine.n_ctx,
        kv_types=_text({name: context[name] for name in ("type_k", "type_v")}),
        rope=_text({name: context[name] for name in ROPE}),
        flash_attention=str(context["flash_attn_type"]),
        threads=engine.threads,
        devices=_text({name: loading[name] for name in DEVICES}),
        context=_text({**others, "chunk": CHUNK}),
        processor=f"{engine.lib.llama_print_system_info().decode()}extra={loading['use_extra_bufts']}",
        llama_build=library.build(engine.lib),
        prompt_version=prompt_version,
        sealed_by="",
    )


def numbers(settings: Any) -> dict[str, float]:
    """Every field of a C structure that is a number."""
    every = {name: getattr(settings, name) for name, *_ in settings._fields_}
    return {name: value for name, value in every.items() if isinstance(value, int | float)}


def _text(values: dict[str, float]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"))
