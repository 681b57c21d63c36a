"""Fetches one model file: asks, takes it in parts, checks length, digest and header, then puts it in its place.

Whose digest counts: yours, if you give one; else the publisher's, if the server names it; else what was pinned when the
same address was first used. The first two are also held against the pin, so that a file cannot be exchanged unseen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.digest import hash_file
from models.downloads.address import check_address, file_name, key, shown
from models.downloads.answer import Answer, Changed, NoParts, Refused
from models.downloads.client import client
from models.downloads.crew import IN_ONE_GO, Crew, Job
from models.downloads.lock import alone
from models.downloads.origin import SHA256, Origin, read_origin, write_origin
from models.downloads.part import Part
from models.downloads.patience import Patience
from models.downloads.records import Fetched, SaidBy, Step, Watch, keep_on
from models.downloads.sound import check_whole
from models.errors import AddressBadError, DownloadError, NewVersionError

SPARE_BYTES = 256 * 1024 * 1024  # of the disk, to be left free
ANEW = "The file has changed on the server; it is begun anew."
AGAIN = "Fetch it again; if it happens twice, the published digest or the file is wrong."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One download. `sha256`: as you gave it, or ""; `pinned`: of an earlier use of the same address."""

    url: str
    target: Path
    sha256: str
    pinned: Origin | None
    accept_new: bool

    def expected(self, published: str) -> tuple[str, SaidBy]:
        """The digest that counts, and who said it; "" when nobody did."""
        if self.sha256:
            return self.sha256, "you"
        if published:
            return published, "publisher"
        if self.pinned is not None and not self.accept_new:
            return self.pinned.sha256, "first use"
        return "", "first use"


def fetch(
    url: str,
    folder: Path,
    *,
    sha256: str = "",
    accept_new: bool = False,
    watch: Watch = keep_on,
    patience: Patience | None = None,
    pause: Callable[[float], None] | None = None,
) -> Fetched:
    """Fetch `url` into `folder`, or go on where an earlier run stopped. `watch` returns False to pause: CancelledError,
    and what has arrived is kept for the next time. `accept_new`: take a file that differs from the one that was pinned.
    DownloadError and ModelFileBadError say what went wrong."""
    check_address(url)
    if sha256 and not SHA256.fullmatch(sha256.lower()):
        raise AddressBadError("This is no SHA-256.", sha256[:100], "It has 64 digits, 0 to 9 and a to f.")
    target = folder / file_name(url)
    origin = read_origin(target)
    pinned = origin if origin and origin.address == shown(url) else None
    wanted = _Wanted(url, target, sha256.lower(), pinned, accept_new)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(target):
            return _fetch(wanted, patience or Patience(), watch, pause)
    except OSError as error:
        raise DownloadError(
            f"The file could not be written: {error.strerror or error}.", str(folder),
            "Free some disk space, or choose another folder; what has arrived is kept.",
        ) from error  # fmt: skip


def _fetch(wanted: _Wanted, patience: Patience, watch: Watch, pause: Callable[[float], None] | None) -> Fetched:
    if already := _already(wanted, watch):
        return already
    part = Part(wanted.target)
    try:
        part.take_up(key(wanted.url))
        if part.notes is not None:
            _agree(wanted, part.notes.sha256, part.notes.total, part.notes.total - part.done)
        began_at = part.done
        part = _gather(wanted, part, patience, watch, pause)
        part.settle()
        return _put_in_place(wanted, part, began_at, watch)
    finally:
        part.close()


def _already(wanted: _Wanted, watch: Watch) -> Fetched | None:
    """The file, when it lies there as it should; read whole to tell, but nothing is asked of the network."""
    expected, said_by = wanted.expected("")
    if not expected or not wanted.target.is_file():
        return None
    size = wanted.target.stat().st_size
    digest = hash_file(wanted.target, size, lambda done, all_: watch(Step("checking", done, all_)))
    return Fetched(wanted.target, digest, size, size, said_by, already=True) if digest == expected else None


