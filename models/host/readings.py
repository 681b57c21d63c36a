"""What this machine, or the container we are in, says of memory and battery. What it does not tell is None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from models.devices.groups import GroupLimit, group_limits
from models.host.pressure import Reading

# What psutil raises where a system, a container or a driver does not say; a warning counts as not saying.
_UNSAID = (OSError, RuntimeError, NotImplementedError, AttributeError, ValueError, RuntimeWarning)


def read(limits: Callable[[], Iterable[GroupLimit]] = group_limits) -> Reading:
    """`limits`: of the container or session that this process is in."""
    import psutil  # not while the window starts

    memory = _said(psutil.virtual_memory)
    least = _least(memory, limits())
    swap = _said(psutil.swap_memory)
    battery = _said(getattr(psutil, "sensors_battery", None))  # some systems have no such function
    return Reading(
        available_bytes=least.available if least else None,
        total_bytes=least.total if least else None,
        swap_percent=float(swap.percent) if swap and swap.total else None,
        battery_percent=float(battery.percent) if battery and battery.percent is not None else None,
        plugged=battery.power_plugged if battery else None,
    )


def _least(memory: Any, limits: Iterable[GroupLimit]) -> GroupLimit | None:
    """Of the machine and what is around this process, that which leaves least; a limit above the machine is none."""
    machine = GroupLimit(int(memory.available), int(memory.total)) if memory else None
    tight = [limit for limit in limits if machine is None or limit.total < machine.total]
    return min((*tight, *([machine] if machine else [])), key=lambda one: one.available, default=None)


def _said(ask: Callable[[], Any] | None) -> Any:
    """The answer, or None. psutil's own errors are no OSErrors."""
    import psutil

    if ask is None:
        return None
    try:
        return ask()
    except (psutil.Error, *_UNSAID):
        return None
