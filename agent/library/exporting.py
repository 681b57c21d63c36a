"""Work as files: one artifact, or all of them in a zip with an index that names what each file is."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from agent.protocol.records import Artifact, Version
from agent.store.files import writing
from sync.steering import UNSEEN

FORMAT = 1
NAME_CHARACTERS_MAX = 80
UNFIT = re.compile(f'[{UNSEEN}\t\n<>:"/\\\\|?*]+')
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))})

Content = Callable[[str, int], bytes]  # artifact id, version
Entry = tuple[Artifact, Sequence[Version]]


def export_all(entries: Iterable[Entry], content: Content, path: Path, *, history: bool) -> None:
    """A zip: a file for each artifact, `history/NAME/…` for older versions, index.json for titles, tags and times."""
    import zipfile

    index: list[dict[str, Any]] = []
    taken: set[str] = set()
    with writing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for artifact, versions in entries:
            name = file_name(artifact, taken)
            archive.writestr(name, content(artifact.id, artifact.head))
            older = [version for version in versions if version.n != artifact.head] if history else []
            for version in older:
                archive.writestr(_older_name(name, version.n), content(artifact.id, version.n))
            index.append(_indexed(artifact, name, versions))
        document = {"format": FORMAT, "artifacts": index}
        archive.writestr("index.json", json.dumps(document, ensure_ascii=False, indent=2))


def file_name(artifact: Artifact, taken: set[str]) -> str:
    """A name that every system takes, once."""
    given = PurePosixPath(str(artifact.data.get("name", "")))
    ending = (given.suffix if UNFIT.search(given.suffix) is None else "") or (
        ".bin" if artifact.kind == "file" else ".md"
    )
    stem = (
        UNFIT.sub(" ", artifact.title.removesuffix(ending)).strip(" .")[:NAME_CHARACTERS_MAX].strip(" .") or "untitled"
    )
    if stem.casefold() in RESERVED:
        stem = f"{stem} (1)"
    name, number = f"{stem}{ending}", 1
    while name.casefold() in taken or name.casefold() == "index.json":
        number += 1
        name = f"{stem} ({number}){ending}"
    taken.add(name.casefold())
    return name


def one_name(said: str) -> str:
    """A title as the name of a file, within one folder whatever it says."""
    kept = UNFIT.sub(" ", said).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    stem = (stem if dot else kept).strip(" .")[:NAME_CHARACTERS_MAX].strip(" .")
    return f"{stem or 'untitled'}{dot}{ending[:10]}" if dot else stem or "untitled"


def _older_name(name: str, n: int) -> str:
    whole = PurePosixPath(name)
    return f"history/{whole.stem}/{n}{whole.suffix}"


def _indexed(artifact: Artifact, name: str, versions: Sequence[Version]) -> dict[str, Any]:
    return {
        "file": name,
        "id": artifact.id,
        "kind": artifact.kind,
        "title": artifact.title,
        "tags": artifact.tags,
        "data": dict(artifact.data),
        "created_at": artifact.created_at,
        "updated_at": artifact.updated_at,
        "versions": [
            {"n": v.n, "sha256": v.sha256, "author": v.author, "created_at": v.created_at, "note": v.note}
            for v in versions
        ],
    }
