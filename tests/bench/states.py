"""A model of real proportions with a long beginning: its first token from a new process, with and without saved states,
and the memory it takes, against a bare llama.cpp process with the same file, context and threads.

The weights are random (speed does not depend on them): llama, half a billion parameters, Q4_0, 325 MB, made in seconds.
Starts with a saved state and bare ones take turns, so that whatever else the machine does slows both alike.
"""

import hashlib
import tempfile
from pathlib import Path

from models.contracts import ChatRequest, Message
from models.host import ModelHost, Settings
from models.measuring_states import QUESTION, SENTENCE, FirstToken, Starts, measure_states, sentences
from tests.bench.model import bare_llama
from tests.bench.outbox import Measured
from tests.shapes import write_shape

PREFIX_TOKENS, CONTEXT = 2_000, 4_096
RUNS = 5


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        model = write_shape(Path(folder) / "half-a-billion.gguf", "llama-0.5b", "Q4_0")
        return [*_first_tokens(model, Path(folder)), _memory(model)]


def _first_tokens(model: Path, folder: Path) -> Measured:
    threads = _threads(model)
    found = measure_states(model, folder / "states", prefix_tokens=PREFIX_TOKENS, n_ctx=CONTEXT)
    saved, bare = _in_turns(model, folder / "again", threads)
    peer = "bare llama.cpp: load and one token"
    return [
        ("first token, cold, 2,000 before it, saved", "ms", [one.total_ms for one in saved], bare, peer),
        ("first token, cold, 2,000 before it, read", "ms", [found.without.total_ms], bare, peer),
        ("a conversation of 3,000 reopened", "ms", [found.with_conversation.total_ms], bare, peer),
    ]


def _in_turns(model: Path, states: Path, threads: int) -> tuple[list[FirstToken], list[float]]:
    with model.open("rb") as file:
        starts = Starts(model, hashlib.file_digest(file, "sha256").hexdigest(), CONTEXT, states)
    asked = (Message("system", SENTENCE * sentences(starts, PREFIX_TOKENS)), Message("user", QUESTION))
    starts.first_token(*asked)  # this one writes the beginning
    saved, bare = [], []
    for _ in range(RUNS):
        bare.append(bare_llama(model, 1, 1, threads=threads, n_ctx=CONTEXT, layouts=True)["first_token_ms"])
        saved.append(starts.first_token(*asked))
    return saved, bare


def _memory(model: Path) -> tuple[str, str, list[float], list[float] | None, str]:
    bare = bare_llama(model, 1, 1, threads=1, n_ctx=CONTEXT, layouts=True)["resident_mb"]
    host = ModelHost(model, settings=Settings(n_ctx=CONTEXT))
    list(host.chat(ChatRequest((Message("user", "What is the sea?"),), max_tokens=1, temperature=0)))
    ours = (host.memory_bytes() or 0) / 1e6
    host.close()
    return ("resident memory, worker with that model", "MB", [ours], [bare], "bare llama.cpp process, same file")


def _threads(model: Path) -> int:
    host = ModelHost(model, settings=Settings(n_ctx=CONTEXT))
    try:
        return host.info().threads
    finally:
        host.close()
