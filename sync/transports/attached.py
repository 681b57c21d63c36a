"""Work of the library that an item carries by reference: which version leaves is decided at delivery, by the rule that
the item was given. This package knows no library; a `Shelf` is handed in.

    {"artifact": id, "version": n, "name": "report.md", "media_type": "text/markdown", "follow": "pinned"}

pinned sends version n, latest the newest there is, ask stops where a newer one than the user knows of is there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sync.item import Item
from sync.transports.outcomes import ChangedError, RejectedError

FILES_MAX = 10
BYTES_MAX = 25_000_000  # of all files of one item; what most mail servers take
DIFF_CHARACTERS_MAX = 1_200
NAME_CHARACTERS_MAX = 120
OCTETS = "application/octet-stream"
KNOWN = "versions"  # in an item's basis: artifact to the newest version that the user knows of


_UNFIT = re.compile(r'[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069/\\:*?"<>|]+')
_MEDIA_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a piece of work. `at_ms`: when it was written."""

    n: int
    at_ms: int
    size_bytes: int


class Shelf(Protocol):
    """Where the work is. Each raises RejectedError, in words for the user, for work that is no longer there."""

    def newest(self, artifact: str) -> Edition: ...

    def edition(self, artifact: str, n: int) -> Edition: ...

    def content(self, artifact: str, n: int) -> bytes: ...

    def difference(self, artifact: str, older: int, newer: int) -> str:
        """As text, "" where it is none."""
        ...


class NoShelf:
    """Where no library was handed in."""

    def newest(self, artifact: str) -> Edition:
        raise RejectedError("The library cannot be reached from here.", artifact, "Send it from Carryon itself.")

    def edition(self, artifact: str, n: int) -> Edition:
        return self.newest(artifact)

    def content(self, artifact: str, n: int) -> bytes:
        raise RejectedError("The library cannot be reached from here.", artifact, "Send it from Carryon itself.")

    def difference(self, artifact: str, older: int, newer: int) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes


def files(item: Item, shelf: Shelf, *, settled: bool = False) -> tuple[File, ...]:
    """What the item carries, as it is to leave now. Raises ChangedError, with both sides, and RejectedError.
    `settled`: an earlier try is asked about, so that a newer version is no news."""
    entries = item.payload.get("attached") or ()
    if len(entries) > FILES_MAX:
        raise RejectedError(f"{len(entries)} files are attached.", item.tool, f"At most {FILES_MAX} can be.")
    newer = [] if settled else [entry for entry in entries if _is_news(entry, item, shelf)]
    if newer:
        raise _changed(newer, item, shelf)
    chosen = [(entry, _edition(entry, shelf)) for entry in entries]
    size = sum(edition.size_bytes for _, edition in chosen)
    if size > BYTES_MAX:
        raise RejectedError(
            f"What is attached is {size / 1e6:.1f} MB.", item.tool, f"At most {BYTES_MAX // 1_000_000} MB can be sent."
        )
    return tuple(_file(entry, edition, shelf) for entry, edition in chosen)


def _file(entry: Mapping[str, Any], edition: Edition, shelf: Shelf) -> File:
    content = shelf.content(str(entry["artifact"]), edition.n)
    return File(safe_name(str(entry["name"])), safe_type(str(entry["media_type"])), content)


def safe_name(text: str) -> str:
    """A file's name that is one on every system: no path, no sign that cannot be seen, no dot in front."""
    name = _UNFIT.sub("_", text).strip().lstrip(".").strip()
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_CHARACTERS_MAX:
        name = f"{stem[: NAME_CHARACTERS_MAX - len(ending) - 1]}.{ending}" if dot and len(ending) < 12 else name
    return name[:NAME_CHARACTERS_MAX] or "file"


def safe_type(text: str) -> str:
    return text.lower() if _MEDIA_TYPE.fullmatch(text) else OCTETS


def _edition(entry: Mapping[str, Any], shelf: Shelf) -> Edition:
    artifact = str(entry["artifact"])
    return shelf.newest(artifact) if entry["follow"] == "latest" else shelf.edition(artifact, int(entry["version"]))


def _is_news(entry: Mapping[str, Any], item: Item, shelf: Shelf) -> bool:
    return entry["follow"] == "ask" and shelf.newest(str(entry["artifact"])).n > _known(entry, item)


def _known(entry: Mapping[str, Any], item: Item) -> int:
    """The newest version that the user has decided about: that of the item, or one that a conflict has shown."""
    shown = dict((item.basis or {}).get(KNOWN) or {})
    return max(int(entry["version"]), int(shown.get(str(entry["artifact"]), 0)))


def _changed(newer: list[Mapping[str, Any]], item: Item, shelf: Shelf) -> ChangedError:
    shown = dict((item.basis or {}).get(KNOWN) or {})
    then, now = [], []
    for entry in newer:
        artifact, version = str(entry["artifact"]), int(entry["version"])
        newest = shelf.newest(artifact)
        then.append(f"{entry['name']}: {_said(shelf.edition(artifact, version))}")
        difference = shelf.difference(artifact, version, newest.n)[:DIFF_CHARACTERS_MAX]
        now.append(f"{entry['name']}: {_said(newest)}" + (f"\n{difference}" if difference else ""))
        shown[artifact] = newest.n
    names = ", ".join(str(entry["name"]) for entry in newer)
    return ChangedError(
        f"There is a newer version of {names} than the one you decided on.", item.destination,
        "Send it all the same with the version you decided on, or change it to take the newest.",
        then="\n".join(then), now="\n".join(now), basis={**(item.basis or {}), KNOWN: shown},
    )  # fmt: skip


def _said(edition: Edition) -> str:
    at = datetime.fromtimestamp(edition.at_ms / 1_000, UTC)
    size = f"{edition.size_bytes / 1_000:.1f} kB" if edition.size_bytes >= 1_000 else f"{edition.size_bytes} bytes"
    return f"version {edition.n} of {at:%Y-%m-%d %H:%M} UTC, {size}"
