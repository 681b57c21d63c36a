"""What a laptop tells of one artifact: its fields with their stamps as they stand, and the versions that are new.

A delta can be applied twice, in any order, and by somebody who missed the ones before it. What comes out of a folder is
checked field by field before anything of it is believed: whoever can write there can write anything.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.library.artifacts import TAG_CHARACTERS_MAX, TITLE_CHARACTERS_MAX
from agent.library.blobs import CONTENT_BYTES_MAX
from agent.replica.errors import UnreadError
from agent.replica.hlc import STAMP_MAX, Stamp

ID_CHARACTERS_MAX = 160
WORD_CHARACTERS_MAX = 100_000
DATA_CHARACTERS_MAX = 1_000_000
TAGS_MAX = 5_000  # with those that are gone
PARENTS_MAX = 2
SOURCES_MAX = 200
SHA256_CHARACTERS = 64
TIME_MS_MAX = 1 << 53

Cover = Mapping[str, int]  # laptop: the newest of its versions that were known
FIELDS = ("title", "trash", "due", "done", "event")


@dataclass(frozen=True, slots=True)
class Field:
    """`value`: plain JSON, by the field's name. `cover`: for the trash, which versions were known."""

    stamp: Stamp
    value: Any
    cover: Cover = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    stamp: Stamp
    purged: bool
    cover: Cover


@dataclass(frozen=True, slots=True)
class Line:
    """A version: who it is, what it follows, and its content by digest. `merge`: no person wrote it."""

    uid: str
    parents: tuple[str, ...]
    stamp: Stamp
    sha256: str
    size_bytes: int
    author: str
    created_at: int
    note: str
    sources: tuple[str, ...]

    @property
    def merge(self) -> bool:
        return self.stamp.replica == MERGE


MERGE = "merge"  # stands for a laptop in the stamp of what all laptops make alike
Dots = Mapping[str, Mapping[str, tuple[int, int]]]  # tag: laptop: (added, how much of that is removed)


@dataclass(frozen=True, slots=True)
class Delta:
    """`life` alone says that it was deleted for good."""

    id: str
    life: Life | None = None
    kind: str = ""
    created_at: int = 0
    updated_at: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    tags: Dots = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


def plain(delta: Delta) -> dict[str, Any]:
    told: dict[str, Any] = {"id": delta.id}
    if delta.life:
        told["life"] = [*_pair(delta.life.stamp), delta.life.purged, dict(delta.life.cover)]
    if not delta.kind:
        return told
    fields = {name: [*_pair(it.stamp), it.value, dict(it.cover)] for name, it in delta.fields.items()}
    lines = [
        [line.uid, list(line.parents), *_pair(line.stamp), line.sha256, line.size_bytes, line.author, line.created_at,
         line.note, list(line.sources)]
        for line in delta.lines
    ]  # fmt: skip
    return told | {
        "kind": delta.kind, "created_at": delta.created_at, "updated_at": delta.updated_at, "data": dict(delta.data),
        "fields": fields, "tags": delta.tags, "versions": lines,
    }  # fmt: skip


def of_plain(told: Any) -> Delta:
    """Raises UnreadError for anything that this Carryon would not have written."""
    try:
        return _delta(told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadError("it holds something that Carryon does not write") from error


def can_be_told(delta: Delta) -> bool:
    """Whether another laptop would take it."""
    try:
        _delta(json.loads(json.dumps(plain(delta))))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


def _delta(told: dict[str, Any]) -> Delta:
    life = _life(told["life"]) if "life" in told else None
    if "kind" not in told:
        return Delta(_word(told["id"], ID_CHARACTERS_MAX), life)
    if len(json.dumps(told["data"])) > DATA_CHARACTERS_MAX or not isinstance(told["data"], dict):
        raise ValueError
    return Delta(
        _word(told["id"], ID_CHARACTERS_MAX), life, _word(told["kind"], 40), _time(told["created_at"]),
        _time(told["updated_at"]), told["data"],
        {name: _field(name, told["fields"][name]) for name in FIELDS if name in told["fields"]},
        _dots(told["tags"]), tuple(_line(line) for line in told["versions"]),
    )  # fmt: skip


def _life(told: list[Any]) -> Life:
    hlc, replica, purged, cover = told
    return Life(_stamp(hlc, replica), bool(purged), _cover(cover))


def _field(name: str, told: list[Any]) -> Field:
    hlc, replica, value, cover = told
    return Field(_stamp(hlc, replica), VALUES[name](value), _cover(cover))


def _line(told: list[Any]) -> Line:
    uid, parents, hlc, replica, sha256, size, author, created_at, note, sources = told
    if len(parents) > PARENTS_MAX or len(sources) > SOURCES_MAX or not 0 <= size <= CONTENT_BYTES_MAX:
        raise ValueError
    return Line(
        _word(uid, ID_CHARACTERS_MAX), tuple(_word(parent, ID_CHARACTERS_MAX) for parent in parents),
        _stamp(hlc, replica), digest(sha256), int(size), _word(author, 100), _time(created_at),
        _word(note, WORD_CHARACTERS_MAX), tuple(_word(source, 200) for source in sources),
    )  # fmt: skip


def _dots(told: dict[str, dict[str, list[int]]]) -> Dots:
    if len(told) > TAGS_MAX:
        raise ValueError
    return {
        _word(tag, TAG_CHARACTERS_MAX): {
            _word(replica, ID_CHARACTERS_MAX): (_hlc(added), _hlc(removed))
            for replica, (added, removed) in dots.items()
        }
        for tag, dots in told.items()
    }


def _cover(told: dict[str, int]) -> Cover:
    return {_word(replica, ID_CHARACTERS_MAX): _hlc(hlc) for replica, hlc in told.items()}


def _stamp(hlc: Any, replica: Any) -> Stamp:
    return Stamp(_hlc(hlc), _word(replica, ID_CHARACTERS_MAX))


def _hlc(value: Any) -> int:
    if type(value) is not int or not 0 <= value < STAMP_MAX:
        raise ValueError
    return value


def _time(value: Any) -> int:
    if type(value) is not int or not -TIME_MS_MAX < value < TIME_MS_MAX:
        raise ValueError
    return value


def _word(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError
    value.encode()  # half a sign cannot be stored
    return value


def digest(value: Any) -> str:
    if len(value) != SHA256_CHARACTERS or set(value) - set("0123456789abcdef"):
        raise ValueError
    return str(value)


def _maybe_time(value: Any) -> int | None:
    return None if value is None else _time(value)


def _due(value: list[Any]) -> list[Any]:
    said, due_at = value
    return [_word(said, WORD_CHARACTERS_MAX), _maybe_time(due_at)]


def _event(value: list[Any]) -> list[Any]:
    said, starts_at, ends_at, all_day, zone = value
    return [_word(said, WORD_CHARACTERS_MAX), _time(starts_at), _time(ends_at), int(bool(all_day)), _word(zone, 100)]


VALUES = {
    "title": lambda value: _word(value, TITLE_CHARACTERS_MAX), "trash": _maybe_time, "due": _due, "done": _maybe_time,
    "event": _event,
}  # fmt: skip


def _pair(stamp: Stamp) -> tuple[int, str]:
    return stamp.hlc, stamp.replica
