"""What stands on a card whose words may not be the user's: strangers' pages or files were read before it."""

from collections.abc import Sequence

from agent.protocol.records import TRAIL, Call
from app.presenters.wording import one_line
from sync.item import Item

NAMED_MAX = 3
NAME_CHARACTERS_MAX = 120
OVER = frozenset({"delivered", "cancelled"})


def warning(call: Call | None, item: Item | None) -> str:
    """ "" where nothing was read, or where nothing is left to decide."""
    if item is not None and str(item.state) in OVER:
        return ""
    read = item.sources if item else _read_before(call) if call else ()
    if not read or (item is None and call and call.status not in ("proposed", "waiting_approval")):
        return ""
    return f"Decided after reading {named(read)}. Others wrote that: check every word before you say yes."


def _read_before(call: Call) -> Sequence[str]:
    return list((call.facts.get(TRAIL) or {}).get("read_before", ()))


def named(sources: Sequence[str]) -> str:
    """A few of them by name."""
    names = [one_line(source, NAME_CHARACTERS_MAX) for source in sources[:NAMED_MAX]]
    more = len(sources) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
