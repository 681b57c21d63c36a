"""How many tokens a model is opened for: as many as wished, as far as there is memory beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from models.devices.memory import Memory
from models.devices.plan import headroom
from models.devices.records import Plan
from models.devices.room import fits
from models.devices.verdict import gigabytes
from models.devices.window import LEAST, MOST, Context, wished

STEPS = (MOST, 8_192, LEAST)  # what is free is another at each start; few steps keep saved states of use
MEMORY_SHARE = 8  # an eighth of the memory, at most, goes to more than LEAST
LAYERS_GIVEN_UP = 8  # an eighth of the layers on cards, at most, makes room for it

PlanFor = Callable[[int], Plan]  # where a model goes that is opened for so many tokens


def planned(wanted: int, trained: int, plan_for: PlanFor, memory: Memory) -> Context:
    """One for which there is no room gets what was wanted, or LEAST: whoever checks the plan then refuses it."""
    most, plan_of = wished(wanted, trained), cache(plan_for)
    tried = (most.tokens, *(step for step in STEPS if step < most.tokens))
    if wanted:
        tokens = next((one for one in tried if fits(plan_of(one), memory)), most.tokens)
        short = f"there is no memory for the {most.tokens:,} that the settings ask for"
    else:
        least = plan_of(tried[-1])
        tokens = next((one for one in tried[:-1] if _is_easy(plan_of(one), least, memory)), tried[-1])
        short = f"{most.tokens:,} would take {_more(plan_of(most.tokens), plan_of(tokens))}"
    if tokens == most.tokens:
        return Context(tokens, most.why, plan_of(tokens))
    return Context(tokens, short, plan_of(tokens), missed=most.tokens if wanted else 0)


def _is_easy(made: Plan, least: Plan, memory: Memory) -> bool:
    """Whether it costs other programs little, and the model itself no speed to speak of. `least`: with the fewest."""
    return (
        made.memory_bytes <= memory.available_bytes - headroom(memory.total_bytes)
        and (made.held_bytes - least.held_bytes) * MEMORY_SHARE <= memory.total_bytes
        and (least.on_card - made.on_card) * LAYERS_GIVEN_UP <= least.on_card
    )


def _more(most: Plan, made: Plan) -> str:
    """What the longer one would take more."""
    if most.on_card < made.on_card:
        return f"{made.on_card - most.on_card} more layers off the graphics card"
    return f"{gigabytes(max(0, most.held_bytes - made.held_bytes))} more of memory"
