"""A bare llama.cpp process: a prompt is read, then tokens are decoded and sampled one by one. Prints how many a second,
and the milliseconds of processor time for each.

The physical limit of a streamed answer on this machine: the same library, file, context, threads, prompt length and
sampler, and nothing around them. What is written is counted from the first token to the last, as in the window.
"""

import ctypes
import sys
import time
from typing import Any

import llama_cpp

CHUNK = 128


def run(
    path: str, prompt_tokens: int, decode_tokens: int, threads: int, n_ctx: int, temperature: float
) -> tuple[float, float]:
    llama_cpp.llama_log_set(_quiet, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = n_ctx
    settings.n_batch = settings.n_ubatch = CHUNK
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, settings)
    for start in range(0, prompt_tokens, CHUNK):
        count = min(CHUNK, prompt_tokens - start)
        tokens = (llama_cpp.llama_token * count)(*([5] * count))
        llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(tokens, count))
    sampler = _sampler(temperature)
    token = (llama_cpp.llama_token * 1)(llama_cpp.llama_sampler_sample(sampler, context, -1))
    first, spent = time.perf_counter(), time.process_time()
    for _ in range(decode_tokens - 1):
        llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(token, 1))
        token[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
    counted = decode_tokens - 1
    return counted / (time.perf_counter() - first), (time.process_time() - spent) * 1_000 / counted


def _sampler(temperature: float) -> Any:
    """As the worker's (models/worker/sampling.py)."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    for step in (
        llama_cpp.llama_sampler_init_top_k(40),
        llama_cpp.llama_sampler_init_top_p(0.95, 1),
        llama_cpp.llama_sampler_init_min_p(0.05, 1),
        llama_cpp.llama_sampler_init_temp(temperature),
        llama_cpp.llama_sampler_init_dist(0),
    ):
        llama_cpp.llama_sampler_chain_add(chain, step)
    return chain


@llama_cpp.llama_log_callback
def _quiet(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp tells its whole life on stderr."""


if __name__ == "__main__":
    print(*run(sys.argv[1], *map(int, sys.argv[2:6]), float(sys.argv[6])))
