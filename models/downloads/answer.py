"""Reads what a server answered to a request for a piece, and judges whether it is of the file that was begun."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.downloads.origin import SHA256
from models.downloads.part import Notes
from models.downloads.patience import asked_wait_s

if TYPE_CHECKING:
    import httpx

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
LATER = frozenset((408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524))


class Later(Exception):  # noqa: N818  worth another attempt
    """What happened, as words; `wait_s`: how long the server asks to be left alone, None when it does not say;
    `crowded`: it wants fewer requests at once."""

    def __init__(self, words: str, wait_s: float | None = None, *, crowded: bool = False) -> None:
        super().__init__(words)
        self.wait_s = wait_s
        self.crowded = crowded


class Changed(Exception):  # noqa: N818  the whole file has to be begun anew
    """On the server lies another file than the one that was begun."""


class NoParts(Exception):  # noqa: N818  to be fetched in one go
    """The server sends the file from its start whatever was asked for."""


class Refused(Exception):  # noqa: N818  told to the user in other words
    """No further attempt makes sense: what, and what to do."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Answer:
    """`start`: the first byte that follows; `in_parts`: it is a part, as was asked for; `tag`, `sha256`: see Notes."""

    start: int
    total: int
    in_parts: bool
    tag: str
    sha256: str

    def is_of(self, notes: Notes) -> bool:
        """Whether these bytes may be put beside those that are here."""
        if self.total != notes.total:
            return False
        if self.sha256 and notes.sha256:
            return self.sha256 == notes.sha256
        return bool(self.tag) and self.tag == notes.tag


def read_answer(response: httpx.Response, asked_from: int) -> Answer:
    """Later, Changed and Refused say why nothing usable follows."""
    status = response.status_code
    if status in LATER:
        wait = asked_wait_s(response.headers)
        raise Later(f"the server answered {status}", wait, crowded=status in (429, 503))
    if status == 416 and asked_from:  # what was asked for lies beyond the file's end
        raise Changed
    if status not in (200, 206):
        raise Refused(
            f"The server refused: {status} {response.reason_phrase}.".replace(" .", "."),
            "Check the address; some models must be agreed to in a browser first.",
        )
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Refused("The server sends the file packed, though plain bytes were asked for.", "Fetch it elsewhere.")
    start, total = _extent(response, asked_from)
    return Answer(start, total, status == 206, _tag(response), _linked_digest(response))


def _extent(response: httpx.Response, asked_from: int) -> tuple[int, int]:
    """Where the bytes that follow begin, and how long the whole file is."""
    linked = _linked_size(response)
    if response.status_code == 200:
        start, total = 0, _number(response.headers.get("content-length", "")) or linked
    else:
        found = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if found is None or int(found[1]) != asked_from:
            raise Later("the server sent another part than was asked for")
        start, total = int(found[1]), int(found[3])
    if not total:
        raise Refused("The server does not say how long the file is.", "Fetch it from another place.")
    if linked and linked != total:
        raise Refused(
            f"The server gives the file two lengths, {linked:,} and {total:,} bytes.", "Fetch it from another place."
        )
    return start, total


def _tag(response: httpx.Response) -> str:
    """Only a tag that promises the same bytes; a weak one promises the same meaning."""
    tag = response.headers.get("etag", "")
    return str(tag if tag and not tag.startswith("W/") else response.headers.get("last-modified", ""))


def _linked_digest(response: httpx.Response) -> str:
    """Hugging Face names a large file's SHA-256 as the tag of what it links to, in the answer that sends on to it."""
    for answer in (*response.history, response):
        tag = answer.headers.get("x-linked-etag", "").removeprefix("W/").strip('"').lower()
        if SHA256.fullmatch(tag):
            return str(tag)
    return ""


def _linked_size(response: httpx.Response) -> int:
    sizes = (_number(answer.headers.get("x-linked-size", "")) for answer in (*response.history, response))
    return next((size for size in sizes if size), 0)


def _number(text: str) -> int:
    return int(text[:18]) if text.isascii() and text.isdigit() else 0
