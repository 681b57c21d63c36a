"""What the laws of the outbox are held against: a model that knows texts and receipts and nothing of tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.item import Item
from sync.loopback import Loopback
from sync.states import State

MODES = ("key", "query", "none")
DESTINATIONS = {f"webhook:{mode}": mode for mode in MODES}


class Place(Loopback):
    """Holds every effect against laws 7 and 8 at the moment at which it happens."""

    def _act(self, item: Item) -> None:
        assert item.basis is None or self.world is None or dict(item.basis) == dict(self.world), "a stale intent"
        assert "result-" not in str(item.payload), "a placeholder left"
        super()._act(item)


@dataclass
class Wait:
    """What the model knows of one need."""

    needs: str
    token: str = ""
    takes: str = ""


@dataclass
class Known:
    """The model, as far as it goes back with an older copy."""

    born: dict[str, dict[str, Any]] = field(default_factory=dict)
    waits: dict[str, list[Wait]] = field(default_factory=dict)
    before: dict[str, State] = field(default_factory=dict)  # as they stood after the last step
    first_tries: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in DESTINATIONS})

    def follow(self, now: list[Item]) -> None:
        """What the receipts since the last step mean, worked out from the texts alone."""
        items = {item.id: item for item in now}
        for item_id, waits in self.waits.items():
            for wait in list(waits):
                receipt = items[wait.needs].receipt
                if receipt is not None and self._ends(item_id, wait, receipt):
                    waits.remove(wait)
        self.before = {item_id: item.state for item_id, item in items.items()}

    def _ends(self, item_id: str, wait: Wait, receipt: Mapping[str, Any]) -> bool:
        """Whether nothing is open of it any more."""
        born = self.born[item_id]
        if self.before[item_id] is State.DELIVERED or not wait.token or wait.token not in str(born):
            return True
        value = "" if wait.takes == "text" and receipt.get("by") else str(receipt.get(wait.takes, ""))
        if value:
            self.born[item_id] = {**born, "text": born["text"].replace(wait.token, value)}
        return bool(value)
