"""A file into a folder elsewhere (RFC 4918): PUT of one resource, asked about by what lies there.

payload: path, `attached` with the one piece of work. basis: `etag`, of the file as it was last known, "" or none where
it was not there. A file that is there against expectation is never written over unasked. Folders on the way are made.
"""

import contextlib
import hashlib
import time
from dataclasses import replace

from sync.item import Item
from sync.rows import Clock
from sync.transports.attached import BYTES_MAX, File, NoShelf, Shelf, files
from sync.transports.dav import DavAccount, below, dav_door
from sync.transports.http import Answer
from sync.transports.once import Once
from sync.transports.outcomes import ChangedError, DeliveryError, RejectedError, UncertainError
from sync.transports.port import Limits, Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
STEPS_MAX = 20
SLOWEST_BYTES_A_S = 400_000
LEASE_LEAVES_S = 100.0  # a delivery ends before its lease does
NOT_THERE, UNTOLD, MODIFIED = "", "there", "modified "


class WebDav:
    def __init__(
        self, account: DavAccount, *, shelf: Shelf | None = None, limits: Limits | None = None, clock: Clock = time.time
    ) -> None:
        self.name = account.name
        self.mode: Mode = "query"
        self.key_kept_s = KEY_KEPT_S
        self._shelf = shelf or NoShelf()
        self._limits = limits or Limits()
        self._door = dav_door(account, limits, clock)
        self.loopback = self._door.loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        file, url = self._file(item), self._url(item)
        self._door = replace(self._door, limits=self._patient(len(file.content))).begun()
        expected = str((item.basis or {}).get("etag") or NOT_THERE)
        if (there := self._tag(url)) != expected:
            return self._other_than_expected(item, file, url, there)
        answer = self._put(item, file, url, expected, Once(offer))
        if answer.status == 412:
            return self._other_than_expected(item, file, url, self._tag(url))
        tag = answer.headers.get("ETag") or self._tag_since(url, file)
        return self._receipt(tag, url, f"took it ({answer.status}).")

    def find(self, item: Item) -> Receipt | None:
        file, url = self._file(item, settled=True), self._url(item)
        self._door = replace(self._door, limits=self._patient(len(file.content))).begun()
        there = self._door.get(url, "HEAD", fine=(404, 410))
        if there.status in (404, 410):
            return None
        if self._holds(url, file):
            return self._receipt(self._tag_of(there), url, "has it already.")
        if self._tag_of(there) == str((item.basis or {}).get("etag") or NOT_THERE):
            return None
        raise UncertainError(
            f"At {self._door.host} lies another file of that name by now.", self.name, "Look there.", answered=True
        )

    def _file(self, item: Item, *, settled: bool = False) -> File:
        found = files(item, self._shelf, settled=settled)
        if len(found) != 1:
            raise RejectedError("There is no file to be sent.", self.name, "Ask again.")
        return found[0]

    def _url(self, item: Item) -> str:
        steps = str(item.payload.get("path", "")).split("/")
        if len(steps) > STEPS_MAX or not all(step.strip() and step not in (".", "..") for step in steps):
            raise RejectedError(f"{item.payload.get('path')!r} is no place in that folder.", self.name, "Change it.")
        return below(self._door.url, *steps)

    def _put(self, item: Item, file: File, url: str, expected: str, offer: Offer) -> Answer:
        """Where a folder on the way is lacking, it is made and the file is sent again: it was not taken."""
        headers = {"Content-Type": file.media_type, **_condition(expected)}
        answer = self._door.send("PUT", url, file.content, headers, offer, fine=(409, 412))
        if answer.status != 409:
            return answer
        steps = str(item.payload["path"]).split("/")[:-1]
        for depth in range(1, len(steps) + 1):
            self._door.send("MKCOL", below(self._door.url, *steps[:depth]), None, {}, offer, fine=(405,))
        return self._door.send("PUT", url, file.content, headers, offer, fine=(412,))

    def _patient(self, size: int) -> Limits:
        limits = self._limits
        return replace(
            limits, total_s=max(limits.total_s, min(LEASE_LEAVES_S, limits.total_s + size / SLOWEST_BYTES_A_S))
        )

    def _tag(self, url: str) -> str:
        there = self._door.look("HEAD", url, fine=(404, 410))
        return NOT_THERE if there.status in (404, 410) else self._tag_of(there)

    def _tag_since(self, url: str, file: File) -> str:
        """Of what was just taken, where the server did not tell it with its answer: else the next change of ours would
        stand on nothing that is found there. Untold where somebody else has written there since. That it arrived is
        known, whatever comes of the questions."""
        with contextlib.suppress(DeliveryError):
            tag = self._tag(url)
            return tag if self._holds(url, file) else UNTOLD
        return UNTOLD

    @staticmethod
    def _tag_of(answer: Answer) -> str:
        """What tells this state of the file from another."""
        changed = answer.headers.get("Last-Modified", "")
        return answer.headers.get("ETag") or (f"{MODIFIED}{changed}" if changed else UNTOLD)

    def _holds(self, url: str, file: File) -> bool:
        """Whether exactly these bytes lie there."""
        door = replace(self._door, limits=replace(self._door.limits, answer_bytes_max=BYTES_MAX))
        answer = door.get(url, fine=(404, 410))
        return hashlib.sha256(answer.body).digest() == hashlib.sha256(file.content).digest() and answer.status == 200

    def _other_than_expected(self, item: Item, file: File, url: str, there: str) -> Receipt:
        """The same bytes are no conflict: what was wanted is so."""
        expected = str((item.basis or {}).get("etag") or NOT_THERE)
        if there != NOT_THERE and self._holds(url, file):
            return self._receipt(there, url, "has it already.")
        now = self._said(url) if there != NOT_THERE else "no longer there"
        raise ChangedError(
            f"{item.payload['path']} at {self._door.host} is not what you decided on.", item.destination,
            "Send it all the same, which puts yours in its place, or change its path.",
            then="as you last sent it" if expected else "not there yet", now=now,
            basis={**(item.basis or {}), "etag": there},
        )  # fmt: skip

    def _said(self, url: str) -> str:
        there = self._door.look("HEAD", url, fine=(404, 410))
        size, changed = there.headers.get("Content-Length", ""), there.headers.get("Last-Modified", "")
        facts = [f"{size} bytes" if size else "", f"changed {changed}" if changed else ""]
        return ", ".join(["a file of another content", *filter(None, facts)])

    def _receipt(self, tag: str, url: str, what: str) -> Receipt:
        return Receipt(f"{self._door.host} {what}", tag, url)


def _condition(expected: str) -> dict[str, str]:
    if expected == NOT_THERE:
        return {"If-None-Match": "*"}
    if expected.startswith(MODIFIED):
        return {"If-Unmodified-Since": expected.removeprefix(MODIFIED)}
    return {"If-Match": expected} if expected.startswith('"') else {}
