"""What saved states are worth with a model on this machine: from a new process to its first token, with and without.

Every figure is of a process of its own, begun for it. The prompt is a long beginning, as instructions and tools make
one, and a short question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from models.contracts import ChatRequest, Finished, Message
from models.host import ModelHost, Settings

SENTENCE = "Answer in a friendly way, keep to what was asked, and say where you are not sure. "
QUESTION = "What is the sea?"
PROBE_SENTENCES = 20
KEEP = "measured"


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Milliseconds of one start: `load_ms` from the process to ready, `first_token_ms` from the request on; of the
    prompt's tokens, `restored` came from the disk."""

    prompt_tokens: int
    restored: int
    load_ms: float
    first_token_ms: float

    @property
    def total_ms(self) -> float:
        return self.load_ms + self.first_token_ms


@dataclass(frozen=True, slots=True)
class StatesMeasured:
    """`without`: nothing is kept; `with_beginning`: the shared beginning is; `with_conversation`: so is a thread, that
    is half as long again and goes on by one question."""

    without: FirstToken
    with_beginning: FirstToken
    with_conversation: FirstToken
    bytes_on_disk: int


def measure_states(model: Path, folder: Path, *, prefix_tokens: int = 2_000, n_ctx: int = 4_096) -> StatesMeasured:
    """`folder`: empty, for the states; it is left as it is at the end. The model is read once for its digest, as the
    catalog does."""
    with model.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    nothing_kept, kept = Starts(model, digest, n_ctx, None), Starts(model, digest, n_ctx, folder)
    count = sentences(nothing_kept, prefix_tokens)
    beginning, question = Message("system", SENTENCE * count), Message("user", QUESTION)
    without = nothing_kept.first_token(beginning, question)
    kept.first_token(beginning, question)  # this one writes the beginning
    with_beginning = kept.first_token(beginning, question)
    thread = (beginning, Message("user", SENTENCE * (count // 2)))
    kept.first_token(*thread, keep=KEEP)  # and this one the thread
    with_conversation = kept.first_token(*thread, Message("assistant", "Yes."), question, keep=KEEP)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return StatesMeasured(without, with_beginning, with_conversation, size)


@dataclass(frozen=True, slots=True)
class Starts:
    """New processes, each for one request."""

    model: Path
    sha256: str
    n_ctx: int
    folder: Path | None

    def first_token(self, *messages: Message, keep: str = "") -> FirstToken:
        host = ModelHost(self.model, sha256=self.sha256, settings=Settings(n_ctx=self.n_ctx, snapshots=self.folder))
        try:
            load_ms = host.info().load_ms
            *_, last = host.chat(ChatRequest(messages, max_tokens=1, temperature=0, keep=keep))
            assert isinstance(last, Finished), "every chat ends with one"
            return FirstToken(last.prompt_tokens, last.restored, load_ms, last.first_token_ms)
        finally:
            host.close()


def sentences(starts: Starts, tokens: int) -> int:
    """How many make so many tokens in this model's vocabulary."""
    probe = (Message("system", SENTENCE * PROBE_SENTENCES), Message("user", QUESTION))
    return max(1, tokens * PROBE_SENTENCES // starts.first_token(*probe).prompt_tokens)
