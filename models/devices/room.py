"""Refuses a model that this machine cannot hold before any of it is loaded, and warns of one that will be slow."""

from __future__ import annotations

from pathlib import Path

from models.devices.memory import Memory
from models.devices.records import Plan
from models.devices.verdict import gigabytes
from models.errors import ModelTooLargeError

CHOOSE = "Close other programs and try again, or choose a smaller model, or a smaller type of this one (such as Q4)."


def check_room(plan: Plan, memory: Memory, path: Path) -> str:
    """What the user should know though it fits; empty when there is nothing. Raises ModelTooLargeError.

    The part of the file that is mapped may come and go, so only what is held must be free; but a file larger than the
    whole memory would be read again for every word.
    """
    needed, free, total = map(gigabytes, (plan.memory_bytes, memory.available_bytes, memory.total_bytes))
    if not fits(plan, memory):
        limit = f", because of {memory.bound}" if memory.bound else ""
        words = f"This model needs {needed} of memory; {free} of {total} are free{limit}."
        raise ModelTooLargeError(words, str(path), CHOOSE)
    if plan.memory_bytes > memory.available_bytes:
        return f"This model needs {needed} and {free} are free: it will be slow while other programs hold the rest."
    return ""


def fits(plan: Plan, memory: Memory) -> bool:
    return plan.held_bytes <= memory.available_bytes and plan.memory_bytes <= memory.total_bytes
