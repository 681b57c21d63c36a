"""What a copy of an appointment in a calendar elsewhere was decided on, and what a later one is: told from its item."""

from collections.abc import Mapping
from typing import Any

from sync.item import Item
from sync.states import State

GONE = "gone"  # in a payload: it is to be taken out there


def stands_on(item: Item) -> Mapping[str, Any]:
    """What a later change of the same appointment is decided on: as this copy left it. Nothing where it took it out."""
    if item.payload.get(GONE):
        return {}
    reference = str((item.receipt or {}).get("reference", ""))
    tag = reference if item.state is State.DELIVERED and reference.startswith(('"', "W/")) else ""
    return {**({"etag": tag} if tag else {}), "was": as_sent(item.payload)}


def stood_on(item: Item) -> Mapping[str, Any]:
    """What this one itself was decided on: how the appointment is there before it; empty for a first copy."""
    basis = (item.conflict or {}).get("basis") or item.basis or {}
    return {name: basis[name] for name in ("etag", "was") if basis.get(name)}


def as_sent(payload: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: str(payload[name]) for name in ("title", "starts", "ends")}


def may_be_there(item: Item) -> bool:
    """It is being sent, or nobody knows whether it arrived: what changes it waits for that."""
    return item.state in (State.SENDING, State.UNKNOWN) or item.uncertain_since is not None
