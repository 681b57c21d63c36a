"""One model and one context, by llama.cpp's low-level calls: tokens in, logits out.

The prompt is always read in chunks (chunks.py), and only whole chunks of an earlier prompt are kept. So what is reused
is bit for bit what would have been computed again, and no answer depends on what was asked before (README, why 3).
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from models.devices.attention import keeps_scores
from models.devices.window import LEAST
from models.errors import ContextFullError, ModelError, ModelFileBadError
from models.worker import growing, library
from models.worker.chunks import CHUNK, Cut

PARTING_MIN = 2 * CHUNK  # a shorter beginning is soon read again
PIECE_BYTES = 256
SMALL_PARAMETERS = 60_000_000
THREADS_MAX = 8

__all__ = ["CHUNK", "Cut", "Engine", "Leave"]

Leave = Callable[[], None]  # called between steps; raises to end the request
Place = Callable[[Any, Any], Any]  # writes into llama_model_params; what it returns is kept until the model is loaded


class Engine:
    """`steps` counts what was computed: a watcher sees that work gets on. Not thread-safe."""

    def __init__(
        self, path: Path, *, threads: int, n_ctx: int, careful: bool = False,
        place: Place = lambda _settings, _lib: None,
    ) -> None:  # fmt: skip
        """`threads` 0: as many as suit; `careful`: leave out the processor-specific copies of the weights; `place`:
        says which layers go on which device."""
        self.lib = library.load()
        self._log = library.listen(self.lib)
        self.steps = 0
        self.lib.llama_backend_init()
        self._path = path
        self._model = self._load(path, careful, place)
        self._check_writes()
        self.vocab = self.lib.llama_model_get_vocab(self._model)
        self.n_ctx_train = self.lib.llama_model_n_ctx_train(self._model)
        self.adds_bos = bool(self.lib.llama_vocab_get_add_bos(self.vocab))
        self.bos = self._text_of(self.lib.llama_vocab_bos(self.vocab))
        self.eos = self._text_of(self.lib.llama_vocab_eos(self.vocab))
        self.parameters = self.lib.llama_model_n_params(self._model)
        self.recurrent = bool(
            self.lib.llama_model_is_recurrent(self._model) or self.lib.llama_model_is_hybrid(self._model)
        )
        self.window = self.lib.llama_model_n_swa(self._model)  # tokens that a sliding window sees; 0: there is none
        self._context: Any = None
        self._batch: Any = None
        self._held: list[int] = []  # tokens in the memory
        self._whole = 0  # how many of them were read as whole chunks
        self._cut = Cut()  # into which ones
        self.cut = Cut()  # how the next prompt is to be cut
        self.restored = 0  # how many of them were taken from a saved state and not asked about yet
        self.evaluated = 0  # tokens that the last `read` computed
        self.parted_at = 0.0  # when it had come to what is not shared by all conversations, on the clock perf_counter
        self.passed: Callable[[int], None] | None = None  # told, while it reads, how many tokens stand in whole chunks
        self.threads = threads or _threads_for(self.parameters)
        self.n_ctx = min(n_ctx, self.n_ctx_train) if self.n_ctx_train > 0 else n_ctx  # tokens that it holds at most
        self._room = 0  # tokens that the context was made for; it is made anew when they do not do
        self.short = ""  # why it holds fewer than was planned
        self._at_once = CHUNK
        self._buffer = ctypes.create_string_buffer(PIECE_BYTES)

    def open(self, batch: int = CHUNK) -> None:
        """Make the context for at most `batch` tokens at once; apart from loading so that its time is its own span."""
        self._at_once = batch
        self.settings = settings = self.lib.llama_context_default_params()
        settings.n_batch = settings.n_ubatch = batch
        settings.n_outputs_max = 1  # scores of one token at a time: with 150,000 words 73 MB less
        settings.n_threads = settings.n_threads_batch = self.threads
        if batch <= CHUNK and keeps_scores(self.n_ctx) and not self.on_card:
            settings.flash_attn_type = self.lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        small = not self.on_card and growing.grows(self.lib, self._model)  # a card may be full of others' work later
        if not self._make(min(self.n_ctx, growing.FIRST_TOKENS) if small else self.n_ctx):
            self._fall_back()
        if not self._memory or not self.lib.llama_model_has_decoder(self._model):
            raise self._writes_otherwise()
        self._batch = made = self.lib.llama_batch_init(batch, 0, 1)
        # looking such a field up takes longer than writing to it
        self._cells = made.token, made.pos, made.n_seq_id, made.seq_id, made.logits

    def _check_writes(self) -> None:
        """A header may keep silent about what llama.cpp then finds. One for search has an encoder alone."""
        lib, model = self.lib, self._model
        if lib.llama_model_is_diffusion(model) or (
            lib.llama_model_has_encoder(model) and lib.llama_model_has_decoder(model)
        ):
            raise self._writes_otherwise()

    def _writes_otherwise(self) -> ModelFileBadError:
        return ModelFileBadError(
            "This model does not write text word by word, so Carryon cannot talk with it.", str(self._path),
            "Choose a chat model.",
        )  # fmt: skip

    def _make(self, tokens: int) -> bool:
        """A context for so many; False: there is no room for it."""
        self.settings.n_ctx = tokens
        self._context = self.lib.llama_init_from_model(self._model, self.settings)
        if not self._context:
            return False
        self._memory = self.lib.llama_get_memory(self._context)
        self._room = int(self.lib.llama_n_ctx(self._context))
        self.n_ctx = max(self.n_ctx, self._room)  # it rounds up
        return True

    def _fall_back(self) -> None:
        """Once, to what any model is given."""
        planned, self.n_ctx = self.n_ctx, min(self.n_ctx, LEAST)
        self.short = growing.SHORT.format(planned=planned, fewer=self.n_ctx)
        if planned <= LEAST or not self._make(self.n_ctx):
            raise ModelError(
                f"The model could not be given room for {self.n_ctx:,} tokens.{_complaint()}", str(self._path),
                "Close other programs, or choose a smaller model.",
            )  # fmt: skip

    def _load(self, path: Path, careful: bool, place: Place) -> Any:
        self.loading = settings = self.lib.llama_model_default_params()
        settings.use_extra_bufts = not careful
        settings.load_mode = self.lib.LLAMA_LOAD_MODE_MMAP
        placed = place(settings, self.lib)

        def progress(_part: float, _data: object) -> bool:
            self.steps += 1
            return True

        settings.progress_callback = callback = self.lib.llama_progress_callback(progress)
        model = self.lib.llama_model_load_from_file(os.fsencode(path), settings)
        del callback, placed
        if not model:
            raise ModelFileBadError(
                f"llama.cpp cannot load this model.{_complaint()}", str(path),
                "Fetch it again, or choose another model.",
            )  # fmt: skip
        return model

    @property
    def on_card(self) -> bool:
        """Whether some of it may be on a graphics card."""
        return self.loading.n_gpu_layers != 0 and bool(self.lib.llama_supports_gpu_offload())

    @property
    def model(self) -> Any:
        """llama.cpp's handle, for a context beside this one."""
        return self._model

    # -- text and tokens -----------------------------------------------------------------------------------------

    def tokenize(self, text: str, *, special: bool, begin: bool = False) -> list[int]:
        """`special`: control tokens written in the text count as such; `begin`: add BOS where the model wants it."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (self.lib.llama_token * room)()
        count = self.lib.llama_tokenize(self.vocab, data, len(data), tokens, room, begin, special)
        if count < 0:
            raise ModelError("The text could not be cut into tokens.", str(self._path), "Choose another model.")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a control token."""
        count = self.lib.llama_token_to_piece(self.vocab, token, self._buffer, PIECE_BYTES, 0, False)
        if count >= 0:
            return self._buffer.raw[:count]
        large = ctypes.create_string_buffer(-count)
        return large.raw[: self.lib.llama_token_to_piece(self.vocab, token, large, -count, 0, False)]

    def ends(self, token: int) -> bool:
        return bool(self.lib.llama_vocab_is_eog(self.vocab, token))

    def _text_of(self, token: int) -> str:
        """A token as written in the vocabulary, control tokens too; empty for none (-1)."""
        return self.lib.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace") if token >= 0 else ""

    def chat_template(self) -> str | None:
        found = self.lib.llama_model_chat_template(self._model, None)
        return found.decode("utf-8", "replace") if found else None

    # -- computing -----------------------------------------------------------------------------------------------

    def read(self, tokens: Sequence[int], leave: Leave) -> int:
        """Bring the memory to exactly `tokens`; the logits of the last are ready then. How many were reused."""
        if not 0 < len(tokens) <= self.n_ctx or not self.has_room(len(tokens) - len(self._held)):
            raise ContextFullError(
                f"This needs {len(tokens):,} tokens; the model can hold {self.n_ctx:,}.", str(self._path),
                "Reset the conversation or send less.", used=len(tokens), limit=self.n_ctx,
            )  # fmt: skip
        keep = self._trim(tokens)
        self._cut, self.evaluated, start = self.cut, 0, keep
        while start < len(tokens):
            leave()
            end = self.cut.end(start, len(tokens))
            if start <= self.cut.parting or start == keep:
                self.parted_at = time.perf_counter()
            self._decode(tokens[start:end], last=end == len(tokens))
            self.evaluated += end - start
            start = end
            if self.cut.whole(end) == end:
                self._whole = end
                if self.passed is not None:
                    self.passed(end)
        return keep

    def part(self, shared: int) -> None:
        """Have the next prompt cut where what all conversations begin with ends, unless that is short. A saved sliding
        window comes back in other slots: only where these are whole chunks apart are the sums the same."""
        self.cut = Cut(shared if shared >= PARTING_MIN and not self.window else 0)

    def read_both_ways(self, tokens: Sequence[int]) -> None:
        """Read a prompt from nothing, each token seeing those after it too; what is pushed then sees only back."""
        if not 0 < len(tokens) <= self._at_once:
            raise ContextFullError(
                f"This needs {len(tokens):,} tokens at once; the model reads {self._at_once:,}.", str(self._path),
                "Send less.", used=len(tokens), limit=self._at_once,
            )  # fmt: skip
        self.forget()
        self.lib.llama_set_causal_attn(self._context, False)
        try:
            self._decode(tokens, last=True)
        finally:
            self.lib.llama_set_causal_attn(self._context, True)

    def rewind(self, length: int) -> None:
        """Drop what was read after the first `length` tokens."""
        self.lib.llama_memory_seq_rm(self._memory, 0, length, -1)
        del self._held[length:]

    def push(self, tokens: Sequence[int]) -> None:
        """Read at most CHUNK more tokens."""
        self._decode(tokens, last=True)

    def has_room(self, more: int = 1) -> bool:
        """For so many tokens behind those in the memory. The context grows for them, as far as was planned."""
        tokens = len(self._held) + more
        return tokens <= self._room or (tokens <= self.n_ctx and self._grow(tokens))

    def logits(self) -> Any:
        """Scores of every token after the last one read; valid until the next is read."""
        return self.lib.llama_get_logits_ith(self._context, -1)

    def sample(self, sampler: Any) -> int:
        return int(self.lib.llama_sampler_sample(sampler, self._context, -1))

    def forget(self) -> None:
        self.lib.llama_memory_clear(self._memory, False)
        self._held, self._whole, self.restored = [], 0, 0

    def shared(self, tokens: Sequence[int]) -> int:
        """How many tokens of a prompt stand in the memory in whole chunks and can be kept; the last is always read."""
        pairs = zip(self._held[: self._whole], tokens[:-1], strict=False)
        same = self.alike(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))
        return same if same == len(self._held) or not self.recurrent else 0

    def alike(self, length: int) -> int:
        """How many of so many tokens, the same in memory and prompt, are cut alike in both."""
        return self.cut.alike(self._cut, length)

    def _trim(self, tokens: Sequence[int]) -> int:
        keep = self.shared(tokens)
        if keep == 0 or not self._shorten(keep):
            self.forget()
            return 0
        return keep

    def _shorten(self, keep: int) -> bool:
        """Drop what was read after `keep` tokens. False: this kind of memory cannot go back there."""
        if keep < len(self._held) and not self._goes_back_to(keep):
            return False
        self._held, self._whole = self._held[:keep], min(self._whole, keep)
        self.restored = min(self.restored, keep)
        return True

    def _goes_back_to(self, keep: int) -> bool:
        """Drop what came after, if what must have been before is there: a saved state holds no more of a sliding window
        than it saw then, and llama.cpp would go back all the same."""
        oldest = self.lib.llama_memory_seq_pos_min(self._memory, 0)
        needed = max(0, keep - self.window) if self.window else 0
        if not self.recurrent and oldest > needed:
            return False
        return bool(self.lib.llama_memory_seq_rm(self._memory, 0, keep, -1))

    def _grow(self, tokens: int) -> bool:
        """Make the context anew, larger, with all that it remembers. False: there is no room for that; from then on it
        holds what it holds now."""
        room, whole, restored, held, cut = self._room, self._whole, self.restored, self._held, self._cut
        state = self.state() if held else bytearray()
        self.lib.llama_free(self._context)
        larger = growing.next_room(room, tokens, self.n_ctx)
        grown = growing.is_there(len(state) * larger // max(len(held), 1)) and self._make(larger)
        if not grown:
            self.short, self.n_ctx = growing.SHORT.format(planned=self.n_ctx, fewer=room), room
        if not (grown or self._make(room)) or (held and not self.restore(held, cut, state, 0)):
            raise ModelError(
                f"The model lost its memory while room was made for it.{_complaint()}", str(self._path),
                "Close other programs and ask once more.",
            )  # fmt: skip
        self._whole, self.restored = whole, restored
        return grown

    # -- the memory as bytes -------------------------------------------------------------------------------------

    @property
    def held(self) -> Sequence[int]:
        """The tokens in the memory."""
        return self._held

    def keep_whole(self) -> bool:
        """Drop what was not read in whole chunks, as the next prompt would; False: that cannot be."""
        return self._whole > 0 and self._shorten(self._whole)

    def state_bytes(self) -> int:
        return int(self.lib.llama_state_seq_get_size(self._context, 0))

    def state(self, before: bytes = b"") -> bytearray:
        """The memory as llama.cpp writes it down, behind `before`."""
        size = self.state_bytes()
        data = bytearray(len(before) + size)
        data[: len(before)] = before
        place = (ctypes.c_uint8 * size).from_buffer(data, len(before))
        if self.lib.llama_state_seq_get_data(self._context, place, size, 0) != size:
            raise ModelError("llama.cpp could not write down its memory.", str(self._path), "Ask once more.")
        return data

    def restore(self, tokens: Sequence[int], cut: Cut, data: bytearray, start: int) -> bool:
        """Take up what `state` wrote (in `data` from `start` on) when exactly `tokens` had been read, whole chunks of
        `cut`. llama.cpp does not check the bytes. False: it would not have them; the memory is empty then."""
        self.forget()
        if not self.has_room(len(tokens)):
            return False
        size = len(data) - start
        place = (ctypes.c_uint8 * size).from_buffer(data, start)
        took = self.lib.llama_state_seq_set_data(self._context, place, size, 0)
        if took != size or self.lib.llama_memory_seq_pos_max(self._memory, 0) != len(tokens) - 1:
            self.forget()
            return False
        self._held, self._cut = list(tokens), cut
        self._whole = self.restored = len(tokens)
        return True

    def _decode(self, tokens: Sequence[int], *, last: bool) -> None:
        batch, at = self._batch, len(self._held)
        words, places, counts, sequences, scored = self._cells
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            words[index] = token
            places[index] = at + index
            counts[index] = 1
            sequences[index][0] = 0
            scored[index] = 0
        scored[len(tokens) - 1] = last
        code = self.lib.llama_decode(self._context, batch)
        self.steps += 1
        if code != 0:
            self.forget()
            raise ModelError(
                f"llama.cpp could not compute (code {code}).{_complaint()}", str(self._path), "Try again."
            )  # fmt: skip
        self._held.extend(tokens)


def _threads_for(parameters: int) -> int:
    """A small model is done before a second thread has woken up; a large one gains up to the real cores."""
    if parameters < SMALL_PARAMETERS:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(THREADS_MAX, cores if cores <= 4 else cores // 2))  # above four, half are usually hyper-threads


def _complaint() -> str:
    return f" It said: {library.complaints[-1][:300]}" if library.complaints else ""
