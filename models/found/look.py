"""Looks through places for models: one entry a model, however many names, links and files it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.found.judge import PROJECTOR, judge
from models.found.ollama import blobs
from models.found.places import Place
from models.found.records import Finds, Found, LeftOut
from models.found.walk import Budget, Walk
from models.gguf_check import Header
from models.split import PartName, later_parts, part_name

NAMELESS = frozenset(("model", "ggml-model", "ggml-model-q4_0", "gguf"))  # file names that tell nothing
LEFT_OUT_MAX = 500


@dataclass(frozen=True, slots=True)
class _Candidate:
    program: str
    name: str
    file: Path
    said_sha256: str = ""


@dataclass(slots=True)
class _Sorted:
    """What the search has come to so far. `files`: identity of a file → its place in `models`, None for others."""

    models: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    files: dict[tuple[int, int], int | None] = field(default_factory=dict)
    parts: dict[tuple[Path, str], _Candidate] = field(default_factory=dict)


def look(where: Iterable[Place], known: Mapping[Path, str] | None = None, budget: Budget | None = None) -> Finds:
    """`known`: files of Carryon's own list, and their names there."""
    budget = budget or Budget()
    walk, found = Walk(budget), _Sorted()
    looked_in = []
    for place in where:
        if _is_open(place.folder, walk):
            looked_in.append(f"{place.program}: {place.folder}" if place.program else str(place.folder))
            for candidate in _candidates(place, walk, budget, found):
                _sort(candidate, found)
    _tell_lone_parts(found)
    notes = [f"Not everything was looked at: {budget.ended}."] if budget.ended else []
    notes += [f"This folder could not be read: {folder}" for folder in walk.unreadable[:LEFT_OUT_MAX]]
    models = tuple(_named(_marked(found.models, known or {})))
    return Finds(models, tuple(found.left_out[:LEFT_OUT_MAX]), tuple(looked_in), tuple(notes))


def _is_open(folder: Path, walk: Walk) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # a service keeps its models for itself
        walk.unreadable.append(folder)
        return False


def _candidates(place: Place, walk: Walk, budget: Budget, found: _Sorted) -> Iterator[_Candidate]:
    if place.kind == "files":
        for file in walk.gguf_files(place.folder):
            yield _Candidate(place.program, _name(file), file)
        return
    for blob in blobs(place.folder, budget):
        if blob.file is None:
            missing = place.folder / "blobs" / f"sha256-{blob.sha256}"
            why = f"{place.program} lists {blob.name}, but its file is not there; pull it there again."
            found.left_out.append(LeftOut(missing, place.program, why))
        elif blob.projector:
            found.left_out.append(LeftOut(blob.file, place.program, PROJECTOR))
        else:
            yield _Candidate(place.program, blob.name, blob.file, blob.sha256)


def _sort(candidate: _Candidate, found: _Sorted) -> None:
    try:
        identity = candidate.file.stat()
    except OSError as error:
        why = f"It cannot be read: {error.strerror or error}. (A link to what is gone?)"
        found.left_out.append(LeftOut(candidate.file, candidate.program, why))
        return
    key = (identity.st_dev, identity.st_ino)
    if key in found.files:
        _add_other_name(found, found.files[key], candidate)
        return
    judged = judge(candidate.file)
    found.files[key] = len(found.models) if judged.role == "model" else None
    if judged.header is not None:
        found.models.append(_found(candidate, judged.header))
    elif judged.role == "later part":
        named = part_name(candidate.file.name)
        found.parts.setdefault((candidate.file.parent, named.stem if named else candidate.file.name), candidate)
    else:
        found.left_out.append(LeftOut(candidate.file, candidate.program, judged.why))


def _add_other_name(found: _Sorted, index: int | None, candidate: _Candidate) -> None:
    if index is None:
        return
    one = found.models[index]
    other = f"{candidate.program}: {candidate.name}" if candidate.said_sha256 else str(candidate.file)
    if candidate.name != one.name or candidate.file != one.path:
        found.models[index] = replace(one, also=tuple(dict.fromkeys((*one.also, other))))


def _found(candidate: _Candidate, header: Header) -> Found:
    one = Found(
        name=candidate.name, program=candidate.program, path=candidate.file, size_bytes=header.size_bytes,
        architecture=header.architecture, kind=header.kind, license=header.license, parts=header.parts,
        said_sha256=candidate.said_sha256,
    )  # fmt: skip
    return _with_parts(one) if header.parts > 1 else one


def _with_parts(one: Found) -> Found:
    """All files counted; what is missing or damaged is said."""
    later = later_parts(one.path, one.parts)
    if len(later) + 1 != one.parts:
        words = f"It says that it comes in {one.parts} files, but its own name does not fit that."
        return replace(one, state="incomplete", note=words)
    missing = [file.name for file in later if not file.is_file()]
    bad = [file.name for file in later if file.name not in missing and judge(file).role != "later part"]
    size = one.size_bytes + sum(file.stat().st_size for file in later if file.name not in missing)
    if not missing and not bad:
        return replace(one, size_bytes=size)
    words = f"{one.parts - len(missing)} of {one.parts} files are here; {_listed(missing)} missing." if missing else ""
    words += f" {_listed(bad)} damaged." if bad else ""
    return replace(one, size_bytes=size, state="incomplete", note=words.strip())


def _listed(names: list[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more are"


def _tell_lone_parts(found: _Sorted) -> None:
    """Later files whose first one is nowhere."""
    begun = {(one.path.parent, named.stem) for one in found.models if (named := part_name(one.path.name))}
    for key, candidate in found.parts.items():
        if key not in begun:
            named = part_name(candidate.file.name)
            why = f"It is a later part of a model; its first file, {_first(named)}, is not there."
            found.left_out.append(LeftOut(candidate.file, candidate.program, why))


def _first(named: PartName | None) -> str:
    return named.file(1) if named else "whatever its name"


def _name(file: Path) -> str:
    named = part_name(file.name)
    stem = named.stem if named else file.stem
    return file.parent.name if stem.lower() in NAMELESS and file.parent.name else stem


def _marked(models: list[Found], known: Mapping[Path, str]) -> Iterator[Found]:
    """With the names that Carryon's own list has for them."""
    names: dict[tuple[int, int], str] = {}
    for path, name in known.items():
        try:
            identity = path.stat()
        except OSError:
            continue
        names[identity.st_dev, identity.st_ino] = name
    for one in models:
        identity = one.path.stat()
        yield replace(one, known_as=names.get((identity.st_dev, identity.st_ino), ""))


def _named(models: Iterable[Found]) -> Iterator[Found]:
    """Names told apart: a second of the same name gets a number."""
    seen: dict[str, int] = {}
    for one in models:
        seen[one.name] = seen.get(one.name, 0) + 1
        yield one if seen[one.name] == 1 else replace(one, name=f"{one.name} {seen[one.name]}")
