"""llama.cpp's own functions, without the rest of llama-cpp-python.

Importing `llama_cpp` runs its __init__, which imports the high-level class and numpy with it: three times the time and
twice the memory of the bindings alone (README, why 2). So the package is entered by its bindings module, with an empty
package around it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
import sys
import types
from collections import deque
from pathlib import Path
from typing import Any

PACKAGE = "llama_cpp"
LOG_LINES_MAX = 20
_WARN, _ERROR, _CONTINUED = 3, 4, 5

complaints: deque[str] = deque(maxlen=LOG_LINES_MAX)  # the last errors of llama.cpp, newest last


def load() -> Any:
    """The bindings module; a second call returns the same."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError("llama-cpp-python is not installed; run make run again", name=PACKAGE)
        package = types.ModuleType(PACKAGE)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[PACKAGE] = package
    import llama_cpp.llama_cpp as lib

    return lib


def build(lib: Any) -> str:
    """Which llama.cpp this is: its own version and that of the bindings."""
    text = (Path(lib.__file__).parent / "__init__.py").read_text(encoding="utf-8")
    bindings = re.search(r'__version__ = "([^"]+)"', text)
    return f"llama.cpp {lib.llama_version().decode()}, llama-cpp-python {bindings[1] if bindings else 'unknown'}"


def listen(lib: Any) -> Any:
    """Warnings and errors go to stderr and into `complaints`, the rest nowhere. Keep what this returns: C calls it."""
    level = 0

    def said(now: int, text: bytes, _data: object) -> None:
        nonlocal level
        level = level if now == _CONTINUED else now
        if level in (_WARN, _ERROR):
            sys.stderr.write(text.decode("utf-8", "replace"))
            sys.stderr.flush()
        if level == _ERROR and text.strip():
            complaints.append(text.decode("utf-8", "replace").strip())

    callback = lib.llama_log_callback(said)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    return callback
