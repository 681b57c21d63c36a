"""The whole of set-up in one page: system packages, .venv, llama.cpp, packages, proof; nothing if the stamp fits.

Each step is safe to repeat, and what it finished is kept, so an interrupted set-up goes on where it stopped.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from setup_steps import llama, needs, stamp
from setup_steps.accel import chosen_args
from setup_steps.environment import inner_version, make_environment, usable
from setup_steps.errors import SetupError
from setup_steps.llama_wheel import NAME, Build
from setup_steps.lock import only_one
from setup_steps.needs import sight_here
from setup_steps.permission import Provider, rights_here
from setup_steps.pins import normal, pinned
from setup_steps.pip import Pip
from setup_steps.places import Places
from setup_steps.room import enough_room
from setup_steps.stamp import Stamp
from setup_steps.system import this_system
from setup_steps.talk import Talk
from setup_steps.templates import provide_templates

PROOF_TIMEOUT_S = 120
ILLEGAL_INSTRUCTION = -4
ENVIRONMENT_BYTES = 700_000_000  # measured: 480 MB, with the tools for the checks 610 MB
DOWNLOAD_BYTES = 300_000_000  # measured: 170 MB, with those tools 200 MB
QT_PROOF = "from PySide6.QtWidgets import QApplication; QApplication([])"
LLAMA_PROOF = "import llama_cpp; llama_cpp.llama_backend_init()"


@dataclass(frozen=True, slots=True)
class Setup:
    """Brings this checkout into a state in which it runs. `extras`: of pyproject, such as `dev`."""

    places: Places
    talk: Talk
    extras: frozenset[str] = frozenset()
    yes: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def run(self) -> None:
        """Does what is still to be done; returns at once when nothing is. Raises SetupError."""
        if self.finished():
            return
        with only_one(self.places.cache / "setup.lock", self.talk):
            if not self.finished():
                self._work()

    def finished(self) -> bool:
        """Reads three small files and nothing else; opens no connection, starts no program."""
        known = stamp.read_stamp(self.places.stamp)
        if known is None or not usable(self.places):
            return False
        return known.satisfies(self._digest(), self.extras, self.cmake_args())

    def cmake_args(self) -> str:
        """What is asked for now; left out, what was built last stays, so that a plain `make run` keeps the GPU."""
        given = chosen_args(self.environ)
        known = stamp.read_stamp(self.places.stamp)
        return given if given is not None else (known.cmake_args if known else "")

    def plan(self) -> tuple[str, ...]:
        """What `run` would do, in words, for --dry-run."""
        if self.finished():
            return ("Everything is there.",)
        build = llama.build_for(self.places, self.cmake_args())
        kept = build.wheel(self.places)
        lacking = needs.missing(needs.wanted(building=kept is None), sight_here())
        packages = needs.packages_for(lacking, this_system().family)
        return (
            f"system packages: {' '.join(packages) or 'none missing'}",
            f"environment:     {self.places.venv} ({'is there' if usable(self.places) else 'to be made'})",
            f"llama.cpp:       {kept or 'to be built, a few minutes'}",
            f"packages:        {' '.join(self.requirements())}",
        )

    def requirements(self) -> tuple[str, ...]:
        """The project's own dependencies and those of the asked extras, without llama.cpp."""
        project = stamp.read_project(self.places.pyproject)["project"]
        optional = project.get("optional-dependencies", {})
        if unknown := self.extras - optional.keys():
            raise SetupError(f"pyproject.toml has no extra {', '.join(sorted(unknown))}.", where="pyproject.toml")
        wanted = [*project["dependencies"], *(line for extra in sorted(self.extras) for line in optional[extra])]
        return tuple(line for line in wanted if not normal(line).startswith(NAME))

    def _work(self) -> None:
        places, talk = self.places, self.talk
        known = stamp.read_stamp(places.stamp)
        cmake_args = self.cmake_args()
        build = llama.build_for(places, cmake_args)
        talk.line(f"Setting Carryon up in {places.root}.")
        enough_room(places.root, ENVIRONMENT_BYTES, "the Python environment")
        enough_room(places.cache, DOWNLOAD_BYTES, "the downloads")
        self._system_packages(building=build.wheel(places) is None)
        make_environment(places, talk)
        places.stamp.unlink(missing_ok=True)
        pip = Pip(places.python, places, talk)
        pip.install("the installer", [pinned(places.constraints, name) for name in ("pip", "setuptools")], name="base")
        self._install(pip, build)
        extras = self.extras | (known.extras if known and known.digest == self._digest() else frozenset())
        stamp.write_stamp(places.stamp, Stamp(self._digest(), extras, cmake_args))
        talk.line("Set-up is complete; from now on no network is needed.")

    def _install(self, pip: Pip, build: Build) -> None:
        wheel = llama.obtain(build, self.places, self.talk, pip)
        title = "the packages" + (f" and those for {', '.join(sorted(self.extras))}" if self.extras else "")
        pip.install(title, [*self.requirements(), str(wheel)], name="packages")
        pip.editable(self.places.root)
        if "dev" in self.extras:
            provide_templates(self.places, self.talk, pip)
        self._prove_llama(wheel)
        self._prove_qt()

    def _system_packages(self, *, building: bool) -> None:
        rights = rights_here(yes=self.yes, environ=self.environ)
        provider = Provider(this_system(), rights, self.talk, self.places.logs, sight_here())
        provider.provide(needs.wanted(building=building))

    def _prove_llama(self, wheel: Path) -> None:
        """Loads the library. A wheel made for another processor is dropped, so that the next run builds afresh."""
        done = self._try(LLAMA_PROOF)
        if done.returncode == ILLEGAL_INSTRUCTION:
            wheel.unlink(missing_ok=True)
        if done.returncode:
            raise SetupError(
                f"llama.cpp is installed but does not load (code {done.returncode}).\n{done.stderr[-800:].rstrip()}",
                where=str(wheel),
                do="Run the same command again. If it stays, remove that file and llama.cpp is built afresh.",
            )

    def _prove_qt(self) -> None:
        """Starts Qt without a window: a library that the tables do not know of shows here and is named."""
        done = self._try(QT_PROOF)
        if done.returncode:
            raise SetupError(
                f"Qt is installed but does not start (code {done.returncode}).\n{done.stderr[-800:].rstrip()}",
                where=str(self.places.venv),
                do="Install the library that the last lines name, then run the same command again.",
            )

    def _try(self, code: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environ, "QT_QPA_PLATFORM": "offscreen"}
        argv = [str(self.places.python), "-c", code]
        return subprocess.run(
            argv, capture_output=True, text=True, env=environment, timeout=PROOF_TIMEOUT_S, check=False
        )

    def _digest(self) -> str:
        return stamp.inputs_digest(self.places, inner_version(self.places.venv))
