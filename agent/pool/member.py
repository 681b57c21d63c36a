"""One worker of the pool: what is known of it, and how it is shown. The pool's lock guards everything in here."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.pool.policy import BY_WORDS, Policy, Why
from models.contracts import ChatRequest, ModelPort, State

RESTING = "resting"  # the word for it in events; a host only knows that it is stopped, and the reason it was given
STARTER = "starter"


@runtime_checkable
class Restable(Protocol):
    """A model whose process can be let go and comes back with the next request (models.host.ModelHost)."""

    def rest(self, why: str) -> bool: ...

    def probed_s(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model is shown: a phase of models.contracts, or "resting"; `why` in words."""

    state: str
    why: str = ""


@dataclass(slots=True)
class Member:
    name: str
    model: ModelPort
    policy: Policy
    state: State
    used_at: float  # a monotonic clock's reading
    moved_at: float  # unix seconds: up, resting, or another process, since then
    warming: bool = False  # the hidden request is planned,
    reading: bool = False  # and under way
    read_under: str = ""  # hash of the settings whose beginning this process has read; "": none yet
    failed_under: str = ""  # and of those whose beginning could not be read, by whichever process
    beginning: ChatRequest | None = None  # what it was, where that is known
    memory_bytes: int = 0  # when it was last let go
    told: Standing | None = None

    @property
    def talks(self) -> bool:
        """Whether it is a chat model, as far as that is known. The starter is small and stays."""
        return self.state.info.kind == "chat" if self.state.info else self.name != STARTER

    @property
    def resting(self) -> Why | None:
        return BY_WORDS.get(self.state.reason) if self.state.phase == "stopped" else None

    def standing(self, *, warms: bool) -> Standing:
        """`warms`: one that has read nothing yet is not shown as ready."""
        if self.resting is not None:
            return Standing(RESTING, self.state.reason)
        unread = self.talks and not self.read_under and not self.failed_under
        cold = warms and unread and self.state.phase in ("ready", "busy")
        return Standing("starting") if cold else Standing(self.state.phase, self.state.reason)
