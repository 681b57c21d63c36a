"""The gate over real processes: it passes on what is here, and half a second in one import turns it red, by name."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.coldstart.processes import NOT_RUN, PACKAGES, ROOT, Place
from tests.coldstart.profiles import CLASSES

SECONDS_MAX = 900
STARTS_MIN = 20
FEW = "6"  # starts: enough to convict, too few to acquit


def gate(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tests.coldstart", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Sources to spoil."""
    return Place.copied(ROOT, tmp_path).tree


@pytest.mark.timeout(SECONDS_MAX)
def test_the_starts_of_this_checkout_keep_their_budgets(tmp_path: Path) -> None:
    done = gate("--small", "--json", str(tmp_path / "found.json"))
    found = json.loads((tmp_path / "found.json").read_text()) if done.returncode in (0, 1, 2) else {}
    if found.get("verdict") == "insufficient":
        pytest.skip(f"this machine is too noisy to tell:\n{done.stdout}")
    assert done.returncode == 0, done.stdout + done.stderr
    starts = {
        one["budget"]["kind"]: one["starts"] for one in found["judged"] if one["budget"]["what"] == "span settings"
    }
    assert set(starts) == set(CLASSES)
    assert min(starts.values()) >= STARTS_MIN


@pytest.mark.timeout(SECONDS_MAX)
def test_half_a_second_in_the_import_of_one_tool_is_found_and_named(tree: Path) -> None:
    module = tree / "agent" / "tools" / "timers.py"
    module.write_text("import time\n\ntime.sleep(0.5)\n" + module.read_text("utf-8"), "utf-8")
    done = gate("--tree", str(tree), "--runs", FEW, "--classes", "warm_disk", "--no-windows", "--no-prefix")
    assert done.returncode == 1, done.stdout + done.stderr
    (accused,) = [line for line in done.stdout.split("\n\n")[0].splitlines() if "  regress: " in line]
    assert "agent.tools.timers" in accused


@pytest.mark.timeout(SECONDS_MAX)
def test_half_a_second_in_one_migration_is_found_and_named(tree: Path) -> None:
    """A step as an update would bring it, that counts for half a second on a quick machine."""
    module = tree / "agent" / "corrections" / "schema.py"
    slow = (
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 4000000)"
        " SELECT max(n) FROM number;"
    )
    added = f'\nSTEPS = (*STEPS, ("corrections_999_slow", "{slow}"))\n'
    module.write_text(module.read_text("utf-8") + added, "utf-8")
    done = gate("--tree", str(tree), "--runs", FEW, "--classes", "after_update", "--no-windows", "--no-prefix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "migration corrections_999_slow" in done.stdout.split("\n\n")[0]


@pytest.mark.timeout(SECONDS_MAX)
def test_half_a_second_in_what_a_chat_needs_is_found_in_the_prefix_and_named(tree: Path) -> None:
    """It is imported beside the loading of the model, which hides a part of it; the rest is waited for, and seen."""
    module = tree / "models" / "worker" / "prompt.py"
    future = "from __future__ import annotations\n"
    module.write_text(module.read_text("utf-8").replace(future, f"{future}import time\n\ntime.sleep(0.5)\n"), "utf-8")
    done = gate("--tree", str(tree), "--small", "--runs", FEW, "--classes", "warm_disk", "--no-windows")
    assert done.returncode == 1, done.stdout + done.stderr
    accused = [line for line in done.stdout.split("\n\n")[0].splitlines() if "  regress: " in line]
    assert any("[model snapshot]" in line for line in accused), accused


def test_a_start_that_cannot_be_is_no_verdict_on_speed(tree: Path) -> None:
    (tree / "app" / "traced.py").write_text("raise SystemExit(7)\n", "utf-8")
    done = gate("--tree", str(tree), "--runs", FEW, "--classes", "warm_disk", "--no-windows", "--no-prefix")
    assert done.returncode == 3
    assert "infra" in done.stdout


def test_the_copy_leaves_out_what_is_not_run(tree: Path) -> None:
    assert {path.name for path in tree.iterdir()} == set(PACKAGES)
    assert not [path for path in tree.rglob("*") if path.name in NOT_RUN]


@pytest.mark.parametrize("runs", ["0", "-3", "201", "many"])
def test_a_number_of_starts_that_makes_no_sense_is_bad_usage(runs: str) -> None:
    done = gate("--runs", runs)
    assert done.returncode == 2
    assert "no number from 1 to 200" in done.stderr


def test_sources_that_are_not_there_are_no_verdict(tmp_path: Path) -> None:
    done = gate("--tree", str(tmp_path / "nowhere"))
    assert done.returncode == 3
    assert done.stdout.startswith("cold start: infra")
