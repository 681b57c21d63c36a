"""Chat templates of real models, for the tests that look whether their calls are understood.

The source archive of llama-cpp-python carries some seventy; they are others' work and not part of this repository. They
are fetched once, kept in the cache, and laid into the .venv. Without them those tests are skipped, so that not getting
them is no reason to stop.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from setup_steps.llama_wheel import NAME
from setup_steps.pins import pinned
from setup_steps.pip import QUIET, Pip, pip_environment
from setup_steps.places import Places
from setup_steps.room import enough_room
from setup_steps.step import Step
from setup_steps.talk import Talk

WITHIN = "vendor/llama.cpp/models/templates/"
ENDING = ".jinja"
TEMPLATES_MAX = 500
TEMPLATE_BYTES_MAX = 1_000_000
FREE_BYTES = 200_000_000  # the archive, 77 MB, and reserve


def provide_templates(places: Places, talk: Talk, pip: Pip) -> bool:
    """Whether they lie in the .venv now."""
    target = folder_in(places)
    kept = places.cache / "templates" / pinned(places.constraints, NAME)
    if not kept.is_dir() and not _fetch(kept, places, talk, pip):
        talk.line("The chat templates for the tests are not here; those tests will be skipped.")
        return False
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(kept, target)
    return True


def folder_in(places: Places) -> Path:
    return places.venv / "share" / "carryon" / "templates"


def _fetch(kept: Path, places: Places, talk: Talk, pip: Pip) -> bool:
    """Into the cache, in one step, so that a half-filled folder is never found there."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    enough_room(kept.parent, FREE_BYTES, "the source of llama.cpp")
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        options = ("--no-deps", "--no-binary", NAME, "--dest", work)
        argv = (pip.python, "-m", "pip", "download", *QUIET, *options, pinned(places.constraints, NAME))
        log = places.logs / "templates.log"
        step = Step("Fetching chat templates for the tests", argv, log, env=pip_environment())
        archive = (
            next(iter(Path(work).glob("*.tar.gz")), None) if step.succeeds(talk, else_say="not to be had") else None
        )
        if archive is None:
            return False
        unpacked = Path(work) / "templates"
        if not unpack(archive, unpacked):
            return False
        unpacked.rename(kept)
    return True


def unpack(archive: Path, folder: Path) -> int:
    """Only the templates, each by its bare name; how many there were."""
    folder.mkdir()
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            if WITHIN not in member.name or name.suffix != ENDING or not member.isfile():
                continue
            source = tar.extractfile(member) if member.size <= TEMPLATE_BYTES_MAX else None
            if source is None or count >= TEMPLATES_MAX:
                continue
            (folder / name.name).write_bytes(source.read())
            count += 1
    return count
