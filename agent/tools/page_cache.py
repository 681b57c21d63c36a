"""Copies of fetched pages: one private file each, bounded in number, with what is needed to ask whether it changed."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

PAGES_MAX = 500


@dataclass(frozen=True, slots=True)
class Page:
    """`fetched_at`: unix seconds; `url` as asked for; `text` is readable text."""

    url: str
    title: str
    text: str
    fetched_at: float
    etag: str = ""
    last_modified: str = ""
    cut: bool = False


class PageCache:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, url: str) -> Page | None:
        """The copy, or None; a damaged one is none and goes."""
        path = self._path(url)
        try:
            return Page(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):  # cut short by a full disk: only a copy is lost
            path.unlink(missing_ok=True)
            return None

    def put(self, page: Page) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(page.url)
        unfinished = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(page), file, ensure_ascii=False)
        unfinished.replace(path)
        self._drop_oldest()

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.json"

    def _drop_oldest(self) -> None:
        pages = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in pages[:-PAGES_MAX]:
            path.unlink(missing_ok=True)
