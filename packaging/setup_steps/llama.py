"""The wheel of llama.cpp: which one fits here, and where it comes from: the cache, the user's own folder, a build.

CARRYON_ACCEL and CMAKE_ARGS choose a graphics card (see accel.py). They are part of the wheel's key, and so is the
processor unless GGML_NATIVE is off: a wheel built for this processor may not run on another.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from setup_steps.lock import only_one
from setup_steps.pins import read_pins
from setup_steps.pip import QUIET, Pip, pip_environment
from setup_steps.places import Places
from setup_steps.processor import processor_name
from setup_steps.talk import Talk

NAME = "llama-cpp-python"
REVISION = 1  # raise it when this file builds differently


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


def build_for(places: Places, cmake_args: str) -> Build:
    return Build(read_pins(places.constraints)[NAME], cmake_args)


def obtain(build: Build, places: Places, talk: Talk, pip: Pip) -> Path:
    """The wheel: kept, given by the user's own find-links, or built now."""
    with only_one(places.builds / f"{build.key}.lock", talk):
        if kept := build.wheel(places):
            return kept
        if not build.cmake_args and (given := offered(build, places, pip)):
            return given
        from setup_steps.llama_build import make

        return make(build, places, talk)


def offered(build: Build, places: Places, pip: Pip) -> Path | None:
    """A ready wheel from the folders that the user's pip settings name (PIP_FIND_LINKS); never from an index."""
    target = places.builds / build.key / "offered"
    shutil.rmtree(target, ignore_errors=True)
    options = ("--no-index", "--no-deps", "--only-binary", ":all:", "--dest", str(target))
    argv = [str(pip.python), "-m", "pip", "download", *QUIET, *options, f"{NAME}=={build.version}"]
    subprocess.run(argv, capture_output=True, env=pip_environment(), check=False)
    return keep(build, places, target)


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
