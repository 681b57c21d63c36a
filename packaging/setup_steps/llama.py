"""Where the wheel of llama.cpp comes from: the cache, the user's own folder, a build.

CARRYON_ACCEL and CMAKE_ARGS choose a graphics card (see accel.py).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from setup_steps.llama_build import make
from setup_steps.llama_wheel import NAME, Build, keep
from setup_steps.lock import only_one
from setup_steps.pins import read_pins
from setup_steps.pip import QUIET, Pip, pip_environment
from setup_steps.places import Places
from setup_steps.talk import Talk


def build_for(places: Places, cmake_args: str) -> Build:
    return Build(read_pins(places.constraints)[NAME], cmake_args)


def obtain(build: Build, places: Places, talk: Talk, pip: Pip) -> Path:
    """The wheel: kept, given by the user's own find-links, or built now."""
    with only_one(places.builds / f"{build.key}.lock", talk):
        if kept := build.wheel(places):
            return kept
        if not build.cmake_args and (given := offered(build, places, pip)):
            return given
        return make(build, places, talk)


def offered(build: Build, places: Places, pip: Pip) -> Path | None:
    """A ready wheel from the folders that the user's pip settings name (PIP_FIND_LINKS); never from an index."""
    target = places.builds / build.key / "offered"
    shutil.rmtree(target, ignore_errors=True)
    options = ("--no-index", "--no-deps", "--only-binary", ":all:", "--dest", str(target))
    argv = [str(pip.python), "-m", "pip", "download", *QUIET, *options, f"{NAME}=={build.version}"]
    subprocess.run(argv, capture_output=True, env=pip_environment(), check=False)
    return keep(build, places, target)
