"""A wheel of llama.cpp: what tells it from others, and where it is kept.

CMAKE_ARGS are part of its key, and so is the processor unless GGML_NATIVE is off: a wheel built for this processor may
not run on another.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from setup_steps.places import Places
from setup_steps.processor import processor_name

NAME = "llama-cpp-python"
REVISION = 1  # raise it when llama_build.py builds differently


@dataclass(frozen=True, slots=True)
class Build:
    """One way of building one version here. Equal keys mean interchangeable wheels."""

    version: str
    cmake_args: str = ""

    @property
    def native(self) -> bool:
        return re.search(r"GGML_NATIVE(:BOOL)?=(OFF|0|FALSE|NO)\b", self.cmake_args, re.IGNORECASE) is None

    @property
    def key(self) -> str:
        """`0.3.36-linux_x86_64-glibc2.36-x86_64-1a2b3c4d-9f8e7d6c`: readable in front, a digest for the rest."""
        system = re.sub(r"[-.]", "_", sysconfig.get_platform())
        libc = "".join(platform.libc_ver())
        processor = processor_name() if self.native else "any"
        rest = hashlib.sha256(f"{REVISION}\n{' '.join(self.cmake_args.split())}".encode()).hexdigest()[:8]
        return "-".join(part for part in (self.version, system, libc, processor, rest) if part)

    def folder(self, places: Places) -> Path:
        return places.wheels / "llama" / self.key

    def wheel(self, places: Places) -> Path | None:
        """The kept wheel, or None."""
        return next(iter(sorted(self.folder(places).glob("llama_cpp_python-*.whl"))), None)


def keep(build: Build, places: Places, made_in: Path) -> Path | None:
    """Moves the wheel into the cache in one step, so that a half-written one is never found there."""
    made = next(iter(made_in.glob("llama_cpp_python-*.whl")), None) if made_in.is_dir() else None
    if made is None:
        return None
    folder = build.folder(places)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{made.name}.part"
    shutil.move(made, partial)
    return partial.replace(folder / made.name)
