"""A bare llama.cpp process: load, one prompt of TOKENS tokens, then a plain decode loop. Prints JSON of milliseconds.

The physical limit of the worker on this machine: the same library, the same file, nothing around it.
"""

import ctypes
import json
import sys
import time

import psutil

started = time.perf_counter()
import llama_cpp  # noqa: E402  its import is part of what is measured


def run(path: str, prompt_tokens: int, decode_tokens: int, threads: int, n_ctx: int, layouts: int) -> dict[str, float]:
    """`layouts` 1: weights copied into the processor's own, as llama.cpp does by itself; it costs memory and load."""
    llama_cpp.llama_log_set(_quiet, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    weights = llama_cpp.llama_model_default_params()
    weights.use_extra_bufts = bool(layouts)  # the starter goes without (models/README, why 4)
    model = llama_cpp.llama_model_load_from_file(path.encode(), weights)
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = n_ctx or prompt_tokens + decode_tokens + 8
    settings.n_batch = max(prompt_tokens, 32)
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, settings)
    loaded = time.perf_counter()
    tokens = (llama_cpp.llama_token * prompt_tokens)(*([5] * prompt_tokens))
    llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(tokens, prompt_tokens))
    llama_cpp.llama_synchronize(context)
    first = time.perf_counter()
    sampler = llama_cpp.llama_sampler_init_greedy()
    for _ in range(decode_tokens):
        token = (llama_cpp.llama_token * 1)(llama_cpp.llama_sampler_sample(sampler, context, -1))
        llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(token, 1))
    llama_cpp.llama_synchronize(context)
    done = time.perf_counter()
    return {
        "load_ms": (loaded - started) * 1000,
        "first_token_ms": (first - started) * 1000,
        "tokens_per_second": decode_tokens / (done - first),
        "resident_mb": psutil.Process().memory_info().rss / 1e6,
    }


@llama_cpp.llama_log_callback
def _quiet(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp tells its whole life on stderr."""


if __name__ == "__main__":
    numbers = [*map(int, sys.argv[2:]), 0, 0][:5]
    print(json.dumps(run(sys.argv[1], *numbers)))
