"""The worker against a bare llama.cpp process on the same file: first token cold, first token warm, decode rate.

Decode rate is of the chat path on a random-weight GGUF with real proportions in small (speed does not depend on the
weights); cold and warm first tokens are of the starter, through the host, as a request of the user's goes.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from models.catalog import STARTER_FILE
from models.contracts import ChatRequest, DecideRequest, Finished, Message
from models.host import ModelHost
from models.host.command import worker_environment
from tests.bench.outbox import Measured
from tests.tiny_gguf import write_tiny_gguf

RUNS = 5
REQUEST = "remind me next friday at 9 to invoice Dana"
ANOTHER = "tell Sam by email that the train is late"  # so that nothing of the first request is reused
DECODED = 200
PROMPT_TOKENS = 40  # about what a request becomes


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        chat = write_tiny_gguf(Path(folder) / "chat.gguf", dim=256, layers=6, context=2048)
        return [*_starter(), _decode(chat)]


def _starter() -> Measured:
    cold, warm, first, bare_cold, bare_first = [], [], [], [], []
    for _ in range(RUNS):
        bare = bare_llama(STARTER_FILE, PROMPT_TOKENS, 1)
        bare_cold.append(bare["first_token_ms"])
        bare_first.append(bare["first_token_ms"] - bare["load_ms"])
        started = time.perf_counter()
        host = ModelHost(STARTER_FILE, name="starter")
        host.decide(DecideRequest(REQUEST))
        cold.append((time.perf_counter() - started) * 1_000)
        started = time.perf_counter()
        decision = host.decide(DecideRequest(ANOTHER))
        warm.append((time.perf_counter() - started) * 1_000)
        first.append(decision.first_token_ms)
        host.close()
    return [
        ("whole decision, from a cold process", "ms", cold, bare_cold, "bare llama.cpp: load and first token"),
        ("first token, warm", "ms", first, bare_first, f"bare llama.cpp: {PROMPT_TOKENS} tokens read"),
        ("whole decision, warm", "ms", warm, None, "no peer: a bare loop decides nothing"),
    ]


def _decode(path: Path) -> tuple[str, str, list[float], list[float] | None, str]:
    ours, bare = [], []
    host = ModelHost(path, name="chat")
    for _ in range(RUNS):
        bare.append(bare_llama(path, 32, DECODED)["tokens_per_second"])
        last = None
        for piece in host.chat(ChatRequest((Message("user", "tell me"),), max_tokens=DECODED, temperature=0.0)):
            last = piece
        if isinstance(last, Finished) and last.tokens > 1:
            ours.append((last.tokens - 1) / ((last.total_ms - last.first_token_ms) / 1_000))
    host.close()
    return ("tokens, streamed through the worker", "a second", ours, bare, "bare llama.cpp decode loop, same file")


def bare_llama(
    path: Path, prompt_tokens: int, decode_tokens: int, *, threads: int = 1, n_ctx: int = 0, layouts: bool = False
) -> dict[str, float]:
    """Figures of a bare llama.cpp process. `n_ctx` 0: just enough; `layouts`: see bare_llama.py. Several threads wait
    as the worker's do (models/README, why 5)."""
    numbers = map(str, (prompt_tokens, decode_tokens, threads, n_ctx, int(layouts)))
    words = [sys.executable, "-m", "tests.bench.bare_llama", str(path), *numbers]
    run = subprocess.run(words, capture_output=True, text=True, check=True, env=worker_environment())
    figures: dict[str, float] = json.loads(run.stdout)
    return figures
