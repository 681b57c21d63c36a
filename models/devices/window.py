"""How many tokens a model is opened for: what it was trained on, within a bound. A small model's; of others see
context.py.

Few numbers: a saved state serves only the one that it was made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.devices.records import Plan

NO_ROOM = "there was no room in memory for more"
AUTO = 0  # as a number of tokens: as many as are planned
LEAST, MOST = 4_096, 16_384  # that are planned


@dataclass(frozen=True, slots=True)
class Context:
    """`why`: not more of them, in words for the user; `plan`: where the model goes with so many; None: not asked;
    `missed`: how many the settings ask for that there is no memory for."""

    tokens: int
    why: str
    plan: Plan | None = None
    missed: int = 0


def wished(wanted: int, trained: int) -> Context:
    """With room for anything. `wanted`: AUTO, or what the settings say; `trained`: what the file says that it was
    trained on, 0 where it says nothing."""
    if trained and wanted > trained:
        return Context(trained, f"the settings ask for {wanted:,}, but it was trained on so many")
    if wanted:
        return Context(wanted, "as the settings say")
    if not trained:
        return Context(LEAST, "the file does not say how many it was trained on")
    if trained > MOST:
        return Context(MOST, f"as many as Carryon takes by itself, of the {trained:,} it was trained on")
    return Context(trained, "as many as it was trained on")
