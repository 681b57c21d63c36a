"""What a chat model is told besides what was said: the system text, the tools that the settings do not deny, what its
calls mean here and what came of them. Over the profile's own parts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Protocol

from agent.agentrc.settings import Settings
from agent.loop.calling import intended
from agent.loop.offering import Offered, offered
from agent.loop.ports import Intended
from agent.loop.prompt import Retelling, system_prompt
from agent.loop.telling import told
from agent.loop.tool_names import ToolNames
from agent.protocol.records import Call, CallStatus
from agent.tools.context import zone_named
from agent.tools.registry import Registry
from agent.tools.spec import ToolSpec
from models.contracts import ToolCall
from sync.errors import SyncError
from sync.item import Item
from sync.states import State

WAITS = frozenset({CallStatus.PROPOSED, CallStatus.WAITING, CallStatus.QUEUED, CallStatus.BEGUN, CallStatus.UNKNOWN})
OVER = frozenset({State.DELIVERED, State.CANCELLED, State.EXPIRED})


class Items(Protocol):
    def newest(self, item_id: str) -> Item: ...


class Briefing:
    """`settings()` are those in force."""

    def __init__(self, registry: Registry, settings: Callable[[], Settings], items: Items) -> None:
        self._registry = registry
        self._settings = settings
        self._items = items
        self._named: tuple[tuple[ToolSpec, ...], ToolNames] = ((), ToolNames(()))

    def system(self, *, acts: bool) -> str:
        return system_prompt(self._settings(), acts=acts)

    def offered(self, room: int) -> Offered:
        return offered([spec for spec in self._registry.specs() if self._rule(spec) != "deny"], self._names, room)

    def intended(self, call: ToolCall, known: Mapping[str, Call], said: Sequence[str]) -> Intended:
        return intended(call, self._registry, self._names, known, said)

    def name(self, call: Call) -> str:
        return self._names.written(call.tool)

    def told(self, call: Call, room: int) -> str:
        spec = self._registry.get(call.tool) if self._registry.has(call.tool) else None
        return told(call, self._item(call), spec, room)

    def retelling(self, room: int) -> Retelling:
        return Retelling(self._names, lambda call: self.told(call, room))

    def is_open(self, call: Call) -> bool:
        if call.status not in WAITS or call.facts.get("ask"):
            return False
        return self._item(call) not in OVER

    @property
    def zone(self) -> tzinfo:
        return zone_named(self._settings().timezone)

    @property
    def _names(self) -> ToolNames:
        specs = self._registry.specs()
        if self._named[0] != specs:
            self._named = (specs, ToolNames(spec.name for spec in specs))
        return self._named[1]

    def _rule(self, spec: ToolSpec) -> str:
        return self._settings().tool_rule(spec.name, outside=spec.is_outside)

    def _item(self, call: Call) -> State | None:
        if not call.outbox_id:
            return None
        try:
            return self._items.newest(call.outbox_id).state
        except SyncError:  # the outbox was emptied
            return None
