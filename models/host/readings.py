"""What this machine says of its memory and battery now. Whatever a system does not tell is None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.host.pressure import Reading

# What psutil raises where a system, a container or a driver does not say; a warning counts as not saying.
_UNSAID = (OSError, RuntimeError, NotImplementedError, AttributeError, ValueError, RuntimeWarning)


def read() -> Reading:
    import psutil  # not while the window starts

    memory = _said(psutil.virtual_memory)
    swap = _said(psutil.swap_memory)
    battery = _said(getattr(psutil, "sensors_battery", None))  # some systems have no such function
    return Reading(
        available_bytes=int(memory.available) if memory else None,
        total_bytes=int(memory.total) if memory else None,
        swap_percent=float(swap.percent) if swap and swap.total else None,
        battery_percent=float(battery.percent) if battery and battery.percent is not None else None,
        plugged=battery.power_plugged if battery else None,
    )


def _said(ask: Callable[[], Any] | None) -> Any:
    """The answer, or None. psutil's own errors are no OSErrors."""
    import psutil

    if ask is None:
        return None
    try:
        return ask()
    except (psutil.Error, *_UNSAID):
        return None
