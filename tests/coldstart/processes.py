"""Fresh processes: Carryon's own start, and the bare things below it. Times are of whole processes, since birth."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WAIT_S = 300
THREADS = 1  # the bundled model's
PACKAGES = ("agent", "app", "models", "sync")
SLEEPING = {"GOMP_SPINCOUNT": "0"}  # models/README, why 5
NOT_RUN = ("__pycache__", "distill")

Found = dict[str, Any]


class StartFailedError(Exception):
    """A process did not do what it was started for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the processes run. `tree`: the sources that are measured; `compiled`: where Python keeps what it compiled
    of them, apart from everybody else's."""

    tree: Path
    compiled: Path

    @classmethod
    def copied(cls, source: Path, folder: Path) -> "Place":
        """A copy of the sources in `folder`: nobody edits it meanwhile, and nobody else holds its model in memory."""
        tree = folder / "tree"
        for package in PACKAGES:
            shutil.copytree(source / package, tree / package, ignore=shutil.ignore_patterns(*NOT_RUN))
        return cls(tree, folder / "compiled")

    def environ(self, home: Path | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        ours = {"PYTHONPATH": str(self.tree), "PYTHONPYCACHEPREFIX": str(self.compiled), "QT_QPA_PLATFORM": "offscreen"}
        profile = {"CARRYON_HOME": str(home), "AGENTRC": str(home / "agentrc")} if home else {}
        return {**kept, **ours, **profile, "CARRYON_OFFLINE": "1"}

    def forget_compiled(self) -> None:
        """As after an update: what is Carryon's own has to be compiled again, Python's and Qt's has not."""
        for package in PACKAGES:
            folder = self.compiled.joinpath(*(self.tree / package).parts[1:])
            for file in folder.rglob("*.pyc"):
                file.unlink()


def start(place: Place, home: Path, *, window: bool) -> dict[str, Any]:
    """One start of Carryon, watched: app/traced.py."""
    words = ["-m", "app.traced", "--tools", *([] if window else ["--no-window"])]
    document: dict[str, Any] = json.loads(_last_line(place, words, home))
    return document


def python(place: Place) -> float:
    began = time.perf_counter()
    _run(place, ["-c", "pass"])
    return (time.perf_counter() - began) * 1_000


def window(place: Place) -> float:
    """A bare window's first paint."""
    return painted(place, "tests.bench.bare_window")


def painted(place: Place, module: str, home: Path | None = None) -> float:
    """From a process's birth to the line that it prints at its first paint."""
    words, environ = [sys.executable, "-m", module], {**place.environ(home), "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    with subprocess.Popen(
        words, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        elapsed = (time.perf_counter() - began) * 1_000
        if not line or process.wait(WAIT_S):
            raise StartFailedError(f"{module} never painted a window")
    return elapsed


def model(
    place: Place, file: Path, prompt_tokens: int, threads: int = THREADS, *, n_ctx: int = 0, layouts: bool = False
) -> float:
    """A bare llama.cpp process with the same file: from its first line to its first token. `n_ctx` 0: just enough;
    `layouts`: the weights copied into the processor's own. Its threads wait as the worker's do."""
    numbers = map(str, (prompt_tokens, 1, threads, n_ctx, int(layouts)))
    words = ["-m", "tests.bench.bare_llama", str(file), *numbers]
    environ = {**SLEEPING, **place.environ(), "PYTHONPATH": str(ROOT)}
    figures = json.loads(_output([sys.executable, *words], environ).splitlines()[-1])
    return float(figures["first_token_ms"])


def prefix(place: Place, file: Path, sha256: str, characters: int, snapshots: Path | None) -> Found:
    """Our own worker with a chat model and a long prefix: chat_process.py."""
    words = [
        sys.executable,
        "-m",
        "tests.coldstart.chat_process",
        str(file),
        sha256,
        str(characters),
        str(snapshots or ""),
    ]
    environ = {**place.environ(), "PYTHONPATH": os.pathsep.join((str(place.tree), str(ROOT)))}
    found: Found = json.loads(_output(words, environ, place.tree).splitlines()[-1])  # -m looks in its folder first
    return found


def _last_line(place: Place, words: Sequence[str], home: Path) -> str:
    lines = _output([sys.executable, *words], place.environ(home), place.tree).splitlines()
    if not lines:
        raise StartFailedError("it said nothing")
    return lines[-1]


def _run(place: Place, words: Sequence[str]) -> str:
    return _output([sys.executable, *words], place.environ())


def _output(words: Sequence[str], environ: Mapping[str, str], folder: Path = ROOT) -> str:
    try:
        done = subprocess.run(
            words, cwd=folder, env=environ, capture_output=True, text=True, timeout=WAIT_S, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise StartFailedError(f"it did not end within {WAIT_S} s") from error
    if done.returncode:
        said = [*done.stdout.splitlines(), *done.stderr.strip().splitlines()] or ["it said nothing"]
        raise StartFailedError(f"it ended with {done.returncode}: {said[-1][:300]}")
    return done.stdout
