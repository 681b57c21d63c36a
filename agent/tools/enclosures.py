"""Work of the library that goes with what leaves, by its title: a reference, never the bytes. Which version leaves is
decided at delivery by the user's rule."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from agent.protocol.records import Artifact
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.results import NeedsClarification
from agent.tools.titles import CHOICES_MAX, which
from sync.transports.attached import BYTES_MAX, FILES_MAX, OCTETS, safe_name, safe_type

KINDS = ("note", "document", "page", "file")
TEXT, ENDING = "text/markdown", ".md"
Entry = Mapping[str, Any]


def enclosed(said: str, context: ToolContext) -> tuple[Entry, ...] | NeedsClarification:
    """Of one title, or of several with commas between. Raises ToolRefusedError for more than can go."""
    if context.target:
        return _entries([context.library.get(context.target)], context)
    whole = context.library.find_by_title(said, kinds=KINDS, without=context.without)
    parts = [part.strip() for part in said.split(",") if part.strip()]
    if whole.sure or len(parts) < 2:
        return _entries([whole.sure], context) if whole.sure else which("which_item", said, whole.candidates, context)
    found: list[Artifact] = []
    for number, part in enumerate(parts[: FILES_MAX + 1]):
        one = context.library.find_by_title(part, kinds=KINDS, without=context.without)
        if one.sure is None:
            return _which_of_several(said, parts, number, one.candidates)
        found.append(one.sure)
    return _entries(found, context)


def _which_of_several(said: str, parts: list[str], number: int, candidates: tuple[Artifact, ...]) -> NeedsClarification:
    """The choices are the whole list, each with one candidate in its place."""
    titles = tuple(dict.fromkeys(artifact.title for artifact in candidates))[:CHOICES_MAX]
    if len(titles) == 1 and len(candidates) > 1:
        raise ToolRefusedError(f"Several things are called “{titles[0]}”.", "attach", "Attach it alone, to be asked.")
    choices = tuple(", ".join([*parts[:number], title, *parts[number + 1 :]]) for title in titles)
    return NeedsClarification("which_item", {"title": said}, choices)


def _entries(found: list[Artifact], context: ToolContext) -> tuple[Entry, ...]:
    if len(found) > FILES_MAX:
        raise ToolRefusedError(f"{len(found)} files are too many.", "attach", f"At most {FILES_MAX} can go with it.")
    size = sum(context.library.versions(artifact.id)[0].size_bytes for artifact in found)
    if size > BYTES_MAX:
        raise ToolRefusedError(
            f"This is {size / 1e6:.1f} MB.", "attach", f"At most {BYTES_MAX // 1_000_000} MB can go with it."
        )
    return tuple(_entry(artifact, context.settings.outbox_attachments) for artifact in found)


def _entry(artifact: Artifact, follow: str) -> Entry:
    name, media_type = file_of(artifact)
    return {
        "artifact": artifact.id, "version": artifact.head, "name": name, "media_type": media_type, "follow": follow,
    }  # fmt: skip


def file_of(artifact: Artifact) -> tuple[str, str]:
    """Its name as a file, and its media type."""
    name = str(artifact.data.get("name") or "")
    if not name:
        is_file = artifact.kind == "file"
        name = artifact.title if is_file else f"{artifact.title.removesuffix(ENDING)}{ENDING}"
    guessed = TEXT if name.endswith(ENDING) else mimetypes.guess_type(name)[0]
    return safe_name(name), safe_type(str(artifact.data.get("media_type") or guessed or OCTETS))


def named(entries: tuple[Entry, ...]) -> str:
    """ "report.md (version 3), plan.pdf (version 1)"."""
    return ", ".join(f"{entry['name']} (version {entry['version']})" for entry in entries)
