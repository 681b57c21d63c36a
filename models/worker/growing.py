"""Room in a model's memory, taken as a conversation needs it.

llama.cpp writes zeros over all of it when a context is made: with half a billion parameters that is 150 MB and 200 ms
more for 16,384 tokens than for 4,096. So a context begins small and is made anew, twice as large, with all that it
remembers.
"""

from __future__ import annotations

import ctypes
from typing import Any

from models.devices.window import LEAST

FIRST_TOKENS = LEAST  # that there is room for at first
SHORT = "There was no room in memory for {planned:,} tokens, so the model holds {fewer:,}."
SCALED = ".rope.scaling.original_context_length"
VALUE_BYTES = 256


def grows(lib: Any, model: Any) -> bool:
    """Whether a larger context computes the same with what a smaller one remembers. A state of a sliding window comes
    back in other slots, one that recurs is small; and where tokens stand may be counted by another measure in a longer
    context, as a header with such a key says."""
    one_by_one = lib.llama_model_is_recurrent(model) or lib.llama_model_is_hybrid(model) or lib.llama_model_n_swa(model)
    return not (one_by_one or _value(lib, model, _value(lib, model, "general.architecture") + SCALED))


def next_room(room: int, tokens: int, most: int) -> int:
    """Twice as much, or more, so that so many tokens have room."""
    while room < tokens:
        room *= 2
    return min(room, most)


def is_there(bytes_: int) -> bool:
    """So much memory, before it is written to: a system may promise more than it has, and end the process then."""
    from models.devices.memory import look

    return bytes_ <= look().available_bytes


def _value(lib: Any, model: Any, key: str) -> str:
    """Of a header's key, as text; empty where there is none."""
    found = ctypes.create_string_buffer(VALUE_BYTES)
    count = lib.llama_model_meta_val_str(model, key.encode(), found, VALUE_BYTES)
    return found.value.decode("utf-8", "replace") if count >= 0 else ""
