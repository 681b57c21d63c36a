"""Takes up saved states before a prompt is read, and writes new ones when its answer has ended.

Two kinds: the beginning that all conversations of a setup share, and each conversation that the request names. What a
restore was worth is counted in tokens computed, not believed: where it saved none, that is said once and given up.
A state that cannot be used costs its own time and nothing else; every way out of here leads to reading the prompt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.errors import ModelError
from models.snapshots.folder import Marks, Snapshots
from models.snapshots.form import WHATS, DamagedError, What
from models.snapshots.key import Setup, common, conversation_digest, difference, packed, setup_digest, tokens_digest
from models.snapshots.names import conversation_name, prefix_name
from models.snapshots.packing import Saved, pack
from models.snapshots.seal import key_id
from models.snapshots.terms import Terms
from models.worker.chunks import CHUNK, Cut
from models.worker.early import Early
from models.worker.engine import Engine

TOKENS_MIN = 2 * CHUNK  # fewer are read anew; also how many must be new before a conversation is written again
SMALL_BYTES, NEW_SHARE = 64 * 1024 * 1024, 4  # of a larger state a quarter must be new

USELESS = (
    "A saved state was loaded, but this model had to read the text again all the same; "
    "its kind of memory cannot be taken up there. Saved states are left off for it."
)
DAMAGED = "A saved state was damaged ({why}); it was put aside and the text was read anew."
REFUSED = "A saved state was not used: it was {why}. The text was read anew."
NOT_LOADED = "A saved state could not be loaded ({why}); the text was read anew."
NOT_KEPT = "The model's state could not be saved ({why}); going on later takes longer."
TOO_LARGE = (
    "The model's state was not saved: it takes {size} MB, and {room} MB are the most for one; "
    "going on later takes longer."
)


@dataclass(slots=True)
class _Request:
    """One chat on its way. `prefix`, `written`: tokens, in whole chunks, of the shared beginning and of what is on the
    disk of this conversation; `due`: at how many tokens which state is to be taken while the prompt is read."""

    terms: Terms
    setup: Setup
    tokens: Sequence[int]
    cut: Cut
    prefix: int
    conversation: str
    marks: Marks
    written: int = 0
    loaded: int = 0  # tokens that should not have to be read, because a snapshot holds them
    fitting: set[What] = field(default_factory=set)  # what is on the disk and may be used
    due: dict[int, What] = field(default_factory=dict)
    taken: list[tuple[What, int, bytearray]] = field(default_factory=list)

    @property
    def whole(self) -> int:
        """Where the last whole chunk of the prompt ends that another prompt can share."""
        return self.cut.whole(len(self.tokens) - 1)

    def wants(self, what: What) -> bool:
        return bool(self.conversation) if what == "conversation" else self.prefix >= TOKENS_MIN

    def name(self, what: What) -> str:
        sealed = self.terms.mode == "encrypted"
        if what == "conversation":
            return conversation_name(self.conversation, self.setup.base_sha256, sealed=sealed)
        digest = tokens_digest(self.tokens[: self.prefix], self.terms.key)
        return prefix_name(self.setup.base_sha256, digest, sealed=sealed)


class Keeping:
    """`whole_only`: whether a state serves only a prompt that goes on where it ends; None: as the model's memory is."""

    def __init__(
        self, engine: Engine, snapshots: Snapshots, setup: Setup, model: str, *, whole_only: bool | None = None
    ) -> None:
        self._engine = engine
        self._snapshots = snapshots
        self._setup = setup
        self._model = model
        self._whole_only = engine.recurrent or engine.window > 0 if whole_only is None else whole_only
        self._mode = ""  # of the last request
        self._request: _Request | None = None
        self._notes: list[str] = []
        self._told: set[str] = set()

    def warm(self, early: Callable[[], Early | None]) -> int:
        """At the start: take up the beginning that was last of use; how many tokens. `early`: what was read of it
        meanwhile; it raises as `Snapshots.load` does."""
        with self._careful(NOT_LOADED):
            found = early() if self._usable(self._setup) else None
            if found and self._fits(found.saved, self._setup) and self._is_still_there(found):
                self._take_up(found.name, found.saved)
        return self._engine.restored

    # -- around a request ----------------------------------------------------------------------------------------

    def begin(self, keep: str, tokens: Sequence[int], shared: int, terms: Terms) -> None:
        """Before the prompt, `tokens`, is read. `keep`: the conversation's name, empty for none; `shared`: how many of
        the tokens all conversations of this setup begin with."""
        self._request, self._engine.passed = None, None
        if terms.why:
            self._tell(terms.why)
        setup = replace(self._setup, sealed_by=key_id(terms.key))
        with self._careful(NOT_LOADED):
            self._hold_to(terms)
            if terms.mode != "none" and self._usable(setup):
                self._begin(keep, tokens, self._engine.cut.whole(shared), terms, setup)

    def end(self, finished: dict[str, Any]) -> dict[str, Any]:
        """After it: the fields of Finished with what there is to say of states."""
        request, restored = self._request, min(finished["reused"], self._engine.restored)
        self._engine.restored = 0  # from now on these tokens are this process's own
        if request and request.loaded and self._engine.evaluated > len(request.tokens) - request.loaded:
            self._tell(USELESS)
            with self._careful(NOT_KEPT):
                self._snapshots.mark_useless(setup_digest(request.setup))
            self._request = None
        note, self._notes = " ".join(self._notes), []
        return {**finished, "restored": restored, "note": note}

    def settle(self) -> None:
        """When the answer has gone out: write what is due. What goes wrong is told with the next answer."""
        request, self._request, self._engine.passed = self._request, None, None
        if request is None:
            return
        with self._careful(NOT_KEPT):
            for what, length, payload in request.taken:
                self._save(request, what, list(request.tokens[:length]), payload)
        with self._careful(NOT_KEPT):
            if request.conversation and not self._whole_only:
                self._save_conversation(request)

    # -- taking up -----------------------------------------------------------------------------------------------

    def _begin(self, keep: str, tokens: Sequence[int], prefix: int, terms: Terms, setup: Setup) -> None:
        conversation = conversation_digest(keep) if keep else ""
        self._snapshots.make()
        marks = self._snapshots.marks(conversation)
        self._request = request = _Request(terms, setup, tokens, self._engine.cut, prefix, conversation, marks)
        for what in WHATS:
            with self._careful(NOT_LOADED):
                self._find(request, what)
        if request.wants("prefix") and "prefix" not in request.fitting:
            request.due[prefix] = "prefix"
        if conversation and self._whole_only:
            request.due.setdefault(request.whole, "conversation")
        if self._engine.restored:
            same = self._engine.alike(common(self._engine.held, tokens[: request.whole]))
            request.loaded = same if same == len(self._engine.held) or not self._whole_only else 0
        self._engine.passed = self._passed

    def _find(self, request: _Request, what: What) -> None:
        """Load it if there is one, it fits, and it is worth more than what is in the memory."""
        name = request.name(what)
        header = self._snapshots.header(name) if request.wants(what) else None
        if header is None:
            return
        if why := difference(request.setup, header.setup):
            self._tell(REFUSED.format(why=why))
            return
        same = tokens_digest(request.tokens[: header.tokens], request.terms.key) == header.tokens_sha256
        there = self._engine.shared(request.tokens)
        if header.tokens > there and (same or not self._whole_only):
            saved = self._load(name, request.setup, request.terms.key)
            if saved is None:
                return
            same_tokens = common(saved.tokens, request.tokens[: request.whole])
            if request.cut.alike(Cut(saved.header.parting), same_tokens) > there:
                self._take_up(name, saved)
        request.fitting.add(what)
        if what == "conversation" and same:
            request.written = header.tokens

    def _load(self, name: str, setup: Setup, key: bytes) -> Saved | None:
        """Checked once more as a whole: another process may have put another in its place."""
        saved = self._snapshots.load(name, key)
        return saved if saved and self._fits(saved, setup) else None

    def _fits(self, saved: Saved, setup: Setup) -> bool:
        if why := difference(setup, saved.header.setup):
            self._tell(REFUSED.format(why=why))
        return not why

    def _is_still_there(self, found: Early) -> bool:
        """It was read a while ago; it may have been purged since."""
        return self._snapshots.header(found.name) == found.saved.header

    def _take_up(self, name: str, saved: Saved) -> None:
        with self._snapshots.out_of_reach(name, saved.header.conversation):
            if not self._engine.restore(saved.tokens, Cut(saved.header.parting), saved.payload, saved.start):
                raise DamagedError("llama.cpp would not take it")
        self._snapshots.used(name)

    # -- writing -------------------------------------------------------------------------------------------------

    def _passed(self, length: int) -> None:
        """While the prompt is read: take the states that are due. Nothing is written yet."""
        request = self._request
        what = request.due.pop(length, None) if request else None
        if request and (what == "prefix" or (what and self._is_news(request, length))):
            with self._careful(NOT_KEPT):
                if (payload := self._payload(request.tokens[:length])) is not None:
                    request.taken.append((what, length, payload))

    def _save_conversation(self, request: _Request) -> None:
        """The prompt's own whole chunks; what was answered is read anew, as it would be without."""
        if not self._engine.keep_whole():
            return
        tokens = list(self._engine.held)
        if self._is_news(request, len(tokens)) and (payload := self._payload(tokens)) is not None:
            self._save(request, "conversation", tokens, payload)

    def _is_news(self, request: _Request, length: int) -> bool:
        """Whether a conversation of so many tokens is worth writing: a large state only when a quarter of it is new, so
        that a long thread does not wear out the disk."""
        new = length - max(request.written, request.prefix)
        return new >= TOKENS_MIN and (new * NEW_SHARE >= length or self._engine.state_bytes() <= SMALL_BYTES)

    def _payload(self, tokens: Sequence[int]) -> bytearray | None:
        size, room = self._engine.state_bytes() + len(packed(tokens)), self._snapshots.largest()
        if size > room:
            self._tell(TOO_LARGE.format(size=-(-size // 10**6), room=room // 10**6))
            return None
        return self._engine.state(packed(tokens))

    def _save(self, request: _Request, what: What, tokens: list[int], payload: bytearray) -> None:
        conversation = request.conversation if what == "conversation" else ""
        marks = request.marks if conversation else self._snapshots.marks("")
        header, data = pack(
            what, request.setup, tokens, payload, parting=request.cut.parting, conversation=conversation,
            model=self._model, key=request.terms.key,
        )  # fmt: skip
        self._snapshots.save(request.name(what), header, data, marks)

    # -- the rest ------------------------------------------------------------------------------------------------

    def _usable(self, setup: Setup) -> bool:
        return bool(setup.base_sha256) and not self._snapshots.is_useless(setup_digest(setup))

    def _hold_to(self, terms: Terms) -> None:
        if terms.room:
            self._snapshots.hold_budget(terms.room)
        if terms.mode != self._mode:
            self._mode = terms.mode
            self._snapshots.hold_to(terms.mode)

    @contextlib.contextmanager
    def _careful(self, words: str) -> Iterator[None]:
        """No fault of a file may end a request."""
        try:
            yield
        except DamagedError as error:
            self._tell(DAMAGED.format(why=error))
        except ModelError as error:
            self._tell(words.format(why=error.what))
        except OSError as error:
            self._tell(words.format(why=error.strerror or type(error).__name__))
        except MemoryError:
            self._tell(words.format(why="there was not enough memory"))

    def _tell(self, words: str) -> None:
        """Once in the life of the process, with the next answer."""
        if words not in self._told:
            self._told.add(words)
            self._notes.append(words)
