"""The root of every event, apart so that each room can keep its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    cause: str = ""
