"""One sentence for a person: what may have happened to an item of which nobody is sure, and where to look.

Pure: the item and a way to write a moment in; no row, no clock, no settings.
"""

from collections.abc import Callable, Mapping

from sync.item import Item
from sync.states import State

# Destination kind to where its effects are seen; the kind stands before the colon of a destination.
_WHERE: Mapping[str, str] = {
    "smtp": "the folder of sent mail",
    "webhook": "the channel",
    "tracker": "the list of issues",
    "caldav": "the calendar",
    "webdav": "the folder there",
    "git": "the history of the repository there",
    "action": "the place it was meant for",
    "web": "the kept pages",
    "ask": "the kept answers",
}
_NAME_CHARACTERS_MAX = 60
_REPEATS: Mapping[str, str] = {
    "key": "it is sent again under the same number, by which a repeat is recognised there, so it arrives once.",
    "query": "before it is sent again it is looked for there, so it arrives once.",
    "none": "a repeat would not be recognised there, so you are asked before it is sent again.",
}
# How a repeat is recognised is known from the first try on.
_NOT_TRIED_YET = (
    "whether a repeat would be recognised there is found out first: then it goes by itself and arrives once, else you "
    "are asked before it is sent."
)


def may_have_happened(item: Item, moment: Callable[[int], str]) -> str:
    """Empty while there is no doubt. `moment`: unix milliseconds as the user reads times."""
    if item.uncertain_since is None and item.state is not State.UNKNOWN:
        return ""
    return f"{_what(item, moment)}; {_next(item)}"


def _what(item: Item, moment: Callable[[int], str]) -> str:
    place, since = _place(item), moment(item.uncertain_since or item.updated_at)
    if not item.offers:
        return f"Since {since} this may have been sent to {place} by the profile as it was before a copy was put back"
    if item.offers == 1:
        return f"At {since} it was handed to {place} and no answer came back, so it may or may not have arrived"
    return (
        f"It was handed to {place} {item.offers} times, and since {since} there was a try without an answer, so it may "
        "or may not have arrived"
    )


def _next(item: Item) -> str:
    where = _WHERE.get(item.destination.partition(":")[0], "the place it was meant for")
    if item.state is State.UNKNOWN:
        return _look(item, where)
    if item.state is State.WAITING_APPROVAL:
        return "it waits for your yes, and before it is sent it is made sure that it is not there already."
    if item.state not in (State.QUEUED, State.FAILED, State.SENDING):
        return f"look in {where} before you send it again."
    return _REPEATS[item.mode] if item.attempts else _NOT_TRIED_YET


def _look(item: Item, where: str) -> str:
    if item.mode == "query" and not item.is_for_the_user_alone:
        return f"look in {where} and say whether it is there, or send it again: then it is looked for there first."
    return f"look in {where}, then say whether it is there: sent again without a look, it could arrive twice."


def _place(item: Item) -> str:
    kind, _, name = item.destination.partition(":")
    return f"{name[:_NAME_CHARACTERS_MAX] or kind} ({kind})"
