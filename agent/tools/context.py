"""What a tool is given besides its arguments. Everything it may touch stands here; it opens nothing by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.agentrc.settings import Settings
from agent.tools.errors import ToolRefusedError
from agent.tools.foreground import Foreground

if TYPE_CHECKING:
    from agent.library import Library
    from sync.item import Item


def unwritten() -> None:
    raise ToolRefusedError("This is done only where it is asked for in a conversation.", todo="Ask for it there.")


@dataclass(frozen=True, slots=True)
class ToolContext:
    """`said`: the whole message of the user; `offline`: the network is denied or known to be away; `cache`: folder for
    fetched pages; `diff(key, value)`: how the user's settings file would change, "" when it would not; `sent`: what was
    delivered to a destination, newest first.

    `target`: id of the one piece of work that is meant (found, or to be changed instead of made anew), "" where the
    words decide; `without`: ids, or paths, of what was found before and is not meant. `kept_only`: what was waited for
    has come and is read now; nothing is asked of the network, and nothing waits for it anew. `begin`: called at the
    last moment before another program is asked to do something here; what it raises keeps it from being asked, and by
    itself it does: what is done so is written down first (agent/loop/ahead.py).
    `foreground`: asks the network while the user waits."""

    library: "Library"
    settings: Settings
    clock: Callable[[], float]
    conversation_id: str | None
    turn_id: str | None
    call_id: str
    said: str
    offline: bool
    cache: Path
    diff: Callable[[str, object], str] = lambda _key, _value: ""
    sent: Callable[[str], "Sequence[Item]"] = lambda _destination: ()
    target: str = ""
    without: tuple[str, ...] = ()
    kept_only: bool = False
    begin: Callable[[], None] = unwritten
    foreground: Foreground = field(default_factory=Foreground)

    @property
    def now(self) -> datetime:
        """The present moment in the user's zone."""
        return datetime.fromtimestamp(self.clock(), self.zone)

    @property
    def now_ms(self) -> int:
        return int(self.clock() * 1000)

    @property
    def zone(self) -> tzinfo:
        return zone_named(self.settings.timezone)


def zone_named(name: str) -> tzinfo:
    """An IANA zone; "local" is this machine's, with its summer time."""
    if name != "local":
        return ZoneInfo(name)
    from tzlocal import get_localzone

    return get_localzone()
