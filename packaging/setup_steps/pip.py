"""Installs pinned packages from a folder of wheels, which is filled from the network only when something is missing.

Every file that was once downloaded is kept in the user's cache, so a second checkout, or the same one after `clean`, is
set up without a network. Nothing but llama.cpp is ever built here: `--only-binary` makes that a rule.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from setup_steps.errors import SetupError
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
        if self._install_kept(requirements, name):
            self.talk.line(f"  {title} · done, nothing to download")
            return
        self._fetch(title, requirements, name)
        if not self._install_kept(requirements, name):
            raise SetupError(
                f"{title}: the packages were fetched but do not install.",
                where=str(self._log(name)),
                do="Read the end of that log. Removing the folder .venv and starting again often helps.",
            )

    def editable(self, root: Path) -> None:
        """Installs the project itself as it lies there; `compat` is a plain .pth, which starts faster than a hook."""
        command = self._command("install", "--no-index", "--no-deps", "--no-build-isolation")
        argv = (*command, "--config-settings", "editable_mode=compat", "-e", str(root))
        Step("Installing Carryon itself", argv, self._log("carryon"), env=pip_environment()).run(self.talk)

    def _install_kept(self, requirements: Sequence[str], name: str) -> bool:
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        self.places.wheels.mkdir(parents=True, exist_ok=True)
        command = self._command("install", "--no-index", "--find-links", str(self.places.wheels), *self._pinned())
        with log.open("wb") as sink:
            done = subprocess.run(
                [*command, *requirements],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=pip_environment(),
                check=False,
            )
        return done.returncode == 0

    def _fetch(self, title: str, requirements: Sequence[str], name: str) -> None:
        options = (*self._pinned(), "--only-binary", ":all:", "--find-links", str(self.places.wheels))
        command = self._command("download", "--dest", str(self.places.wheels), *options)
        log = self._log(f"{name}-download")
        Step(title, (*command, *requirements), log, env=pip_environment(), detail=last_collected).run(self.talk)

    def _pinned(self) -> tuple[str, str]:
        return ("--constraint", str(self.places.constraints))

    def _command(self, verb: str, *rest: str) -> tuple[str, ...]:
        return (str(self.python), "-m", "pip", verb, *QUIET, *rest)

    def _log(self, name: str) -> Path:
        return self.places.logs / f"pip-{name}.log"
