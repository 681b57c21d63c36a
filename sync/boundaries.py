"""The moments between which a process may die. Parts call their `boundary` with one of these names; in use it does
nothing, the crash sweep kills the process there, so every name is a promise that was tried out."""

from collections.abc import Callable

Boundary = Callable[[str], None]

ENQUEUE = ("enqueue: row written", "enqueue: history written", "enqueue: committed")
DELIVERY = (
    "lease: row marked",
    "lease: committed",
    "offer: row marked",
    "offer: committed",
    "deliver: answered",
    "settle: row written",
    "settle: committed",
)


def passed(name: str) -> None:
    """The boundary of a process that lives on."""
