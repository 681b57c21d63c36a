"""Why a worker ended, in words for the person in front of it."""

from __future__ import annotations

import signal
from collections.abc import Sequence

WORDS_MAX = 300
_OUT_OF_MEMORY = ("bad_alloc", "out of memory", "failed to allocate", "MemoryError", "Cannot allocate memory")

_SIGNALS = {
    "SIGKILL": "killed by the system (signal 9), often because memory ran out",
    "SIGTERM": "ended by the system or by another program (signal 15)",
    "SIGSEGV": "it crashed while reading memory (signal 11), often because of a damaged model file",
    "SIGABRT": "it gave up (signal 6), often because of a damaged or unsuitable model file",
    "SIGBUS": "the model file changed or its disk failed while in use (signal 7)",
    "SIGILL": "this processor lacks an instruction it was built for (signal 4)",
    "SIGFPE": "it failed in a calculation (signal 8)",
}
_WINDOWS = {
    0xC0000005: "it crashed while reading memory, often because of a damaged model file",
    0xC0000017: "there was not enough memory",
    0xC000001D: "this processor lacks an instruction it was built for",
    0xC0000409: "it gave up, often because of a damaged or unsuitable model file",
}
_EXITS = {
    0: "it ended by itself",
    2: "it did not understand the request",
    4: "the model's chat template did not end",
    5: "it met an error that it did not foresee",
    6: "the graphics card could not be used, so it is started again without",
}


def why(code: int | None, last_words: Sequence[str]) -> str:
    """A sentence from the exit code (negative: a signal) and the last lines on stderr."""
    said = " ".join(line.strip() for line in last_words[-3:] if line.strip())[-WORDS_MAX:]
    cause = _cause(code)
    if any(mark in said for mark in _OUT_OF_MEMORY):
        cause = "there was not enough memory"
    return f"The model stopped: {cause}." + (f" Its last words: {said}" if said else "")


def _cause(code: int | None) -> str:
    if code is None:
        return "it was lost"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = ""
        return _SIGNALS.get(name, f"ended by signal {-code}")
    return _WINDOWS.get(code) or _EXITS.get(code) or f"it ended with code {code}"
