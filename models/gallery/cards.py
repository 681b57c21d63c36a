"""What graphics cards add to a machine, by the report of the worker that would compute on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.devices.memory import Memory
from models.devices.plan import headroom, room_on, usable
from models.devices.records import Device
from models.devices.verdict import no_card, too_full


@dataclass(frozen=True, slots=True)
class Cards:
    """`room_bytes`: what a model may take of all cards that llama.cpp would use; `shared`: out of the machine's own
    memory, so that it adds none; `note`: why there is no room on a card that is there, in words."""

    label: str = ""
    room_bytes: int = 0
    shared: bool = False
    note: str = ""


NO_CARDS = Cards()


def cards_of(devices: Sequence[Device], memory: Memory) -> Cards:
    """As the plan for a model reckons (models.devices.plan): headroom stays free on each."""
    there = usable(devices)
    if not there:
        return Cards(note=no_card(devices)) if any(one.is_card for one in devices) else NO_CARDS
    room = sum(room_on(card, memory) for card in there)
    label = " and ".join(dict.fromkeys(card.label for card in there))
    full = max(there, key=lambda card: card.free_bytes)
    note = "" if room else too_full(full, headroom(full.total_bytes))
    return Cards(label, room, all(card.shares_memory for card in there), note)
