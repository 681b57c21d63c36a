"""How many tokens a model is opened for: what it was trained on, within a bound, as far as there is room beside it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.devices.context import STEPS, planned
from models.devices.memory import Memory
from models.devices.plan import plan
from models.devices.records import Device, Plan
from models.devices.window import AUTO, LEAST, MOST, wished
from tests.unit.models.devices.made_up import GIGABYTE, LAPTOP, REPORTS, ROOMY, devices, memories, need

EIGHT_B = 131_072  # bytes for a token: 32 layers of 8 heads
SMALL = 400_000_000  # bytes of each of its layers, of 13 GB in all


def plan_for(
    memory: Memory, cards: tuple[Device, ...] = (), *, token_bytes: int = EIGHT_B, layer_bytes: int = 100_000_000
) -> Callable[[int], Plan]:
    """About an 8 B model in 4 bits."""

    def made(tokens: int) -> Plan:
        whole = need(layer_bytes=layer_bytes, cache=tokens * token_bytes // 32)
        return plan(replace(whole, n_ctx=tokens), cards, memory)

    return made


@pytest.mark.parametrize(
    ("wanted", "trained", "tokens", "why"),
    [
        (AUTO, 32_768, 16_384, "as many as Carryon takes by itself, of the 32,768 it was trained on"),
        (AUTO, 8_192, 8_192, "as many as it was trained on"),
        (AUTO, 2_048, 2_048, "as many as it was trained on"),
        (AUTO, 0, 4_096, "the file does not say how many it was trained on"),
        (24_000, 32_768, 24_000, "as the settings say"),
        (65_536, 32_768, 32_768, "the settings ask for 65,536, but it was trained on so many"),
    ],
)
def test_what_is_wished(wanted: int, trained: int, tokens: int, why: str) -> None:
    assert (wished(wanted, trained).tokens, wished(wanted, trained).why) == (tokens, why)


@pytest.mark.parametrize(
    ("memory", "tokens", "why"),
    [
        (ROOMY, 16_384, "as many as Carryon takes by itself, of the 131,072 it was trained on"),
        (LAPTOP, 16_384, "as many as Carryon takes by itself, of the 131,072 it was trained on"),
        (Memory(7 * GIGABYTE, 16 * GIGABYTE), 8_192, "16,384 would take 1.1 GB more of memory"),
        (Memory(6_400_000_000, 8 * GIGABYTE), 8_192, "16,384 would take 1.1 GB more of memory"),
        (Memory(4 * GIGABYTE, 8 * GIGABYTE), 4_096, "16,384 would take 1.6 GB more of memory"),
    ],
)
def test_it_leaves_room_for_other_programs(memory: Memory, tokens: int, why: str) -> None:
    made = planned(AUTO, 131_072, plan_for(memory), memory)
    assert (made.tokens, made.why) == (tokens, why)
    assert made.plan == plan_for(memory)(tokens)


def test_no_more_than_an_eighth_of_the_memory_goes_to_a_long_conversation() -> None:
    """A model that remembers much of each token, on a machine with nothing else to do."""
    made = planned(AUTO, 32_768, plan_for(ROOMY, token_bytes=8 * EIGHT_B), ROOMY)
    assert made.tokens == 8_192
    assert planned(AUTO, 32_768, plan_for(ROOMY, token_bytes=16 * EIGHT_B), ROOMY).tokens == 4_096


def test_it_pushes_few_layers_off_a_card() -> None:
    cards = REPORTS["rtx-4070-super"]
    made = planned(AUTO, 131_072, plan_for(ROOMY, cards, layer_bytes=SMALL), ROOMY)
    most, least = (plan_for(ROOMY, cards, layer_bytes=SMALL)(tokens) for tokens in (MOST, LEAST))
    assert most.on_card == least.on_card - 2  # an eighth of 23 and no more
    assert made.tokens == MOST
    greedy = planned(AUTO, 131_072, plan_for(ROOMY, cards, layer_bytes=SMALL, token_bytes=2 * EIGHT_B), ROOMY)
    assert greedy.tokens == 8_192
    assert greedy.why.endswith("more layers off the graphics card")


def test_what_the_settings_ask_for_is_cut_only_where_it_would_be_refused() -> None:
    tight = Memory(4 * GIGABYTE, 8 * GIGABYTE)
    assert planned(8_192, 131_072, plan_for(tight), tight).tokens == 8_192
    made = planned(65_536, 131_072, plan_for(tight), tight)
    assert (made.tokens, made.why) == (16_384, "there is no memory for the 65,536 that the settings ask for")
    nothing = Memory(0, GIGABYTE)
    assert planned(65_536, 131_072, plan_for(nothing), nothing).tokens == 65_536, "and is refused with that"


@given(st.integers(0, 200_000), st.integers(1_000, 4_000_000), memories(), st.lists(devices(), max_size=2))
def test_by_itself_it_never_takes_what_is_not_there(
    trained: int, token_bytes: int, memory: Memory, found: list[Device]
) -> None:
    of = plan_for(memory, tuple(found), token_bytes=token_bytes)
    made = planned(AUTO, trained, of, memory)
    assert made.plan == of(made.tokens)
    assert made.tokens <= (trained or LEAST)
    assert made.tokens in {*STEPS, trained}
    assert made.why
    if made.tokens > LEAST:
        assert made.plan is not None
        assert made.plan.memory_bytes <= memory.available_bytes
