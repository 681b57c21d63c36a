"""Hundreds of deaths at every boundary of enqueue and delivery, and what is true afterwards; see sweep.py."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def sweep(kind: str) -> dict[str, Any]:
    seed = os.environ.get("CARRYON_SWEEP_SEED", "7")
    done = subprocess.run(
        [sys.executable, "-m", "tests.sim.sweep", kind, seed],
        cwd=ROOT, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    print(f"seed {seed}: {found}")
    return found


def test_a_destination_that_deduplicates_gets_everything_exactly_once() -> None:
    found = sweep("deduping")
    assert found["faults"] == []
    assert found["unknown"] == 0
    assert found["deaths"] >= 100
    assert found["delivered"] >= 90


def test_a_destination_that_does_not_gets_everything_at_most_once_and_the_user_is_asked() -> None:
    found = sweep("plain")
    assert found["faults"] == []
    assert found["deaths"] >= 90
    in_doubt = set(found["unknown_after"])
    assert {"offer: committed", "destination: before", "destination: after", "deliver: answered"} <= in_doubt
    surely_not_sent = ("enqueue", "lease", "offer: row")
    assert not [how for how in in_doubt if how.startswith(surely_not_sent)], "unknown without any need"
    assert "settle: committed" not in in_doubt


def test_a_tracker_that_can_be_asked_gets_each_issue_exactly_once() -> None:
    found = sweep("asking")
    assert found["faults"] == []
    assert found["unknown"] == 0
    assert found["deaths"] >= 40


def test_a_mail_server_gets_each_message_at_most_once() -> None:
    found = sweep("mail")
    assert found["faults"] == []
    assert found["deaths"] >= 40
    assert found["unknown"] < found["delivered"]


def test_the_sweep_notices_a_destination_that_repeats_itself() -> None:
    faults = sweep("lying")["faults"]
    assert any("2 effects" in fault for fault in faults)


@pytest.mark.parametrize("attempt", range(2))
def test_processes_that_flush_one_profile_at_once_deliver_each_item_once(attempt: int) -> None:
    found = sweep("together")
    assert found["faults"] == []
    assert found["delivered"] == 60