def _gather(
    wanted: _Wanted, part: Part, patience: Patience, watch: Watch, pause: Callable[[float], None] | None
) -> Part:
    """Crews, until one has brought everything: a file that changed on the server, or a server that sends no parts,
    needs another one, and a part of its own."""
    note, in_parts = "", True
    with client(wanted.url, patience) as connections:
        for _ in range(patience.restarts_max + 1):
            job = Job(connections, wanted.url, key(wanted.url), shown(wanted.url), _agreeing(wanted), in_parts, note)
            try:
                _run(Crew(job, part, patience, watch, pause), job.shown)
                return part
            except Changed:
                note = ANEW
            except NoParts:
                note, in_parts = IN_ONE_GO, False
            part.drop()
            part = Part(wanted.target)
    raise DownloadError(
        "The file keeps changing on the server while it is fetched.", shown(wanted.url), "Try again later."
    )


def _run(crew: Crew, where: str) -> None:
    """What stopped a crew, in words for the user."""
    import httpx

    try:
        crew.run()
    except Refused as error:
        raise DownloadError(str(error), where, error.todo) from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise AddressBadError(
            "The server sends on to what is no http or https address.", where, "Fetch it from another place."
        ) from None
    except httpx.TooManyRedirects:
        raise DownloadError("The server sends in circles.", where, "Fetch it from another place.") from None


def _agreeing(wanted: _Wanted) -> Callable[[Answer], None]:
    return lambda answer: _agree(wanted, answer.sha256, answer.total, answer.total)


def _agree(wanted: _Wanted, published: str, total: int, to_come: int) -> None:
    """DownloadError when the file on offer is not the one that is wanted, or has no room."""
    name, where = wanted.target.name, shown(wanted.url)
    if wanted.sha256 and published and wanted.sha256 != published:
        raise DownloadError(
            f"The publisher's {name} has another SHA-256 ({published[:12]}…) than you gave ({wanted.sha256[:12]}…).",
            where, "Check where yours is from; nothing was fetched.",
        )  # fmt: skip
    pinned = wanted.pinned.sha256 if wanted.pinned else ""
    if pinned and published and pinned != published and not wanted.accept_new:
        raise _other_than_pinned(name, published, pinned, where)
    if shutil.disk_usage(wanted.target.parent).free < to_come + SPARE_BYTES:
        raise DownloadError(
            f"The disk lacks room: {to_come / 1e9:.1f} GB of {name} are still to come.", str(wanted.target.parent),
            "Free some space, or choose a smaller model.",
        )  # fmt: skip


def _other_than_pinned(name: str, found: str, pinned: str, where: str) -> NewVersionError:
    return NewVersionError(
        f"The publisher now offers another {name} ({found[:12]}…) than the one that you had ({pinned[:12]}…).", where,
        "If that is a new version that you want, pull it with --accept-new.",
    )  # fmt: skip


def _put_in_place(wanted: _Wanted, part: Part, began_at: int, watch: Watch) -> Fetched:
    """Only a whole and fitting file gets its name; anything else is thrown away, for going on could not mend it."""
    notes = part.notes
    assert notes is not None
    where = shown(wanted.url)
    digest = hash_file(part.file, notes.total, lambda done, _all: watch(Step("checking", done, notes.total)))
    expected, said_by = wanted.expected(notes.sha256)
    if expected and digest != expected:
        part.drop()
        if said_by == "first use":
            raise _other_than_pinned(wanted.target.name, digest, expected, where)
        raise DownloadError(
            f"{wanted.target.name} did not arrive as it was published (its SHA-256 is {digest[:12]}…, not "
            f"{expected[:12]}…).", where, AGAIN,
        )  # fmt: skip
    check_whole(part, wanted.target.name, where)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write_origin(wanted.target, Origin(where, digest, notes.total, said_by, now))
    part.file.replace(wanted.target)
    part.forget()
    return Fetched(wanted.target, digest, notes.total, began_at, said_by)
