"""Answers of online tools, kept for when there is no network: one private file each, bounded in number, in size and in
time. An answer is found again by what was asked of whom, never by words that somebody else chose.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGES = "pages"  # folder of kept web pages, in the cache folder
FOLDER = "results"  # in it
ANSWERS_MAX = 500
ANSWER_BYTES_MAX = 1_000_000
ALL_BYTES_MAX = 50_000_000
KEPT_S_MAX = 90 * 86_400.0  # an older one goes, whatever its bound says


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `source`: whose it is, in words; `fetched_at`: unix seconds; `fresh_for_s`: the bound it came with;
    `etag` and `last_modified`: where HTTP gave them."""

    key: str
    tool: str
    source: str
    facts: Mapping[str, Any]
    fetched_at: float
    fresh_for_s: int
    etag: str = ""
    last_modified: str = ""


def key_of(tool: str, args: Mapping[str, Any], identity: str) -> str:
    """`identity`: of the declaration and the account that are asked, so that a tool that changed, or another account,
    does not answer with what was said before."""
    said = json.dumps([tool, dict(args), identity], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


class KeptAnswers:
    """`folder`: that of kept pages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def get(self, key: str) -> Kept | None:
        """None, too, for a damaged one, which goes."""
        path = self._path(key)
        try:
            kept = Kept(**json.loads(path.read_text("utf-8")))
            return kept if kept.key == key and isinstance(kept.facts, dict) else None
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, RecursionError):  # cut short by a full disk: only a copy is lost
            path.unlink(missing_ok=True)
            return None

    def put(self, kept: Kept) -> bool:
        """Whether it could be kept: a longer answer than the bound is not."""
        written = json.dumps(asdict(kept), ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
        if len(written) > ANSWER_BYTES_MAX:
            return False
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(kept.key)
        unfinished = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
        unfinished.replace(path)
        self._drop_oldest()
        return True

    def forget(self, tools: str) -> None:
        """All answers of tools whose names begin so."""
        for path in list(self._folder.glob("*.json")):
            kept = self.get(path.stem)
            if kept is None or kept.tool.startswith(tools):
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _drop_oldest(self) -> None:
        size, since = 0, time.time() - KEPT_S_MAX
        files = [(path.stat(), path) for path in self._folder.glob("*.json")]
        for number, (about, path) in enumerate(sorted(files, key=lambda one: -one[0].st_mtime)):
            size += about.st_size
            if number >= ANSWERS_MAX or size > ALL_BYTES_MAX or about.st_mtime < since:
                path.unlink(missing_ok=True)


def forget_all(folder: Path) -> None:
    """Pages and answers: all that was kept of elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)
