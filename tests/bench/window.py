"""Window ready: birth of the process to its first paint, against a bare QMainWindow of the same size.

Neither pays for being compiled: Python keeps what it compiled in the first, uncounted run of each.
"""

import tempfile
from pathlib import Path

from tests.coldstart.processes import ROOT, Place, painted

RUNS = 10
BARE, OURS = "tests.bench.bare_window", "tests.bench.first_paint"


def measure() -> list[tuple[str, str, list[float], list[float] | None, str]]:
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        place, home = Place(ROOT, Path(folder) / "compiled"), Path(folder) / "home"
        painted(place, BARE)
        painted(place, OURS, home)
        for _ in range(RUNS):  # in turn, so that a drift of the machine hits both
            bare.append(painted(place, BARE))
            ours.append(painted(place, OURS, home))
    return [("window ready (process start to first paint)", "ms", ours, bare, "a bare QMainWindow of the same size")]
