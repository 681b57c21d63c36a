"""What an item brings only once it is delivered, wanted before that: the link of an issue in a message about it.

A placeholder stands for it, "link-of-" and the beginning of the call's id, which no stranger and no user knows. A chat
model is told of it and writes it; of what the starter reads, "its link" behind a call that brings one is meant so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agent.loop.ports import Acted, Intended
from agent.loop.tool_names import reference
from agent.protocol.records import Call
from agent.tools.errors import ToolRefusedError
from sync.intent import Intent, Need, canonical

BRING_LINKS = frozenset({"issue.create", "file.upload"})
_TAKES = {"link": "url", "number": "reference"}
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(link|number)-of-([0-9a-f]{9})(?![A-Za-z0-9_-])")
_ITS_LINK = re.compile(
    r"\b(?:a|the) link to it\b|\b(?:its|the) (?:link|url|address)\b"
    r"|\b(?:den|der|dem|seinen|ihren) Link(?: dazu| darauf)?\b"
    r"|\b(?:su|el) enlace\b"
    r"|\b(?:son|le) lien\b",
    re.IGNORECASE,
)
ItemOf = Callable[[str], str | None]  # the outbox item of the call whose id begins so


def token(call: Call) -> str:
    return f"link-of-{reference(call)}"


def needs(intent: Intent, item_of: ItemOf) -> tuple[Need, ...]:
    """One for each placeholder in it. Raises ToolRefusedError for one that stands for nothing."""
    text = canonical([dict(intent.args), dict(intent.payload), intent.sentence])
    found = dict.fromkeys((match[0], match[1], match[2]) for match in _TOKEN.finditer(text))
    made = []
    for written, part, begins in found:
        item_id = item_of(begins)
        if item_id is None:
            raise ToolRefusedError(f"{written} stands for nothing that was sent here.", intent.tool, "Write it out.")
        made.append(Need(item_id, written, _TAKES[part]))
    return tuple(made)


def linked(intended: Intended, before: Sequence[Acted]) -> Intended:
    """With "its link" made the placeholder of the call before it in the same message, where that one brings a link."""
    bringing = [deed.call for deed in before if deed.item is not None and deed.call.tool in BRING_LINKS]
    if not bringing:
        return intended
    return replace(intended, args=_put_in(intended.args, token(bringing[-1])))


def _put_in(args: Mapping[str, str], placeholder: str) -> dict[str, str]:
    return {name: _ITS_LINK.sub(placeholder, value) for name, value in args.items()}
