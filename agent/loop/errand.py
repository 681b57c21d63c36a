"""One call on its way: what is to be run, under which rule, and what it takes the place of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.library.recording import Step
from agent.protocol.records import TRAIL, Call
from agent.tools.context import ToolContext

CHANGED_IN_PLACE = frozenset({"note.create", "task.add", "calendar.add"})  # the piece of work stays the same one


@dataclass(frozen=True, slots=True)
class Errand:
    """`approval`: its outbox item waits for the user's yes; `approved`: the yes is there; `stored`: the row is too.
    `begun_by`: who wrote down that another program begins with it.

    `earlier`: the call whose place it takes, which is taken back first where `takes_back`; `other`: what that one found
    is not meant; `answers`: id of the stored call whose question it answers; `lead`: what is said before its words;
    `unsaid`: it would tell the network what the user never wrote; `read_before`: what the chat model behind it had read
    by then that nobody here wrote, in words.
    """

    call: Call
    context: ToolContext
    approval: bool = False
    approved: bool = False
    stored: bool = False
    begun_by: str = ""
    earlier: Call | None = None
    takes_back: bool = False
    other: bool = False
    answers: str = ""
    lead: str = ""
    unsaid: bool = False
    read_before: tuple[str, ...] = ()

    def trail(self) -> "Trail":
        """What its row keeps of it while it waits, or is carried out."""
        return Trail(
            instead_of=self.earlier.id if self.earlier else "", without=self.context.without,
            target=self.context.target, takes_back=self.takes_back, other=self.other, read_before=self.read_before,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trail:
    """`undo`: what takes the call back; `instead_of`: the call whose place it took; `replaced_by`: the one that took
    its own; `without`: what was found before and not meant. `target`, `takes_back`, `other`: of a call that waits.
    `made_room`: the copy of the call whose place it took was cancelled for its own.

    `brought`: whose words came back from it (agent.tools.origins); `read_before`: as of the errand. `begun_by`: who
    asked another program for it (sync.owner), `begun_until`: when that is surely over; `tries`: how often."""

    undo: tuple[Step, ...] = ()
    instead_of: str = ""
    replaced_by: str = ""
    without: tuple[str, ...] = ()
    target: str = ""
    takes_back: bool = False
    other: bool = False
    was: Mapping[str, Any] = field(default_factory=dict)  # settings as the file had them
    brought: tuple[str, ...] = ()
    read_before: tuple[str, ...] = ()
    made_room: bool = False
    begun_by: str = ""
    begun_until: int = 0
    tries: int = 0

    @classmethod
    def of(cls, call: Call) -> "Trail":
        stored = dict(call.facts.get(TRAIL) or {})
        kept = {name: value for name, value in stored.items() if name in cls.__slots__}
        for name in ("undo", "without", "brought", "read_before"):
            kept[name] = tuple(kept.get(name, ()))
        return cls(**kept)

    def facts(self) -> dict[str, Any]:
        """Only what says something."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
        said = {name: value for name, value in plain.items() if value}
        return {TRAIL: said} if said else {}
