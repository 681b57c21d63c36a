"""Window ready: process start to first paint, against a bare QMainWindow of the same size."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 5
ROOT = Path(__file__).parents[2]


def measure() -> list[tuple[str, str, list[float], list[float] | None, str]]:
    ours, bare = [], []
    for _ in range(RUNS):  # in turn, so that a drift of the machine hits both
        bare.append(_milliseconds(["-m", "tests.bench.bare_window"]))
        ours.append(_milliseconds(["-m", "tests.bench.first_paint"]))
    return [("window ready (process start to first paint)", "ms", ours, bare, "a bare QMainWindow of the same size")]


def _milliseconds(words: list[str]) -> float:
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"CARRYON_HOME": home, "AGENTRC": f"{home}/agentrc", "QT_QPA_PLATFORM": "offscreen"}
        run = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
        )
    return float(run.stdout.split()[-1])
