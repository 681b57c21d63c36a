"""How many layers go on which card, so that each keeps headroom: as many as fit, the last first, as llama.cpp does.

What does not fit stays in main memory; a model never fails to start because a card is small.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.devices.memory import Memory
from models.devices.need import Need
from models.devices.records import Device, Plan, Share
from models.devices.verdict import no_card, too_full

MEGABYTE = 1024 * 1024
HEADROOM_LEAST, HEADROOM_MOST = 256 * MEGABYTE, 1024 * MEGABYTE
HEADROOM_SHARE = 8  # of the card, an eighth: for the driver's own buffers, the screen, other programs


def headroom(total_bytes: int) -> int:
    return min(HEADROOM_MOST, max(HEADROOM_LEAST, total_bytes // HEADROOM_SHARE))


def plan(need: Need, devices: Sequence[Device], memory: Memory, *, without: str = "") -> Plan:
    """`without`: a reason to leave every card out, in words for the user."""
    if without:
        return _on_processor(need, without)
    cards = usable(devices)
    if not cards:
        return _on_processor(need, no_card(devices))
    room = [room_on(card, memory) for card in cards]
    full = max(cards, key=lambda card: card.free_bytes)
    why = too_full(full, headroom(full.total_bytes))
    for on_card in range(len(need.layers), 0, -1):
        if shares := _spread(need, cards, room, on_card):
            return _planned(need, on_card, shares, "" if on_card == len(need.layers) else why)
    return _on_processor(need, why)


def usable(devices: Sequence[Device]) -> tuple[Device, ...]:
    """The cards that llama.cpp would use, in its order: each once (two drivers may show the same one), with memory of
    its own if there is any such card, else the first; none whose driver does not tell its memory."""
    told = [device for device in devices if device.is_card and device.total_bytes > 0]
    own: dict[str, Device] = {}
    for device in told:
        if not device.shares_memory:
            own.setdefault(device.id or device.name, device)
    return tuple(own.values()) or tuple(told[:1])


def room_on(card: Device, memory: Memory) -> int:
    """What a model may take of a card; of one that takes from the machine's memory, no more than that has."""
    room = card.free_bytes - headroom(card.total_bytes)
    if card.shares_memory:
        room = min(room, memory.available_bytes - headroom(memory.total_bytes))
    return max(0, room)


def _spread(need: Need, cards: Sequence[Device], room: Sequence[int], on_card: int) -> tuple[Share, ...]:
    """The last `on_card` layers and the output, in a row over the cards; empty when they do not fit. Filling each card
    as far as it goes before the next is tried finds a way whenever there is one."""
    costs = [layer.bytes for layer in need.layers[len(need.layers) - on_card :]]
    costs.append(need.output + need.output_compute)
    entry = need.compute + need.scores  # of a card that is used at all
    taken, left = [0] * len(cards), list(room)
    at = 0
    for cost in costs:
        while at < len(cards) and cost + (0 if taken[at] else entry) > left[at]:
            at += 1
        if at == len(cards):
            return ()
        left[at] -= cost + (0 if taken[at] else entry)
        taken[at] += 1
    return tuple(
        Share(
            device=card,
            layers=count - (place == at),
            output=place == at,
            bytes=whole - free,
            left_bytes=card.free_bytes - (whole - free),
        )
        for place, (card, count, whole, free) in enumerate(zip(cards, taken, room, left, strict=True))
        if count
    )


def _planned(need: Need, on_card: int, shares: tuple[Share, ...], why: str) -> Plan:
    memory, held = need.memory(on_card)
    borrowed = sum(share.bytes for share in shares if share.device.shares_memory)
    return Plan(len(need.layers), on_card, shares, memory + borrowed, held + borrowed, why)


def _on_processor(need: Need, why: str) -> Plan:
    memory, held = need.memory(0)
    return Plan(len(need.layers), 0, (), memory, held, why)
