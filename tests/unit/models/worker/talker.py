"""What a worker does with chats and their saved states, without its process: for tests that look at the logits."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.contracts import ChatRequest, Message
from models.snapshots.folder import Snapshots
from models.snapshots.key import Setup
from models.snapshots.terms import Terms
from models.worker.early import read_early
from models.worker.engine import Engine
from models.worker.keeping import Keeping
from models.worker.meanwhile import Meanwhile
from models.worker.prefix import SharedPrefix
from models.worker.setup import setup_of

SYSTEM = Message("system", "You are kind. " * 40)  # 560 tokens: some four chunks
LONG = Message("user", "Tell me of the sea and of ships. " * 16)
ANSWER = Message("assistant", "The sea is wide. " * 8)
MORE = Message("user", "And of the wind?")
KEY = bytes(range(32))
KEPT = Terms()


def stay() -> None:
    pass


def render(messages: Sequence[Message]) -> list[int]:
    return [byte for message in messages for byte in f"<{message.role}>{message.text}".encode()]


class Talker:
    """What a worker does with a request, without its process."""

    def __init__(self, path: Path, folder: Snapshots, **options: Any) -> None:
        self.engine = Engine(path, threads=1, n_ctx=options.pop("n_ctx", 4096), careful=options.pop("careful", True))
        self.engine.open()
        change: Callable[[Setup], Setup] = options.pop("change", lambda setup: setup)
        self.folder, self.base = folder, options.pop("base", "ab" * 32)
        setup = change(setup_of(self.engine, self.base, "1"))
        self.keeping = Keeping(self.engine, folder, setup, "tiny", **options)

    def ask(self, *messages: Message, keep: str = "one", terms: Terms = KEPT) -> dict[str, Any]:
        """The fields of Finished, and the logits after the prompt; a few tokens are answered."""
        tokens = render(messages)
        self.begin(tokens, messages, keep, terms)
        reused = self.engine.read(tokens, stay)
        logits = self.logits()
        for token in b"yes":
            self.engine.push([token])
        finished = self.keeping.end({"reused": reused})
        self.keeping.settle()
        return {**finished, "logits": logits, "evaluated": self.engine.evaluated}

    def warm(self) -> int:
        """As a worker does at its start; what is read of the disk comes from a thread."""
        early = Meanwhile("state", lambda: read_early(self.folder, self.base))
        return self.keeping.warm(early.result)

    def begin(self, tokens: list[int], messages: tuple[Message, ...], keep: str, terms: Terms) -> None:
        shared = SharedPrefix().length(tokens, ChatRequest(messages), render)
        self.engine.part(shared)
        self.keeping.begin(keep, tokens, shared, terms)

    def whole(self, *messages: Message) -> int:
        """How many tokens of such a prompt stand in whole chunks."""
        return self.engine.cut.whole(len(render(messages)))

    @property
    def beginning(self) -> int:
        """How many tokens every thread under SYSTEM begins with, in whole chunks."""
        return self.engine.cut.whole(len(render([SYSTEM])) + len(b"<user>"))

    def logits(self) -> list[float]:
        return list(self.engine.logits()[:260])

    def cold(self, *messages: Message) -> list[float]:
        self.engine.forget()
        self.engine.read(render(messages), stay)
        return self.logits()
