"""The stamp in the .venv: what it was made from. When it still fits, set-up has nothing to do and takes no time.

It looks only at what decides the content of the .venv: the project's dependencies (not the linter's settings beside
them), the pins, the Python inside, the steps' own revision and the folder, since a .venv cannot be moved.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from setup_steps.places import Places

REVISION = 2  # raise it when the steps change what a .venv holds


@dataclass(frozen=True, slots=True)
class Stamp:
    """`digest` of the inputs; `extras` installed; `cmake_args` that llama.cpp was built with (they stick)."""

    digest: str
    extras: frozenset[str] = field(default_factory=frozenset)
    cmake_args: str = ""

    def satisfies(self, digest: str, extras: frozenset[str], cmake_args: str) -> bool:
        return self.digest == digest and extras <= self.extras and self.cmake_args == cmake_args

    def to_json(self) -> str:
        return json.dumps({"digest": self.digest, "extras": sorted(self.extras), "cmake_args": self.cmake_args})


def read_stamp(path: Path) -> Stamp | None:
    """The stamp, or None where there is none or it cannot be read: then set-up simply runs."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(str(fields["digest"]), frozenset(fields["extras"]), str(fields["cmake_args"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(stamp.to_json(), encoding="utf-8")
    partial.replace(path)


def inputs_digest(places: Places, python_version: str) -> str:
    """SHA-256 over everything that decides what is in the .venv."""
    project = read_project(places.pyproject)
    decides = {
        "revision": REVISION,
        "root": str(places.root),
        "python": python_version,
        "build": project.get("build-system"),
        "project": {key: value for key, value in project["project"].items() if key != "description"},
        "setuptools": project.get("tool", {}).get("setuptools"),
        "constraints": places.constraints.read_text(encoding="utf-8"),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def read_project(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)
