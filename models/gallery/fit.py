"""Does a model fit this machine, and how fast would it talk? Numbers first, then a verdict in plain words.

To say a token a model reads all weights that work on it once. So tokens a second are bytes that this machine was
measured to read a second, by bytes that the model reads a token; what else is to compute is small beside that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.devices.records import Device
from models.gallery.cards import NO_CARDS, Cards, cards_of
from models.gallery.speed import Speed

CONTEXT = 4_096  # tokens; the least that Carryon plans for, and what a worker takes room for at first
CONTEXT_BYTES = 150_000  # a token, of what is remembered: as models of 1 to 15 B parameters need it, or less
BESIDES_BYTES = 300_000_000  # program, tokenizer, room to compute
KEPT_FREE_BYTES, KEPT_FREE_SHARE = 1_500_000_000, 0.15  # of the memory, for the system and other programs
PART_MIN = 0.1  # of a model on a graphics card, to be worth a word
WORDS_A_TOKEN = 0.75  # in English; fewer in other languages
SLOW_BELOW = 4.0  # words a second: as fast as people read
Verdict = Literal["fits", "slow", "tight", "too large"]


@dataclass(frozen=True, slots=True)
class Machine:
    """`cards`: what graphics cards have room for, as they were reported; `speed`: None before it was measured."""

    memory_bytes: int
    available_bytes: int
    cores: int
    cards: Cards = NO_CARDS
    speed: Speed | None = None

    @property
    def usable_bytes(self) -> int:
        """What a model may take of the memory at most, once other programs are closed."""
        return self.memory_bytes - max(KEPT_FREE_BYTES, int(self.memory_bytes * KEPT_FREE_SHARE))

    @property
    def added_bytes(self) -> int:
        """What cards with memory of their own can take off the machine's."""
        return 0 if self.cards.shared else self.cards.room_bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """`needs_bytes`: of memory, with a context of 4,096 tokens; `card_share`: how much of that has room on graphics
    cards, 1 where all of it; `tokens_per_second` None: not measured; `how`: what the speed was reckoned from."""

    verdict: Verdict
    words: str
    needs_bytes: int
    card_share: float = 0.0
    tokens_per_second: float | None = None
    words_per_second: float | None = None
    how: str = ""

    @property
    def on_card(self) -> bool:
        return self.card_share == 1


def this_machine(speed: Speed | None = None, devices: Sequence[Device] = ()) -> Machine:
    """`devices`: as a worker reported them (models.host.devices)."""
    from models.devices.memory import look

    memory = look()
    cards = cards_of(devices, memory)
    return Machine(memory.total_bytes, memory.available_bytes, os.cpu_count() or 1, cards, speed)


def judge(size_bytes: int, bytes_a_token: int, machine: Machine) -> Fit:
    """`size_bytes`: of the model's file or files; `bytes_a_token`: of them that are read for one token."""
    needs = size_bytes + CONTEXT * CONTEXT_BYTES + BESIDES_BYTES
    share = _card_share(needs, machine)
    tokens = machine.speed.bytes_per_second / bytes_a_token if machine.speed else None
    words = tokens * WORDS_A_TOKEN if tokens is not None else None
    verdict = _verdict(needs, share, words, machine)
    how = _how(bytes_a_token, machine.speed) if machine.speed else ""
    if verdict == "too large":
        tokens, words, how = None, None, ""
    return Fit(verdict, _words(verdict, needs, share, words, machine), needs, share, tokens, words, how)


def _card_share(needs: int, machine: Machine) -> float:
    """What is too little to help counts as nothing; so does a part on a card without memory of its own."""
    if needs <= machine.cards.room_bytes:
        return 1.0
    share = machine.added_bytes / needs
    return share if share >= PART_MIN else 0.0


def _verdict(needs: int, share: float, words: float | None, machine: Machine) -> Verdict:
    beside = needs - int(needs * share)
    if beside > machine.usable_bytes:
        return "too large"
    if beside > machine.available_bytes:
        return "tight"
    return "slow" if words is not None and words < SLOW_BELOW else "fits"


def _words(verdict: Verdict, needs: int, share: float, words: float | None, machine: Machine) -> str:
    at_most = "at most " if 0 < share < 1 else ""  # the speed was measured with everything in one place
    pace = f"{at_most}about {_count(words)} a second" if words is not None else "its speed was not measured"
    where = _where(share)
    beside = needs - int(needs * share)
    if verdict == "too large":
        card = f" and {_gb(machine.added_bytes)} on the graphics card" if machine.added_bytes else ""
        return f"Too large: it needs {_gb(needs)} of memory, and {_gb(machine.usable_bytes)}{card} can be had here."
    if verdict == "tight":
        free = _gb(machine.available_bytes)
        off = " beside the graphics card" if share else ""
        return f"Fits once other programs are closed: it needs {_gb(beside)}{off}, {free} are free now; {pace}."
    if verdict == "slow":
        return f"Fits{where}, but slow: {pace}."
    return f"Fits well{where}: {pace}."


def _where(share: float) -> str:
    if not share:
        return ""
    return " on the graphics card" if share == 1 else f", {share:.0%} of it on the graphics card"


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
