"""A plan in words for the person in front of it."""

from __future__ import annotations

from collections.abc import Sequence

from models.devices.records import Device, Plan


def gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 100_000_000 else f"{count / 1e6:,.0f} MB"


def verdict(plan: Plan) -> str:
    """One sentence or two: where the model is, what is left free there, and why not more of it."""
    if not plan.shares:
        return f"On the processor: {plan.why}."
    on = [f"{share.layers} on the {share.device.label}" for share in plan.shares if share.layers]
    first = plan.shares[0]
    if len(on) == 1:
        part = "All" if plan.on_card == plan.layers else f"{plan.on_card} of"
        where = f"{part} {plan.layers} layers on the {first.device.label}"
    else:
        where = f"{plan.on_card} of {plan.layers} layers: {', '.join(on)}"
    left = ", ".join(gigabytes(share.left_bytes) for share in plan.shares)
    return f"{where}, {left} left free." + (f" The rest is on the processor: {plan.why}." if plan.why else "")


def device_words(device: Device) -> str:
    if not device.total_bytes:
        return f"{device.label} ({device.name}); its driver does not say how much memory it has"
    free, total = gigabytes(device.free_bytes), gigabytes(device.total_bytes)
    shared = " of the machine's own memory" if device.shares_memory else ""
    return f"{device.label} ({device.name}), {free} of {total}{shared} free"


def no_card(devices: Sequence[Device]) -> str:
    silent = [device for device in devices if device.is_card]
    if silent:
        return f"the driver of the {silent[0].label} does not say how much memory is free"
    return "llama.cpp sees no graphics card here"


def too_full(card: Device, kept: int) -> str:
    free = gigabytes(card.free_bytes)
    return f"the {card.label} has {free} free, and {gigabytes(kept)} of that is left to other programs"
