"""Resident memory of both processes: the window with a session open, and the worker with the starter loaded."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.outbox import Measured

ROOT = Path(__file__).parents[2]


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"CARRYON_HOME": home, "AGENTRC": f"{home}/agentrc", "QT_QPA_PLATFORM": "offscreen"}
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.resident"],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
    window, worker, bare = (float(word) for word in run.stdout.split()[-3:])
    return [
        ("resident memory, window and session", "MB", [window], None, "after one request"),
        (
            "resident memory, worker with the starter",
            "MB",
            [worker],
            [bare],
            "bare llama.cpp process with the same file",
        ),
    ]
