"""How a worker is started: one place for source trees, installed packages and the frozen bundle."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

FROZEN_SWITCH = "--carryon-worker"  # the bundle's entry runs models.worker when this is its first argument

# A worker maps files that strangers made: it gets no variable that could hold a secret.
_KEPT = frozenset((
    "PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC",
    "USERPROFILE", "LOCALAPPDATA", "PROGRAMDATA", "NUMBER_OF_PROCESSORS", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
))  # fmt: skip
_KEPT_BEGINNINGS = ("LC_", "PYTHON", "OMP_", "GOMP_", "KMP_", "GGML_", "LLAMA_", "CUDA_", "NVIDIA_", "VK_", "METAL_",
                    "HSA_", "ROCR_")  # fmt: skip
_SET = {
    "GGML_NO_BACKTRACE": "1",  # after an abort the process should end at once, not look for a debugger
    "PYTHONIOENCODING": "utf-8:backslashreplace",
}
_SET_UNLESS_GIVEN = {"GOMP_SPINCOUNT": "300"}  # README, why 5


def worker_command() -> list[str]:
    """The command without its argument."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FROZEN_SWITCH]
    return [sys.executable, "-P", "-m", "models.worker"]


def worker_environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
    root = Path(__file__).resolve().parents[2]
    if root.name not in ("site-packages", "dist-packages"):  # a source tree: -P keeps the working folder off the path
        others = kept.get("PYTHONPATH", "")
        kept["PYTHONPATH"] = os.pathsep.join(part for part in (str(root), others) if part)
    return {**_SET_UNLESS_GIVEN, **kept, **_SET}
