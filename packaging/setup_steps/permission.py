"""May set-up install system packages itself? As root: yes, and it says so. With sudo: it asks first. Else: it stops.

The decision is a value, made from facts and tested without touching the system; `provide` carries it out.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from setup_steps import needs
from setup_steps.errors import MissingPackagesError
from setup_steps.needs import Need, Sight
from setup_steps.step import Step
from setup_steps.system import Family, System
from setup_steps.talk import Talk

LOCK_WAIT = "DPkg::Lock::Timeout=120"  # a fresh machine is often busy updating itself


class Decision(Enum):
    INSTALL = "install"
    ASK = "ask"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Rights:
    """Who runs set-up: `yes` is --yes or CARRYON_YES=1, consent given beforehand."""

    root: bool
    sudo: bool
    terminal: bool
    yes: bool

    def decide(self, system: System) -> Decision:
        """Only systems where this was tried install by themselves; the others get the command to read."""
        if not system.tested or not (self.root or self.sudo):
            return Decision.STOP
        if self.yes:
            return Decision.INSTALL
        if self.terminal:
            return Decision.ASK
        return Decision.INSTALL if self.root else Decision.STOP


def rights_here(*, yes: bool, environ: Mapping[str, str] = os.environ) -> Rights:
    """The rights of this process."""
    geteuid = getattr(os, "geteuid", None)
    return Rights(
        root=geteuid is not None and geteuid() == 0,
        sudo=shutil.which("sudo") is not None,
        terminal=sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty(),
        yes=yes or environ.get("CARRYON_YES") == "1",
    )


@dataclass(frozen=True, slots=True)
class Provider:
    """Brings missing needs onto this system, or stops with the words to do so."""

    system: System
    rights: Rights
    talk: Talk
    logs: Path
    sight: Sight
    ask: Callable[[str], str] = input

    def provide(self, wanted: Sequence[Need]) -> None:
        """Returns when nothing is missing; raises MissingPackagesError when that needs somebody with more rights."""
        lacking = needs.missing(wanted, self.sight)
        if not lacking:
            return
        self.talk.line(listed(lacking))
        packages = needs.packages_for(lacking, self.system.family)
        if not packages or not self._allowed(packages):
            raise stopped(lacking, packages, self.system, root=self.rights.root)
        self._install(packages)
        if still := needs.missing(lacking, self.sight):
            raise MissingPackagesError(
                "Still missing after installing packages: " + ", ".join(need.thing for need in still),
                where=self.system.name,
                do="Tell us, please: the package names of this release may have changed.",
            )

    def _allowed(self, packages: Sequence[str]) -> bool:
        match self.rights.decide(self.system):
            case Decision.INSTALL:
                return True
            case Decision.STOP:
                return False
            case Decision.ASK:
                question = f"Install now: {' '.join(packages)} ? [Y/n] "
                return self.ask(question).strip().lower() in {"", "y", "yes"}

    def _install(self, packages: Sequence[str]) -> None:
        assert self.system.family is Family.DEBIAN, "only tested systems install by themselves"
        before = () if self.rights.root else ("sudo", *(() if self.rights.terminal else ("-n",)))
        if self.rights.terminal and before:
            ask_password()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        refresh = Step("Asking which packages there are", (*before, "apt-get", "update"), self.logs / "apt-update.log")
        refresh.run(self.talk)
        verb, *rest = self.system.install_command(packages)
        command = (*before, "env", "DEBIAN_FRONTEND=noninteractive", verb, "-o", LOCK_WAIT, *rest)
        self.talk.line(f"{'As root' if self.rights.root else 'With sudo'}: {shlex.join((verb, *rest))}")
        title = f"Installing {len(packages)} system packages"
        Step(title, command, self.logs / "apt-install.log", env=environment).run(self.talk)


def ask_password() -> None:
    """Lets sudo ask now, in plain sight, so that the logged command does not wait unseen."""
    subprocess.run(["sudo", "-v"], check=False)


def listed(lacking: Sequence[Need]) -> str:
    lines = [f"  {need.thing:<24} {need.kind.value:<14} for {need.why}" for need in lacking]
    return "\n".join(["This system lacks:", *lines])


def stopped(lacking: Sequence[Need], packages: Sequence[str], system: System, *, root: bool) -> MissingPackagesError:
    """The error that names the exact command, and says where it was never tried."""
    command = system.install_command(packages)
    things = ", ".join(need.thing for need in lacking)
    if not command:
        do = f"Install what brings {things} in your system's own way, then run the same command again."
    else:
        do = "Run this, then the same command again:\n" + shlex.join(command if root else ("sudo", *command))
        do += "" if system.tested else f"\n(The package names for {system.name} are from its lists, untested.)"
    count = "one thing" if len(lacking) == 1 else f"{len(lacking)} things"
    return MissingPackagesError(f"This system lacks {count} that Carryon needs.", where=system.name, do=do)
