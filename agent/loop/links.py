"""What an item brings only once it is delivered, wanted before that: the link of an issue in a message about it.

A placeholder stands for it, "link-of-" and the beginning of the call's id, which no stranger and no user knows. A chat
model is told of it and writes it; of what the starter reads, "its link" behind a call that brings one is meant so.
It stands only in what waits in the outbox, where it is filled in; anywhere else it would stay as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.loop.ports import Acted, Intended
from agent.loop.tool_names import reference
from agent.protocol.records import Call
from agent.tools.errors import ToolRefusedError
from agent.tools.shipped import SHIPPED
from agent.tools.spec import Connectivity
from sync.intent import Intent, Need, canonical
from sync.item import Item

BRING_LINKS = frozenset({"issue.create", "file.upload"})
_TAKES = {"link": "url", "number": "reference"}
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(link|number)-of-([0-9a-f]{9})(?![A-Za-z0-9_-])")
_ITS_LINK = re.compile(
    r"\b(?:a|the) link to it\b|\bits (?:link|url)\b|\bden Link (?:dazu|darauf)\b|\bsu enlace\b|\bson lien\b",
    re.IGNORECASE,
)
_THE_LINK = re.compile(r"\s*(?:the (?:link|url)|den Link|el enlace|le lien)\s*[.!]?\s*", re.IGNORECASE)  # all of it
_WAITS_NOT = frozenset(spec.name for spec in SHIPPED if spec.connectivity is not Connectivity.DEFERRABLE)
ItemOf = Callable[[str], str | None]  # the outbox item of the call whose id begins so


def token(call: Call) -> str:
    return f"link-of-{reference(call)}"


def needs(intent: Intent, item_of: ItemOf) -> tuple[Need, ...]:
    """One for each placeholder in it. Raises ToolRefusedError for one that stands for nothing."""
    made = []
    for written, part, begins in _found(intent):
        item_id = item_of(begins)
        if item_id is None:
            raise ToolRefusedError(f"{written} stands for nothing that was sent here.", intent.tool, "Write it out.")
        made.append(Need(item_id, written, _TAKES[part]))
    return tuple(made)


def refuse_any(tool: str, written: Mapping[str, Any] | Intent) -> None:
    """For what is done as it is written. Raises ToolRefusedError for a placeholder in it."""
    found = _found(written) if isinstance(written, Intent) else _in(canonical(dict(written)))
    if found:
        raise ToolRefusedError(
            f"{next(iter(found))[0]} stands for what is not there yet; only what waits in the outbox can carry it.",
            tool, "Leave it out.",
        )  # fmt: skip


def refuse_new(item: Item, edited: Intent) -> None:
    """For an edit, after which the item waits for what it waited for before. Raises ToolRefusedError."""
    if new := [written for written in _found(edited) if written not in _found(item)]:
        what = f"{new[0][0]} stands for something that this item does not wait for."
        raise ToolRefusedError(what, edited.tool, "Write it out, or cancel this one and ask again.")


def _found(intent: Intent | Item) -> Mapping[tuple[str, str, str], None]:
    return _in(canonical([dict(intent.args), dict(intent.payload), intent.sentence]))


def _in(text: str) -> Mapping[tuple[str, str, str], None]:
    return dict.fromkeys((match[0], match[1], match[2]) for match in _TOKEN.finditer(text))


def linked(intended: Intended, before: Sequence[Acted]) -> Intended:
    """With "its link" made the placeholder of the call before it in the same message, where that one brings a link and
    this one waits in the outbox."""
    if intended.tool in _WAITS_NOT:
        return intended
    bringing = [deed.call for deed in before if deed.item is not None and deed.call.tool in BRING_LINKS]
    if not bringing:
        return intended
    return replace(intended, args=_put_in(intended.args, token(bringing[-1])))


def _put_in(args: Mapping[str, str], placeholder: str) -> dict[str, str]:
    return {
        name: placeholder if _THE_LINK.fullmatch(value) else _ITS_LINK.sub(placeholder, value)
        for name, value in args.items()
    }
