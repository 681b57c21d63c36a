"""Does a model fit this machine, and how fast would it talk? Numbers first, then a verdict in plain words.

To say a token a model reads all weights that work on it once. So tokens a second are bytes that this machine was
measured to read a second, by bytes that the model reads a token; what else is to compute is small beside that.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from models.gallery.speed import Speed

CONTEXT = 4_096  # tokens; the context that Carryon opens a model with
CONTEXT_BYTES = 150_000  # a token, of what is remembered: as models of 1 to 15 B parameters need it, or less
BESIDES_BYTES = 300_000_000  # program, tokenizer, room to compute
KEPT_FREE_BYTES, KEPT_FREE_SHARE = 1_500_000_000, 0.15  # of the memory, for the system and other programs
CARD_SHARE = 0.9  # of a graphics card's free memory
WORDS_A_TOKEN = 0.75  # in English; fewer in other languages
SLOW_BELOW = 4.0  # words a second: as fast as people read
Verdict = Literal["fits", "slow", "tight", "too large"]


@dataclass(frozen=True, slots=True)
class Machine:
    """`card_bytes`: free memory of a graphics card that llama.cpp can use, 0 without one; `speed`: None before it was
    measured."""

    memory_bytes: int
    available_bytes: int
    cores: int
    card_bytes: int = 0
    speed: Speed | None = None

    @property
    def usable_bytes(self) -> int:
        """What a model may take at most, once other programs are closed."""
        return self.memory_bytes - max(KEPT_FREE_BYTES, int(self.memory_bytes * KEPT_FREE_SHARE))


@dataclass(frozen=True, slots=True)
class Fit:
    """`needs_bytes`: of memory, with a context of 4,096 tokens; `tokens_per_second` None: not measured; `how`: what the
    speed was reckoned from."""

    verdict: Verdict
    words: str
    needs_bytes: int
    on_card: bool = False
    tokens_per_second: float | None = None
    words_per_second: float | None = None
    how: str = ""


def this_machine(speed: Speed | None = None, card_bytes: int = 0) -> Machine:
    from models.devices.memory import look

    memory = look()
    return Machine(memory.total_bytes, memory.available_bytes, os.cpu_count() or 1, card_bytes, speed)


def judge(size_bytes: int, bytes_a_token: int, machine: Machine) -> Fit:
    """`size_bytes`: of the model's file or files; `bytes_a_token`: of them that are read for one token."""
    needs = size_bytes + CONTEXT * CONTEXT_BYTES + BESIDES_BYTES
    on_card = 0 < needs <= machine.card_bytes * CARD_SHARE
    tokens = machine.speed.bytes_per_second / bytes_a_token if machine.speed else None
    words = tokens * WORDS_A_TOKEN if tokens is not None else None
    verdict = _verdict(needs, on_card, words, machine)
    how = _how(bytes_a_token, machine.speed) if machine.speed else ""
    if verdict == "too large":
        tokens, words, how = None, None, ""
    return Fit(verdict, _words(verdict, needs, on_card, words, machine), needs, on_card, tokens, words, how)


def _verdict(needs: int, on_card: bool, words: float | None, machine: Machine) -> Verdict:
    if not on_card and needs > machine.usable_bytes:
        return "too large"
    if not on_card and needs > machine.available_bytes:
        return "tight"
    return "slow" if words is not None and words < SLOW_BELOW else "fits"


def _words(verdict: Verdict, needs: int, on_card: bool, words: float | None, machine: Machine) -> str:
    pace = f"about {_count(words)} a second" if words is not None else "its speed was not measured"
    where = " on the graphics card" if on_card else ""
    if verdict == "too large":
        return f"Too large: it needs {_gb(needs)} of memory, and {_gb(machine.usable_bytes)} can be had here."
    if verdict == "tight":
        free = _gb(machine.available_bytes)
        return f"Fits once other programs are closed: it needs {_gb(needs)}, {free} are free now; {pace}."
    if verdict == "slow":
        return f"Fits{where}, but slow: {pace}."
    return f"Fits well{where}: {pace}."


def _count(words: float) -> str:
    if words < 1:
        return f"{words:.1f} words"
    return "1 word" if round(words) == 1 else f"{words:,.0f} words"


def _how(bytes_a_token: int, speed: Speed) -> str:
    return (
        f"Estimated: this machine was measured to read {speed.bytes_per_second / 1e9:.1f} GB of weights a second with "
        f"{speed.threads} threads; this model reads {bytes_a_token / 1e9:.1f} GB for each token."
    )


def _gb(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
