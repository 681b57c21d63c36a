"""Builds llama.cpp: fetches the source and pinned build tools, compiles, keeps the wheel, tidies up.

The work folder is kept until the wheel exists, at a path that depends on the build alone, so an interrupted build goes
on where it stopped.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tarfile
from pathlib import Path

from setup_steps.accel import check_tool
from setup_steps.errors import SetupError
from setup_steps.llama_wheel import NAME, Build, keep
from setup_steps.pins import BUILD, pinned
from setup_steps.pip import QUIET, Pip, pip_environment
from setup_steps.places import Places
from setup_steps.room import enough_room
from setup_steps.step import Step
from setup_steps.talk import Talk

BYTES_PER_JOB = 1_500_000_000  # what one compiler may take at worst
FREE_BYTES = 1_500_000_000  # source 0.4 GB, objects and build tools 0.6 GB, wheel, reserve
NINJA_STEP = re.compile(r"\[(\d+)/(\d+)\]")


def make(build: Build, places: Places, talk: Talk) -> Path:
    """Fetches the source and the build tools, builds, keeps the wheel, and tidies up."""
    check_tool(build.cmake_args)
    work = places.builds / build.key
    work.mkdir(parents=True, exist_ok=True)
    enough_room(work, FREE_BYTES, "building llama.cpp")
    talk.line(f"llama.cpp is built from source, once: a few minutes on two cores.\n  work: {work}")
    tools = build_tools(work, places, talk)
    source = fetch_source(build, work, tools, places, talk)
    out = work / "wheel"
    environment = build_environment(build, tools, work)
    argv = (tools.python, "-m", "pip", "wheel", *QUIET, "-v", "--no-deps", "--no-build-isolation", "--no-index")
    log = places.logs / "llama-build.log"
    Step("Building llama.cpp", (*argv, "-w", out, source), log, env=environment, detail=ninja_position).run(talk)
    wheel = keep(build, places, out)
    if wheel is None:
        raise SetupError("llama.cpp was built but left no wheel.", where=str(log), do="Read that log.")
    shutil.rmtree(work)
    return wheel


def build_tools(work: Path, places: Places, talk: Talk) -> Pip:
    """An environment of its own with the pinned cmake, ninja and build backend; the system need not have them."""
    environment = work / "env"
    script = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    if not (environment / "ready").exists():
        argv = (sys.executable, "-m", "venv", "--clear", environment)
        Step("Preparing the build", argv, places.logs / "llama-venv.log", env=pip_environment()).run(talk)
        tools = Pip(environment / script, places, talk)
        wanted = [pinned(places.constraints, name) for name in (*BUILD, "pip", "setuptools")]
        tools.install("the build tools", wanted, name="build-tools")
        (environment / "ready").touch()
    return Pip(environment / script, places, talk)


def fetch_source(build: Build, work: Path, tools: Pip, places: Places, talk: Talk) -> Path:
    """The unpacked source at a place that stays the same, so that an interrupted build can go on."""
    source = work / "source"
    if source.exists():
        return source
    download = work / "download"
    options = ("--no-deps", "--no-binary", NAME, "--no-build-isolation", "--dest", download)
    argv = (tools.python, "-m", "pip", "download", *QUIET, *options, f"{NAME}=={build.version}")
    log = places.logs / "llama-source.log"
    Step("Fetching the source of llama.cpp", argv, log, env=build_environment(build, tools, work)).run(talk)
    archive = next(download.glob("*.tar.gz"))
    unpacked = work / "unpacking"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(unpacked, filter="data")
        else:
            tar.extractall(unpacked)
    next(unpacked.iterdir()).rename(source)
    shutil.rmtree(download)
    unpacked.rmdir()
    return source


def build_environment(build: Build, tools: Pip, work: Path) -> dict[str, str]:
    """The environment of the compiler run: our own tools first, as many jobs as cores and memory bear."""
    environment = pip_environment()
    environment["PATH"] = f"{tools.python.parent}{os.pathsep}{environment.get('PATH', '')}"
    environment["SKBUILD_BUILD_DIR"] = str(work / "objects")
    environment["CMAKE_ARGS"] = build.cmake_args
    environment.setdefault("CMAKE_GENERATOR", "Ninja")
    environment.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(jobs()))
    return environment


def jobs() -> int:
    """One compiler a core, fewer where memory is short."""
    cores = os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return cores
    return max(1, min(cores, memory // BYTES_PER_JOB))


def ninja_position(tail: str) -> str:
    found = NINJA_STEP.findall(tail)
    return f"file {found[-1][0]} of {found[-1][1]}" if found else ""
