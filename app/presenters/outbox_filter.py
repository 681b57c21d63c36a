"""What the Outbox is narrowed to and grouped by; kept while the window is open. Chips say it and take it away again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.protocol.outbox_records import ItemFilter
from app.presenters import states, tools
from app.presenters.places import place_name
from app.presenters.wording import one_line

BY_URGENCY, BY_PLACE, BY_CONVERSATION = "urgency", "destination", "conversation"
GROUPINGS: tuple[tuple[str, str], ...] = (
    (BY_URGENCY, "By urgency"), (BY_PLACE, "By destination"), (BY_CONVERSATION, "By conversation"),
)  # fmt: skip
_STATES = dict(states.GROUPS)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that the list is narrowed to: pressing it takes it away."""

    name: str  # destination, tool, conversation_id
    words: str


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    group: str = ""
    destination: str = ""
    tool: str = ""
    conversation_id: str = ""
    query: str = ""
    by: str = BY_URGENCY

    @property
    def is_narrow(self) -> bool:
        return bool(self.group or self.query.strip()) or self.is_narrow_beyond_state

    @property
    def is_narrow_beyond_state(self) -> bool:
        return bool(self.destination or self.tool or self.conversation_id)

    def wanted(self, group: str = "", destination: str = "") -> ItemFilter:
        """As the core is asked, of one group of states and one destination where those are named."""
        group = group or self.group
        return ItemFilter(
            states=_STATES[group] if group else (), destination=destination or self.destination or None,
            tool=self.tool or None, conversation_id=self.conversation_id or None, text=self.query.strip(),
        )  # fmt: skip

    def chips(self, titles: Mapping[str, str]) -> tuple[Chip, ...]:
        """`titles`: of conversations."""
        made = (
            Chip("destination", place_name(self.destination) if self.destination else ""),
            Chip("tool", tools.face(self.tool).plain if self.tool else ""),
            Chip("conversation_id", conversation_name(self.conversation_id, titles) if self.conversation_id else ""),
        )
        return tuple(chip for chip in made if chip.words)

    def without(self, name: str) -> "OutboxFilter":
        return replace(self, **{name: ""})

    def widest(self) -> "OutboxFilter":
        return OutboxFilter(by=self.by)

    def nothing(self, titles: Mapping[str, str]) -> str:
        """Why the list is empty, and how to see more."""
        if not self.is_narrow:
            return "Nothing is on its way. What you ask Carryon to send waits here until it has arrived."
        told = [f"“{one_line(self.query, 40)}”"] if self.query.strip() else []
        told += [f"“{self.group}”"] if self.group else []
        told += [chip.words for chip in self.chips(titles)]
        return f"Nothing fits {' and '.join(told)}. Take one of these away, or show everything."


def conversation_name(conversation_id: str, titles: Mapping[str, str]) -> str:
    return f"“{one_line(titles[conversation_id], 40)}”" if titles.get(conversation_id) else "one conversation"
