"""The plan: as much of a model on the cards as fits beside headroom, never more, and words for what came of it."""

from dataclasses import asdict, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.devices.memory import Memory
from models.devices.need import Need
from models.devices.plan import headroom, plan, usable
from models.devices.records import Device, Placement, placement_of
from models.devices.verdict import device_words, verdict
from tests.unit.models.devices.made_up import LAPTOP, REPORTS, ROOMY, devices, memories, need, needs


@pytest.mark.parametrize(
    ("report", "memory", "on_card", "words"),
    [
        ("processor-only", ROOMY, 0, "On the processor: llama.cpp sees no graphics card here."),
        ("rtx-4070-super", ROOMY, 23, "23 of 32 layers on the NVIDIA GeForce RTX 4070 SUPER, 1.3 GB left free."),
        ("two-cards", ROOMY, 32, "All 32 layers on the NVIDIA GeForce RTX 3090, 10.8 GB left free."),
        ("same-card-twice", ROOMY, 24, "24 of 32 layers on the NVIDIA GeForce RTX 3060, 1.1 GB left free."),
        ("card-and-integrated", ROOMY, 15, "15 of 32 layers on the AMD Radeon RX 6600, 1.3 GB left free."),
        ("radeon-8060s", ROOMY, 32, "All 32 layers on the AMD Radeon(TM) 8060S Graphics, 18.6 GB left free."),
        ("radeon-8060s", LAPTOP, 19, "19 of 32 layers on the AMD Radeon(TM) 8060S Graphics"),
        ("apple-m1-8gb", LAPTOP, 10, "10 of 32 layers on the Apple M1, 0.9 GB left free."),
        ("full-card", ROOMY, 0, "On the processor: the NVIDIA GeForce RTX 3060 has 0.2 GB free, and 1.1 GB of that"),
        ("silent-driver", ROOMY, 0, "the driver of the NVIDIA GeForce GTX 1050 does not say how much memory is free"),
    ],
)
def test_a_report_becomes_a_plan_and_a_sentence(report: str, memory: Memory, on_card: int, words: str) -> None:
    made = plan(need(), REPORTS[report], memory)
    assert made.on_card == on_card
    assert words in verdict(made)
    assert made.gpu_layers == (on_card + 1 if on_card else 0)


def test_what_does_not_fit_is_explained() -> None:
    words = verdict(plan(need(), REPORTS["rtx-4070-super"], ROOMY))
    assert words.endswith("The rest is on the processor: the NVIDIA GeForce RTX 4070 SUPER has 11.6 GB free, and"
                          " 1.1 GB of that is left to other programs.")  # fmt: skip


def test_a_model_larger_than_one_card_goes_over_two_in_order() -> None:
    made = plan(need(layers=100), REPORTS["two-cards"], ROOMY)
    first, second = made.shares
    assert (first.device.name, first.output, second.device.name, second.output) == ("CUDA0", False, "CUDA1", True)
    assert first.layers + second.layers == made.on_card < 100
    assert f"{made.on_card} of 100 layers: {first.layers} on the NVIDIA GeForce RTX 3090, {second.layers} on" in (
        verdict(made)
    )


def test_a_reason_to_leave_the_card_out_is_heeded_and_said() -> None:
    made = plan(need(), REPORTS["two-cards"], ROOMY, without="an earlier start with the graphics card failed")
    assert made.gpu_layers == 0
    assert verdict(made) == "On the processor: an earlier start with the graphics card failed."


def test_a_card_that_takes_the_machines_memory_counts_there() -> None:
    own = plan(need(), REPORTS["rtx-4070-super"], ROOMY)
    shared = plan(need(), REPORTS["radeon-8060s"], ROOMY)
    assert own.memory_bytes < 6_000_000_000
    assert shared.memory_bytes > 13_000_000_000


def test_headroom_is_bounded_on_both_sides() -> None:
    assert headroom(0) == headroom(1_000_000_000) == 256 * 1024**2
    assert headroom(80_000_000_000) == 1024**3
    assert headroom(4_000_000_000) == 500_000_000


@pytest.mark.parametrize("report", REPORTS)
def test_every_device_has_words(report: str) -> None:
    for device in REPORTS[report]:
        words = device_words(device)
        assert device.name in words
        assert "free" in words or "does not say" in words


@settings(deadline=None, max_examples=300)
@given(needs(), st.lists(devices(), max_size=4), memories())
def test_a_plan_never_gives_a_card_more_than_it_has(need: Need, found: list[Device], memory: Memory) -> None:
    made = plan(need, found, memory)
    assert sum(share.layers for share in made.shares) == made.on_card <= made.layers == len(need.layers)
    assert sum(share.output for share in made.shares) == bool(made.on_card)
    assert len({share.device.id or share.device.name for share in made.shares}) == len(made.shares)
    first = made.layers - made.on_card
    for share in made.shares:
        needed = sum(layer.bytes for layer in need.layers[first : first + share.layers]) + need.compute + need.scores
        needed += (need.output + need.output_compute) * share.output
        first += share.layers
        assert share.bytes == needed
        assert share.device.is_card
        assert share.left_bytes == share.device.free_bytes - needed >= headroom(share.device.total_bytes)
        if share.device.shares_memory:
            assert needed <= memory.available_bytes
    assert bool(made.why) == (made.on_card < made.layers or not made.layers)
    assert verdict(made).endswith(".")


@settings(deadline=None, max_examples=200)
@given(needs(), st.lists(devices(), max_size=3), memories())
def test_no_other_way_would_put_more_of_it_on_the_cards(need: Need, found: list[Device], memory: Memory) -> None:
    made = plan(need, found, memory)
    if made.on_card < len(need.layers):
        cards = usable(found)
        assert not _fits_somehow(need, cards, made.on_card + 1, memory)


def _fits_somehow(need: Need, cards: tuple[Device, ...], on_card: int, memory: Memory) -> bool:
    """By trying every way to cut the row of layers and output."""
    costs = [layer.bytes for layer in need.layers[-on_card:]] + [need.output + need.output_compute]
    room = [
        min(
            card.free_bytes - headroom(card.total_bytes),
            memory.available_bytes - headroom(memory.total_bytes) if card.shares_memory else card.free_bytes,
        )
        for card in cards
    ]
    return any(
        all(
            not costs[start:end] or sum(costs[start:end]) + need.compute + need.scores <= free
            for (start, end), free in zip(pairwise((0, *cuts, len(costs))), room, strict=True)
        )
        for cuts in _cuts(len(costs), len(cards))
    )


def _cuts(length: int, cards: int) -> list[tuple[int, ...]]:
    if cards == 0:
        return []
    if cards == 1:
        return [()]
    if cards == 2:
        return [(one,) for one in range(length + 1)]
    return [(one, two) for one in range(length + 1) for two in range(one, length + 1)]


@given(needs(), st.lists(devices(), max_size=3), memories())
def test_a_placement_survives_the_pipe(need: Need, found: list[Device], memory: Memory) -> None:
    import json

    made = plan(need, found, memory)
    placement = Placement(tuple(found), made, verdict(made), "a note")
    assert placement_of(json.loads(json.dumps(asdict(placement)))) == placement


def test_a_fuller_card_never_gets_more() -> None:
    card = REPORTS["rtx-4070-super"][0]
    counts = [
        plan(need(), [replace(card, free_bytes=free)], ROOMY).on_card for free in range(0, 12_000_000_000, 250_000_000)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] >= 20
