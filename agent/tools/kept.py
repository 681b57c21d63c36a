"""Answers of online tools, kept for when there is no network: one private file each, bounded in number, in size and in
time. An answer is found again by what was asked of whom, never by words that somebody else chose.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.tools.private_files import PrivateFiles

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
        self._files = PrivateFiles(folder / FOLDER, ANSWERS_MAX, ALL_BYTES_MAX, KEPT_S_MAX)

    def get(self, key: str) -> Kept | None:
        """None, too, for a damaged one, which goes."""
        try:
            text = self._files.read(key)
            kept = Kept(**json.loads(text)) if text is not None else None
        except (ValueError, TypeError, RecursionError):  # not as it was written: only a copy is lost
            self._files.drop(key)
            return None
        return kept if kept and kept.key == key and isinstance(kept.facts, dict) else None

    def put(self, kept: Kept) -> bool:
        """Whether it could be kept: a longer answer than the bound is not. Raises NotKeptError."""
        written = json.dumps(asdict(kept), ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
        if len(written) > ANSWER_BYTES_MAX:
            return False
        self._files.write(kept.key, written)
        return True

    def forget(self, tools: str) -> None:
        """All answers of tools whose names begin so."""
        for key in self._files.names():
            kept = self.get(key)
            if kept is None or kept.tool.startswith(tools):
                self._files.drop(key)


def forget_all(folder: Path) -> None:
    """Pages and answers: all that was kept of elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)
