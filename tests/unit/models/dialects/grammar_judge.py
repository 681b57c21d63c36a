"""llama.cpp's own grammar, asked letter by letter whether it takes a text: the judge of every grammar made here."""

from pathlib import Path

from models.contracts import ChatRequest, Message
from models.worker.engine import Engine
from models.worker.sampling import Sampler


class Judge:
    def __init__(self, path: Path) -> None:
        self.engine = Engine(path, threads=1, n_ctx=64, careful=True)

    def takes(self, grammar: str, text: str, *, whole: bool = True) -> bool:
        """Whether the text is one of the grammar, or, with `whole` False, the beginning of one."""
        return self.taken(grammar, text, whole=whole) is None

    def taken(self, grammar: str, text: str, *, whole: bool = True) -> str | None:
        """None where it takes the text; else what it takes of it."""
        with Sampler(self.engine, ChatRequest((Message("user", ""),))) as sampler:
            assert sampler.constrain(grammar), f"llama.cpp refuses the grammar:\n{grammar[:2000]}"
            taken = b""
            for byte in text.encode():
                if not sampler._take(self._token(byte)):
                    return taken.decode(errors="replace")
                taken += bytes([byte])
            end = self.engine.lib.llama_vocab_eos(self.engine.vocab)
            return None if not whole or sampler._allows(end) else text + "…"

    def _token(self, byte: int) -> int:
        """The tiny model has a token for each byte."""
        if not hasattr(self, "_tokens"):
            pieces = {self.engine.piece(token): token for token in range(256)}
            self._tokens = [pieces[bytes([value])] for value in range(256)]
        return self._tokens[byte]
