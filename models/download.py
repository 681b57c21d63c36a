"""Fetches a model file: goes on at the byte where it was cut, checks length, digest and header, then puts it in place.

Until all of that is true the bytes lie in NAME.part, with the server's tag for them in NAME.part.json, so that no half
file ever looks whole and no two versions of a file are ever joined.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from models.digest import Progress, go_on, hash_file
from models.errors import AddressBadError, CancelledError, DownloadError, ModelFileBadError
from models.gguf_check import check
from models.json_file import read_json, write_json

if TYPE_CHECKING:
    import httpx

ATTEMPTS_MAX = 6  # without a single byte in between
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
CONNECT_S, READ_S = 15.0, 60.0
SPARE_BYTES = 256 * 1024 * 1024  # of the disk, to be left free
NAME_CHARACTERS_MAX = 200
_SHA256 = re.compile("[0-9a-fA-F]{64}")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True, slots=True)
class Fetched:
    path: Path
    sha256: str
    size_bytes: int
    resumed_at: int  # bytes that an earlier attempt had left


@dataclass(slots=True)
class _Part:
    """What has arrived so far. `tag`: the server's name for this version of the file."""

    file: Path
    tag: str = ""
    total: int = -1

    @property
    def size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def drop(self) -> None:
        self.file.unlink(missing_ok=True)
        self._notes().unlink(missing_ok=True)

    def open(self, url: str) -> None:
        """Take up what an earlier run left, if it was of the same address and version."""
        try:
            notes = read_json(self._notes())
        except (OSError, ValueError):
            notes = None
        if isinstance(notes, dict) and notes.get("url") == url and notes.get("tag"):
            self.tag, self.total = str(notes["tag"]), int(notes.get("total", -1))
        else:
            self.drop()

    def note(self, url: str, tag: str, total: int) -> None:
        self.tag, self.total = tag, total
        write_json(self._notes(), {"url": url, "tag": tag, "total": total})

    def _notes(self) -> Path:
        return self.file.with_name(self.file.name + ".json")


class _CutError(Exception):
    """The connection ended early; worth another attempt."""


def file_name(url: str) -> str:
    """The last part of the address, made safe; DownloadError when it is no GGUF's name."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1].replace("\\", "_")
    if not name.lower().endswith(".gguf") or name.startswith(".") or len(name) > NAME_CHARACTERS_MAX:
        raise AddressBadError("The address does not end in the name of a .gguf file.", url, "Copy the file's own link.")
    return name


def download(
    url: str,
    folder: Path,
    *,
    sha256: str = "",
    progress: Progress = go_on,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch `url` into `folder`. `progress(bytes, all)` returns False to stop: CancelledError, and what has arrived
    is kept for the next time. DownloadError and ModelFileBadError say what went wrong."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise AddressBadError("Only http and https addresses can be fetched.", url, "Check the address.")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise AddressBadError("This is no SHA-256.", sha256, "It has 64 digits, 0 to 9 and a to f.")
    target = folder / file_name(url)
    part = _Part(target.with_name(target.name + ".part"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.open(url)
        began_at = part.size
        _fetch(url, part, progress, pause)
        digest = _verify(url, part, sha256)
        part.file.replace(target)
        part.drop()
        return Fetched(target, digest, target.stat().st_size, began_at)
    except OSError as error:
        raise DownloadError(
            f"The file could not be written: {error.strerror or error}.", str(folder),
            "Free some disk space, or choose another folder; what has arrived is kept.",
        ) from error  # fmt: skip


def _fetch(url: str, part: _Part, progress: Progress, pause: Callable[[float], None]) -> None:
    import httpx

    attempts = 0
    with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(READ_S, connect=CONNECT_S)) as client:
        while part.size != part.total:
            before = part.size
            try:
                _attempt(client, url, part, progress)
                return
            except httpx.UnsupportedProtocol as error:
                raise AddressBadError(
                    "The server sends on to what is no http or https address.", url, "Fetch it from another place."
                ) from error
            except (httpx.TransportError, _CutError) as error:
                attempts = 1 if part.size > before else attempts + 1
                if attempts >= ATTEMPTS_MAX:
                    raise DownloadError(
                        f"The download was cut {ATTEMPTS_MAX} times ({error or type(error).__name__}).", url,
                        "What has arrived is kept; pull again to go on from there.",
                    ) from error  # fmt: skip
            pause(PAUSES_S[min(attempts, len(PAUSES_S)) - 1])


def _attempt(client: httpx.Client, url: str, part: _Part, progress: Progress) -> None:
    """One request; returns when the whole file has arrived."""
    headers = {"Accept-Encoding": "identity"}
    if not part.tag:
        part.drop()  # nothing says that what would follow is of the same file
    if part.size:
        headers |= {"Range": f"bytes={part.size}-", "If-Range": part.tag}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416:  # more on our disk than the server has: not the same file
            part.drop()
            raise _CutError("the server no longer has that part")
        total = _accept(url, answer, part)
        with part.file.open("ab") as file:
            part.file.chmod(0o600)
            done = file.tell()
            for chunk in answer.iter_raw():
                file.write(chunk)
                done += len(chunk)
                if not progress(done, total):
                    raise CancelledError
                if done > total:
                    break
    if done < total:
        raise _CutError(f"{done:,} of {total:,} bytes")
    if done > total:
        part.drop()
        raise DownloadError("The server sent more than it had announced.", url, "Fetch it from another place.")


def _accept(url: str, answer: httpx.Response, part: _Part) -> int:
    """The length of the whole file, with `part` ready for what this answer carries."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise _CutError(f"the server answered {answer.status_code}")
    if answer.status_code not in (200, 206):
        raise DownloadError(
            f"The server refused: {answer.status_code} {answer.reason_phrase}.", url,
            "Check the address; some models must be agreed to in a browser first.",
        )  # fmt: skip
    total = _total(answer, part)
    if total is None:
        raise DownloadError("The server does not say how long the file is.", url, "Fetch it from another place.")
    tag = answer.headers.get("etag") or answer.headers.get("last-modified") or ""
    if answer.status_code == 206 and tag != part.tag:
        part.drop()
        raise _CutError("the file has changed on the server")
    if answer.status_code == 200:
        part.drop()
        part.note(url, tag, total)
    if shutil.disk_usage(part.file.parent).free < total - part.size + SPARE_BYTES:
        raise DownloadError(
            f"The disk lacks room: {(total - part.size) / 1e9:.1f} GB are still to come.", str(part.file.parent),
            "Free some space, or choose a smaller model.",
        )  # fmt: skip
    return total


def _total(answer: Any, part: _Part) -> int | None:
    if answer.status_code == 200:
        length = answer.headers.get("content-length", "")
        return int(length) if length.isdigit() else None
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None or int(found[1]) != part.size:
        part.drop()
        raise _CutError("the server sent another part than was asked for")
    return int(found[2])


def _verify(url: str, part: _Part, sha256: str) -> str:
    """The digest of a whole and fitting file; anything else is thrown away, for no resume could mend it."""
    digest = hash_file(part.file, part.size)
    if sha256 and digest != sha256.lower():
        part.drop()
        raise DownloadError(
            f"{file_name(url)} did not arrive as it was published (its SHA-256 is {digest[:12]}…, not {sha256[:12]}…).",
            url, "Fetch it again; if it happens twice, the published checksum or the file is wrong.",
        )  # fmt: skip
    try:
        check(part.file)
    except ModelFileBadError as error:
        part.drop()
        raise ModelFileBadError(error.what, url, error.todo) from None
    return digest
