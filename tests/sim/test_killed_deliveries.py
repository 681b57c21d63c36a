"""More than a thousand real SIGKILLs over every transport in every mode; `make soak` does twenty thousand."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sim.lanes import LANES, LYING

ROOT = Path(__file__).parents[2]
KILLS_ALL = 1_200

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked, which this system cannot")


def killed(lane: str, kills: int) -> dict[str, Any]:
    seed = os.environ.get("CARRYON_SWEEP_SEED", "7")
    words = [sys.executable, "-m", "tests.sim.killing", lane, "--kills", str(kills), "--seed", seed]
    print("again:", *words[1:])
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    print(found)
    return found


@pytest.mark.parametrize("name", LANES)
def test_nothing_is_lost_and_nothing_comes_twice(name: str) -> None:
    found = killed(name, -(-KILLS_ALL // len(LANES)))
    assert found["faults"] == []
    assert (found["twice"], found["lost"]) == (0, 0)
    assert found["kills"] * len(LANES) >= 1_000
    assert min(found["how"].values()) > 0, "every way to die was taken"
    if LANES[name].exact:
        assert found["delivered"] == found["items"]
    else:
        assert found["delivered"] + found["unknown"] == found["items"]
        assert found["unknown"] < found["kills"] / 2, "the user is asked only where there is doubt"


def test_a_destination_that_only_says_that_it_recognises_keys_is_noticed() -> None:
    found = killed(LYING.name, 40)
    assert found["twice"] > 0
    assert any("2 effects" in fault for fault in found["faults"])
