"""The network of the simulated world: one for all destinations, and outages of single ones."""

import random
from dataclasses import dataclass, field

KINDS = ("up", "down", "black hole", "portal", "slow", "resets")


@dataclass
class Weather:
    kind: str = "up"
    out: set[str] = field(default_factory=set)  # destinations that are away for all

    def towards(self, destination: str) -> str:
        return "down" if destination in self.out else self.kind

    def change(self, chance: random.Random) -> str:
        self.kind = chance.choices(KINDS, [8, 2, 2, 1, 3, 3])[0]
        return self.kind

    def toggle(self, destination: str) -> str:
        self.out ^= {destination}
        return f"{destination} {'away' if destination in self.out else 'back'}"

    def clear(self) -> None:
        self.kind, self.out = "up", set()
