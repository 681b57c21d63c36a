"""The models Carryon knows: the starter that ships with it, and the files the user added. Nothing is ever copied.

Only names and places are kept (models.json in the data folder); what a file is, its header says each time. A model may
also be named by its path, without being added. A file may belong to another program: when it goes, that is said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from models.contracts import Kind
from models.digest import Digests, Progress, go_on
from models.errors import CatalogBadError, ModelFileBadError, UnknownModelError
from models.gguf_check import Header, check
from models.json_file import read_json, write_json
from models.split import later_parts

STARTER = "starter"
STARTER_FILE = Path(__file__).parent / "starter" / "starter.gguf"
ENTRIES_MAX = 1_000
NAME_CHARACTERS_MAX = 80
_NAME = re.compile(r"[\w][\w.+ -]*", re.UNICODE)
_UNFIT = re.compile(r"\s*[^\w.+ -]+|^[^\w]+", re.UNICODE)

SHOWN = "carryon models list shows what is there; carryon models use starter goes back to Carryon's own."

Verdict = Literal["good", "changed", "unverified"]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """`note` says what is wrong with it, empty when nothing is; sizes of a file that is gone are 0."""

    name: str
    path: Path
    sha256: str
    kind: Kind
    size_bytes: int
    added_at: str = ""  # ISO 8601, UTC; empty for the starter and for a bare path
    note: str = ""
    program: str = ""  # whose file it is, where it is not the user's own: "LM Studio", "Ollama", …


@dataclass(frozen=True, slots=True)
class _Entry:
    """`others`: of a model in several files, the later ones: name → SHA-256."""

    path: str
    sha256: str
    added_at: str
    program: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


class Catalog:
    """`data_dir` holds models.json and the cache of digests. Not thread-safe; several processes see each other's
    writes at their next call."""

    def __init__(
        self, data_dir: Path, *, clock: Callable[[], float] = time.time, starter_file: Path = STARTER_FILE
    ) -> None:
        self._file = data_dir / "models.json"
        self._digests = Digests(data_dir / "digests.json")
        self._clock = clock
        self._starter_file = starter_file

    def list(self) -> tuple[KnownModel, ...]:
        """The starter first, then what was added, by name. Files are looked at but not read whole."""
        entries = sorted(self._entries().items(), key=lambda item: item[0].casefold())
        return (self._starter(), *(_known(name, entry) for name, entry in entries))

    def resolve(self, name_or_path: str, progress: Progress = go_on) -> KnownModel:
        """A model ready to be loaded, with its digest. UnknownModelError, ModelFileBadError."""
        entry = self._entries().get(name_or_path)
        if name_or_path == STARTER:
            path, name = self._starter_file, STARTER
        elif entry is not None:
            path, name = Path(entry.path), name_or_path
            self._check_there(name, entry)
        elif _looks_like_path(name_or_path):
            path = Path(name_or_path).expanduser().absolute()
            name = path.stem
        else:
            raise self._unknown(name_or_path)
        header = check(path)
        digest = self._digests.sha256(path, progress)
        added_at, program = (entry.added_at, entry.program) if entry else ("", "")
        return KnownModel(name, path, digest, header.kind, header.size_bytes, added_at, "", program)

    def header(self, name_or_path: str) -> Header:
        """What the model's file says about itself."""
        known = {model.name: model.path for model in self.list()}
        if name_or_path in known:
            return check(known[name_or_path])
        if _looks_like_path(name_or_path):
            return check(Path(name_or_path).expanduser().absolute())
        raise self._unknown(name_or_path)

    def add(
        self, path: Path, name: str = "", progress: Progress = go_on, *, sha256: str = "", program: str = ""
    ) -> KnownModel:
        """Remember a file where it lies. The same name for the same file is no error; for another one it is. `sha256`:
        where the file was read whole just now; `program`: whose file it is."""
        path = path.expanduser().absolute()
        header = check(path)
        name = name or fit_name(path.stem)
        self.check_name(name, path)
        if sha256:
            self._digests.remember(path, sha256)
        others = {later.name: self._digests.sha256(later, progress) for later in _all_there(path, header.parts)}
        entry = _Entry(str(path), self._digests.sha256(path, progress), self._now(), program, others)
        self._write({**self._entries(), name: entry})
        return KnownModel(name, path, entry.sha256, header.kind, header.size_bytes, entry.added_at, "", program)

    def free_name(self, wanted: str) -> str:
        """`wanted`, made fit to be a name, with a number behind it where another model has it."""
        fit = fit_name(wanted, NAME_CHARACTERS_MAX - 4)
        taken = {STARTER, *self._entries()}
        numbered = (f"{fit} {number}" for number in range(2, ENTRIES_MAX + 3))
        return fit if fit not in taken else next(one for one in numbered if one not in taken)

    def check_name(self, name: str, path: Path) -> None:
        """CatalogBadError when the file at `path` cannot be called that."""
        _check_name(name)
        entries = self._entries()
        if name in entries and Path(entries[name].path) != path:
            raise CatalogBadError(
                f"There is a model called {name!r} already.", entries[name].path, "Choose another name with --name."
            )
        if len(entries) >= ENTRIES_MAX and name not in entries:
            raise CatalogBadError(
                f"The list holds {ENTRIES_MAX:,} models.", str(self._file), "Remove one first: carryon models remove."
            )

    def _check_there(self, name: str, entry: _Entry) -> None:
        if gone := _gone(entry):
            raise ModelFileBadError(
                f"The model {name!r} cannot be loaded. {gone}", entry.path,
                "Put it back, or choose another: carryon models list.",
            )  # fmt: skip

    def remove(self, name: str) -> KnownModel:
        """Forget a model; its file stays where it is."""
        if name == STARTER:
            raise CatalogBadError("The starter is part of Carryon.", STARTER, "Choose another model to use instead.")
        entries = self._entries()
        if name not in entries:
            raise self._unknown(name)
        entry = entries.pop(name)
        self._write(entries)
        return _known(name, entry)

    def verify(self, name_or_path: str, progress: Progress = go_on) -> Verdict:
        """Read the whole model again, all its files: "good" when it is as it was added, "unverified" when nothing is
        known of it. Bad files raise ModelFileBadError."""
        entry = self._entries().get(name_or_path)
        if entry is not None:
            self._check_there(name_or_path, entry)
        expected = _card_digest(self._starter_file) if name_or_path == STARTER else entry.sha256 if entry else ""
        path = self.header(name_or_path).path
        files = {path: expected}
        if entry is not None:
            files |= {path.with_name(name): digest for name, digest in entry.others.items()}
        same = [self._digests.sha256(file, progress, fresh=True) == digest for file, digest in files.items()]
        if not expected:
            return "unverified"
        return "good" if all(same) else "changed"

    def _starter(self) -> KnownModel:
        return _known(STARTER, _Entry(str(self._starter_file), _card_digest(self._starter_file), ""))

    def _entries(self) -> dict[str, _Entry]:
        try:
            data = read_json(self._file)
            return {str(name): _entry(entry) for name, entry in data["models"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CatalogBadError(
                f"The list of models cannot be read: {error}.", str(self._file),
                "Move that file away and add your models again; the models themselves are not touched.",
            ) from error  # fmt: skip

    def _write(self, entries: dict[str, _Entry]) -> None:
        record: dict[str, Any] = {"schema": 1, "models": {name: asdict(entry) for name, entry in entries.items()}}
        try:
            write_json(self._file, record)
        except OSError as error:
            raise CatalogBadError(
                f"The list of models could not be saved: {error.strerror or error}.", str(self._file),
                "Free some disk space and try again; the list is as it was.",
            ) from error  # fmt: skip

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _unknown(self, name: str) -> UnknownModelError:
        from difflib import get_close_matches

        names = [STARTER, *self._entries()]
        close = get_close_matches(name[:NAME_CHARACTERS_MAX], names, n=1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        return UnknownModelError(f"No model is called {_short(name)!r}.", "", f"{hint}{SHOWN}")


def _entry(plain: Mapping[str, Any]) -> _Entry:
    return _Entry(**{**plain, "others": dict(plain.get("others", {}))})


def _known(name: str, entry: _Entry) -> KnownModel:
    path = Path(entry.path)
    try:
        header = check(path)
    except ModelFileBadError as error:
        kind: Kind = "starter" if name == STARTER else "chat"
        note = _gone(entry) or error.what
        return KnownModel(name, path, entry.sha256, kind, 0, entry.added_at, note, entry.program)
    note = _gone(entry)
    return KnownModel(name, path, entry.sha256, header.kind, header.size_bytes, entry.added_at, note, entry.program)


def _all_there(first: Path, parts: int) -> tuple[Path, ...]:
    """The later files of a model; ModelFileBadError names one that is missing."""
    later = later_parts(first, parts)
    if missing := [file.name for file in later if not file.exists()]:
        raise ModelFileBadError(
            f"This model comes in {len(later) + 1} files, and {len(missing)} are missing, {missing[0]} among them.",
            str(first), "Put all of them into one folder.",
        )  # fmt: skip
    return later


def _gone(entry: _Entry) -> str:
    """What is no longer where it was, in words; "" when all is there."""
    path = Path(entry.path)
    missing = [file.name for file in (path, *map(path.with_name, entry.others)) if not file.exists()]
    if not missing:
        return ""
    whose = f"{entry.program} kept it there and may have removed or moved it" if entry.program else "it was moved"
    what = "There is no such file" if path.name in missing else f"Its part {missing[0]} is not there"
    return f"{what}: {whose}, or its disk is not connected."


def _card_digest(starter_file: Path) -> str:
    """What the starter's card says of its file; empty without a card."""
    try:
        card = read_json(starter_file.with_name("card.json"))
    except (OSError, ValueError):
        return ""
    digest = card.get("sha256", "") if isinstance(card, dict) else ""
    return digest if isinstance(digest, str) else ""


def fit_name(wanted: str, characters_max: int = NAME_CHARACTERS_MAX) -> str:
    """What a model can be called, after a file or a name elsewhere: "Llama-3 (1)" becomes "Llama-3-1"."""
    return _UNFIT.sub("-", wanted).strip(" -.+")[:characters_max].strip(" -.+") or "model"


def _check_name(name: str) -> None:
    if name == STARTER or len(name) > NAME_CHARACTERS_MAX or not _NAME.fullmatch(name):
        raise CatalogBadError(
            f"A model cannot be called {_short(name)!r}.", "its name",
            "Use letters, digits, spaces and - _ . + (at most 80); starter is taken. Give one with --name.",
        )  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS_MAX else f"{name[: NAME_CHARACTERS_MAX - 1]}…"


def _looks_like_path(text: str) -> bool:
    return text.lower().endswith(".gguf") or "/" in text or "\\" in text or text.startswith("~")
