"""Worlds from seeds: time, network, crashes, clocks, disks, destinations and users, and what is true at every step.

`CARRYON_WORLDS` chooses the first seed; `make soak ARGS="--minutes 30"` goes on for as long as asked.
"""

import os
from collections import Counter

import pytest

from tests.sim.discrete.places import Place
from tests.sim.discrete.shrinking import report, shrink
from tests.sim.discrete.simulation import Outcome, simulate

FIRST = int(os.environ.get("CARRYON_WORLDS", "1"))
STEPS = 300
GROUPS, WORLDS_A_GROUP = 4, 10


def worlds(first: int, number: int) -> list[Outcome]:
    print(f"worlds {first} to {first + number - 1}, {STEPS} steps each")
    outcomes = []
    for seed in range(first, first + number):
        outcome = simulate(seed, range(STEPS))
        if outcome.broken:
            pytest.fail(report(outcome, range(STEPS), lambda steps, seed=seed: simulate(seed, steps)), pytrace=False)
        outcomes.append(outcome)
    return outcomes


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_law_holds_at_every_step(group: int) -> None:
    outcomes = worlds(FIRST + group * WORLDS_A_GROUP, WORLDS_A_GROUP)
    counts = sum((outcome.counts for outcome in outcomes), Counter[str]())
    states = sum((outcome.states for outcome in outcomes), Counter[str]())
    print(dict(counts), dict(states))
    assert counts["deaths"] > 50
    assert counts["meanwhile"] > 50
    happened = {"clock", "disk", "down", "black hole", "portal", "slow", "resets", "half put in", "refused"}
    happened |= {"many", "spared", "put back"}
    assert all(counts[name] > 0 for name in happened)
    assert {"delivered", "unknown", "expired", "rejected", "cancelled"} <= set(states)
    assert states["delivered"] > sum(states.values()) / 3


def test_the_same_seed_is_the_same_run() -> None:
    first, second = (simulate(FIRST, range(150)) for _ in range(2))
    assert first.trace == second.trace
    assert first.states == second.states
    assert simulate(FIRST + 1, range(150)).trace != first.trace


@pytest.mark.parametrize(
    ("broken", "value", "law"),
    [
        ("sync.thrift.Thrift.holds", lambda *_, **__: "", "sent although it was to wait"),
        ("sync.item.Item.is_for_the_user_alone", True, "twice"),
        ("sync.restored._kept_is_behind", lambda *_: False, "twice"),
    ],
)
def test_a_defect_that_is_put_in_is_noticed(
    monkeypatch: pytest.MonkeyPatch, broken: str, value: object, law: str
) -> None:
    monkeypatch.setattr(broken, value)
    found = next((outcome.broken for seed in range(80) if (outcome := simulate(seed, range(STEPS))).broken), None)
    assert found is not None, "it was never noticed"
    assert found.law == law


def liars() -> list[Place]:
    return [Place("webhook:lying", "key", honest=False)]


def test_a_destination_that_breaks_its_word_is_noticed_and_the_run_is_shrunk() -> None:
    seed = FIRST
    outcome = simulate(seed, range(STEPS), liars)
    while outcome.broken is None:
        seed += 1
        assert seed < FIRST + 20, "it was never noticed"
        outcome = simulate(seed, range(STEPS), liars)
    assert outcome.broken.law == "twice"
    few, best = shrink(range(outcome.steps + 1), "twice", lambda steps: simulate(seed, steps, liars))
    assert len(few) < 30
    assert best.broken
    assert best.broken.law == "twice"
    again = simulate(seed, few, liars)
    assert again.trace == best.trace
