"""Installs pinned packages from a folder of wheels, which is filled from the network only when something is missing.

Every file that was once downloaded is kept in the user's cache, so a second checkout, or the same one after `clean`, is
set up without a network. Nothing but llama.cpp is ever built here: `--only-binary` makes that a rule.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from setup_steps.places import Places
from setup_steps.step import Step
from setup_steps.talk import Talk

QUIET = ("--disable-pip-version-check", "--no-input", "--progress-bar=off")


def pip_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The user's pip settings stay (index, certificates, proxy); what would redirect an install does not."""
    redirecting = {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH"}
    return {key: value for key, value in environ.items() if key not in redirecting} | {"PIP_ROOT_USER_ACTION": "ignore"}


def last_collected(tail: str) -> str:
    """The package that pip is at, read from its log."""
    lines = [line.strip() for line in tail.splitlines()]
    words = [line.split() for line in lines if line.startswith(("Collecting ", "Downloading ", "Installing "))]
    return " ".join(words[-1][:2])[:60] if words else ""


@dataclass(frozen=True, slots=True)
class Pip:
    """pip of the environment that `python` belongs to."""

    python: Path
    places: Places
    talk: Talk

    def install(self, title: str, requirements: Sequence[str], *, name: str) -> None:
        """Installs from the kept wheels; where one is missing, fetches first. `name` names the log files."""
        self.places.wheels.mkdir(parents=True, exist_ok=True)
        options = ("--no-index", "--find-links", str(self.places.wheels), *self._pinned())
        kept = self._step(f"Installing {title}", name, "install", *options, *requirements)
        if kept.succeeds(self.talk, else_say="something is to be fetched first"):
            return
        self._fetch(title, requirements, name)
        kept.run(self.talk)

    def editable(self, root: Path) -> None:
        """Installs the project itself as it lies there; `compat` is a plain .pth, which starts faster than a hook."""
        options = ("--no-index", "--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat")
        self._step("Installing Carryon itself", "carryon", "install", *options, "-e", str(root)).run(self.talk)

    def _fetch(self, title: str, requirements: Sequence[str], name: str) -> None:
        wheels = str(self.places.wheels)
        options = ("--retries=2", "--only-binary", ":all:", "--find-links", wheels, "--dest", wheels, *self._pinned())
        self._step(f"Fetching {title}", f"{name}-download", "download", *options, *requirements).run(self.talk)
        for stray in self.places.wheels.glob("llama_cpp_python-*.whl"):
            stray.unlink()  # pip copies it beside the others, where it would have lost which processor it is for

    def _pinned(self) -> tuple[str, str]:
        return ("--constraint", str(self.places.constraints))

    def _step(self, title: str, name: str, verb: str, *rest: str) -> Step:
        argv = (str(self.python), "-m", "pip", verb, *QUIET, *rest)
        log = self.places.logs / f"pip-{name}.log"
        return Step(title, argv, log, env=pip_environment(), detail=last_collected)
