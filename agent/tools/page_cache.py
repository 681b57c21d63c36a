"""Copies of fetched pages: one private file each, bounded in number, with what is needed to ask whether it changed."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.tools.private_files import PrivateFiles

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
        self._files = PrivateFiles(folder, PAGES_MAX)

    def get(self, url: str) -> Page | None:
        """The copy, or None; a damaged one is none and goes."""
        try:
            text = self._files.read(_name(url))
            return Page(**json.loads(text)) if text is not None else None
        except (ValueError, TypeError):  # not as it was written: only a copy is lost
            self._files.drop(_name(url))
            return None

    def put(self, page: Page) -> None:
        """Raises NotKeptError."""
        self._files.write(_name(page.url), json.dumps(asdict(page), ensure_ascii=False).encode("utf-8"))


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
