"""CARRYON_ACCEL: what llama.cpp is built for. One word stands for cmake's switches; CMAKE_ARGS may add to them.

`cpu` the processor alone, `cuda` NVIDIA, `metal` Apple, `vulkan` most others.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from setup_steps.errors import SetupError, UnsupportedError

SWITCH = "CARRYON_ACCEL"
CUDA_HOMES = ("/usr/local/cuda/bin/nvcc", "/opt/cuda/bin/nvcc")  # where cmake looks too


@dataclass(frozen=True, slots=True)
class Accel:
    """`tool`: the program that a build cannot do without, and what to install where it is missing."""

    cmake_args: str
    tool: str = ""
    install: str = ""


ACCELS = {
    # On a Mac llama.cpp builds for its card unless told not to.
    "cpu": Accel("-DGGML_METAL=off" if sys.platform == "darwin" else ""),
    "cuda": Accel("-DGGML_CUDA=on", "nvcc", "Install NVIDIA's CUDA toolkit, with nvcc on the PATH."),
    "metal": Accel("-DGGML_METAL=on"),
    "vulkan": Accel("-DGGML_VULKAN=on", "glslc", "Install the Vulkan SDK (Debian: libvulkan-dev glslc spirv-headers)."),
}


def chosen_args(environ: Mapping[str, str]) -> str | None:
    """cmake's arguments as the user asks for them now; None when nothing is asked, so that those of last time stay."""
    word, more = environ.get(SWITCH), environ.get("CMAKE_ARGS")
    if word is None:
        return more
    accel = ACCELS.get(word.strip().lower())
    if accel is None:
        raise SetupError(
            f"{SWITCH} is {word!r}, which is not a thing to build for.",
            where="the environment",
            do=f"Set it to one of: {', '.join(ACCELS)}; or leave it out and keep the build that is there.",
        )
    if accel is ACCELS["metal"] and sys.platform != "darwin":
        raise UnsupportedError(
            "Metal is Apple's own; this is no Mac.", where="the environment", do=f"Set {SWITCH}=vulkan, cuda or cpu."
        )
    return " ".join(part for part in (accel.cmake_args, more or "") if part)


def check_tool(cmake_args: str, which: Callable[[str], str | None] = shutil.which) -> None:
    """Before minutes are spent on a build that cannot succeed: is there what it needs?"""
    for accel in ACCELS.values():
        if not accel.tool or not re.search(rf"{accel.cmake_args[:-2]}(on|1|true|yes)\b", cmake_args, re.IGNORECASE):
            continue
        homes = CUDA_HOMES if accel.tool == "nvcc" and which is shutil.which else ()
        if which(accel.tool) is None and not any(Path(home).exists() for home in homes):
            raise SetupError(
                f"llama.cpp cannot be built that way: {accel.tool} is missing.",
                where=cmake_args,
                do=f"{accel.install} Or build for the processor: {SWITCH}=cpu make run",
            )
