"""An answer as it reaches the window, in tokens a second, against a bare llama.cpp decode loop: stream_window.py.

Two models of random weights (speed does not depend on them): one of half a billion parameters, Q4_0, which is told of
the tools as a user's would be, and one of the starter's size, the hardest case, which is told of none.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.outbox import Measured
from tests.shapes import SHAPES, Shape, write_shape

ROOT = Path(__file__).parents[2]
RUNS = 5
PEER = "bare llama.cpp decode loop, same file, prompt, sampler"
STARTER_SIZE = Shape("llama", 6, 320, 896, 5, 5, 64, 16_384, 8_192)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    shape: Shape
    quantisation: str
    tokens: int  # of each answer
    tools: bool


CASES = (
    Case("0.5 B", SHAPES["llama-0.5b"], "Q4_0", 200, tools=True),
    Case("starter size", STARTER_SIZE, "Q8_0", 800, tools=False),
)


def measure() -> Measured:
    return [row for case in CASES for row in _rows(case)]


def _rows(case: Case) -> Measured:
    seen = _streamed(case)
    spent = [sum(both) for both in zip(seen["window_spent_ms"], seen["worker_spent_ms"], strict=True)]
    return [
        (f"tokens, streamed to the window, {case.name}", "a second", seen["rates"], seen["bare"], PEER),
        (f"processor time for each of them, {case.name}", "ms", spent, seen["bare_spent_ms"], "the same, all threads"),
        (f"the window held up meanwhile, {case.name}", "ms", [seen["held_up_ms"]], None, "worst of one answer"),
    ]


def _streamed(case: Case) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = write_shape(Path(folder) / "model.gguf", case.shape, case.quantisation)
        home = Path(folder) / "home"
        profile = {"CARRYON_HOME": str(home), "AGENTRC": str(home / "agentrc"), "CARRYON_OFFLINE": "1"}
        numbers = map(str, (case.tokens, RUNS, int(case.tools)))
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.stream_window", str(path), *numbers],
            cwd=ROOT,
            env=os.environ | profile | {"QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            check=True,
        )
    seen: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return seen
