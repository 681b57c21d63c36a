"""Whether this machine has a way out at all: an interface that is up and has an address, beyond its own loopback."""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import Any

FAMILIES = (socket.AF_INET, socket.AF_INET6)


def any_up() -> bool | None:
    """None where the system does not tell."""
    import psutil

    try:
        return has_way_out(psutil.net_if_addrs(), psutil.net_if_stats())
    except (OSError, psutil.Error):
        return None


def has_way_out(addresses: Mapping[str, Iterable[Any]], states: Mapping[str, Any]) -> bool:
    """Of an interface without a state it is taken that it is up."""
    return any(
        any(one.family in FAMILIES and _leads_out(one.address) for one in found)
        for name, found in addresses.items()
        if name not in states or states[name].isup
    )


def _leads_out(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
