"""The .venv in the checkout: made once, recognised as our own, never somebody else's removed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setup_steps.errors import SetupError
from setup_steps.pip import pip_environment
from setup_steps.places import Places
from setup_steps.step import Step
from setup_steps.talk import Talk


def inner_version(venv: Path) -> str:
    """The Python version inside, as pyvenv.cfg says it; empty where there is no usable .venv."""
    config = venv / "pyvenv.cfg"
    if not config.is_file():
        return ""
    pairs = (line.partition("=") for line in config.read_text(encoding="utf-8").splitlines())
    fields = {name.strip(): value.strip() for name, _, value in pairs}
    return fields.get("version") or fields.get("version_info", "")


def usable(places: Places) -> bool:
    """Its Python is there (an upgrade of the system may have taken it away) and new enough."""
    major_minor = tuple(int(part) for part in inner_version(places.venv).split(".")[:2] if part.isdigit())
    return places.python.exists() and major_minor >= (3, 11)


def make_environment(places: Places, talk: Talk) -> None:
    """Makes the .venv unless a usable one is there. The mark goes in first: an interrupted one is ours to replace. A
    link is refused: what set-up installs would go into the environment of another checkout."""
    if places.venv.is_symlink():
        raise SetupError(
            "This .venv is a link: what set-up installs would change the environment that it leads to.",
            where=f"{places.venv} -> {places.venv.readlink()}",
            do="Remove the link (the environment behind it stays), then run the same command again.",
        )
    if usable(places):
        return
    if places.venv.exists() and not places.mark.exists():
        raise SetupError(
            "There is a .venv that does not work and that set-up did not make.",
            where=str(places.venv),
            do="Move it away or remove it, then run the same command again.",
        )
    if places.venv.exists():
        shutil.rmtree(places.venv)
    places.venv.mkdir()
    places.mark.write_text("Made by packaging/bootstrap.py; `make clean` may remove this folder.\n", encoding="utf-8")
    log = places.logs / "venv.log"
    Step("Making the Python environment", (sys.executable, "-m", "venv", places.venv), log, env=pip_environment()).run(
        talk
    )


def remove_environment(places: Places) -> bool:
    """Removes a .venv that set-up made; False where there is none, an error where it is somebody else's."""
    if not places.venv.exists():
        return False
    if places.venv.is_symlink() or not places.mark.exists():
        raise SetupError(
            "This .venv was not made by set-up, so it stays.",
            where=str(places.venv),
            do="Remove it yourself if you no longer want it.",
        )
    shutil.rmtree(places.venv)
    return True
