"""A folder on a WebDAV server (RFC 4918), such as Nextcloud's: somebody else's machine, so never without a passphrase.

A file goes up under a name of its own and is moved into place once all of it is there: an upload that broke off never
looks whole. A move does not write over what is there, but for the state of this laptop, and that only while it is as it
was read (its ETag). So two that take themselves for the same laptop cannot overwrite each other.
"""

import contextlib
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from agent.replica.errors import NoExchangeError, RefusedError, UnreadError
from sync.rows import Clock
from sync.transports import attempt
from sync.transports.attempt import Attempt, Cut
from sync.transports.dav import RESPONSES_MAX, XML, DavAccount, Entry, below, dav_door, entries
from sync.transports.http import NO_HEADERS, Answer
from sync.transports.outcomes import DeliveryError, NotConfiguredError, RejectedError
from sync.transports.port import PATIENCE, Limits

FILES_MAX = 400  # each is a request, and one listing names them all
LISTING_BYTES_MAX = 4_000_000
SLOWEST_BYTES_A_S = 100_000
SECONDS_MAX = 600.0  # for one file
UPLOAD = "uploading-"
ASK = b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
AGAIN = "Nothing is lost; it is tried again."
GONE = (404, 410)
MULTI_STATUS = 207

PATH_SIGNS = "/%:@!$&'()*+,;=~"  # what may stand in a path as it is; %, since it may be written as it is sent

Steps = tuple[str, ...]


class Line:
    """To the server. `cut` ends what goes on, and all that would come after it; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: Cut | None = None
        self._is_cut = False

    def cut(self) -> None:
        with self._lock:
            self._is_cut, going = True, self._going
        if going is not None:
            going.strike("Carryon was closed")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """For one request. There is nobody who waits for an answer to it, so it may take its time."""
        with self._lock:
            if self._is_cut:
                raise NoExchangeError("The exchange was ended.", "", AGAIN)
        with attempt.trying(_Try(self)):
            yield

    def guarded_by(self, cut: Cut) -> None:
        with self._lock:
            self._going, is_cut = cut, self._is_cut
        if is_cut:
            cut.strike("Carryon was closed")


class _Try(Attempt):
    def __init__(self, line: Line) -> None:
        super().__init__(rung=len(PATIENCE))
        self._line = line

    def guarded_by(self, cut: Cut) -> None:
        super().guarded_by(cut)
        self._line.guarded_by(cut)


class Server:
    """See Road. For one exchange: it remembers which state of a file it has read."""

    files_max = FILES_MAX
    needs_seal = True

    def __init__(
        self, account: DavAccount, line: Line | None = None, *, limits: Limits | None = None, clock: Clock = time.time
    ) -> None:
        try:
            self._door = dav_door(replace(account, url=_as_sent(account.url)), limits, clock)
        except DeliveryError as error:
            raise NoExchangeError(error.what, error.where, error.todo) from error
        self._line = line or Line()
        self._tags: dict[Steps, str] = {}

    @property
    def where(self) -> str:
        return self._door.host

    @property
    def name(self) -> str:
        return self._door.host

    @property
    def loopback(self) -> bool:
        return self._door.loopback

    def begin(self) -> None:
        if self._listed("0").status in GONE:
            raise NoExchangeError("There is no such folder there.", self.where, "Make it there, or correct sync.url.")

    def names(self, *steps: str) -> tuple[str, ...]:
        answer = self._listed("1", *steps)
        if answer.status in GONE:
            return ()
        found = [entry.last_name for entry in self._entries(answer)]
        if steps[-1] not in found:  # it names itself first; an answer that does not is none, and not an empty folder
            raise self._no_such_server()
        if len(found) >= RESPONSES_MAX:
            raise NoExchangeError("More lies there than Carryon reads.", self._place(steps), "Choose another folder.")
        return tuple(name for name in found if name and name != steps[-1])

    def has(self, *steps: str) -> bool:
        return self._look("HEAD", steps, fine=GONE).status not in GONE

    def read(self, *steps: str, most: int) -> bytes:
        answer = self._look("GET", steps, headers={"Accept-Encoding": "identity"}, fine=GONE, size=most)
        if answer.status in GONE:
            raise UnreadError("it is not there yet")
        if len(answer.body) > most:
            raise UnreadError("it is larger than Carryon writes")
        if len(answer.body) != int(answer.headers.get("Content-Length", len(answer.body))):
            raise NoExchangeError(f"The connection to {self.name} broke in the middle of a file.", self.name, AGAIN)
        self._tags[steps] = answer.headers.get("ETag", "")
        return answer.body

    def write(self, content: bytes, *steps: str, new: bool) -> None:
        beside = (*steps[:2], f"{UPLOAD}{uuid.uuid4().hex}")
        headers = {"Destination": self._url(steps), **self._condition(steps, new=new)}
        self._put(beside, content)
        moved = self._send("MOVE", beside, None, headers, fine=(404, 409, 412))
        if moved.status in (404, 409):
            self._make_folders(steps)
            moved = self._send("MOVE", beside, None, headers, fine=(412,))
        if moved.status == 412:
            self.drop(*beside)
            raise self._not_ours(steps)
        if not new:
            self._tags[steps] = self._look("HEAD", steps).headers.get("ETag", "")

    def drop(self, *steps: str) -> None:
        self._send("DELETE", steps, None, fine=GONE)

    def drop_folder(self, *steps: str) -> None:
        if not self.names(*steps):
            self.drop(*steps)

    def tidy(self, *steps: str) -> None:
        for name in self.names(*steps):
            if name.startswith(UPLOAD):
                self.drop(*steps, name)

    # Inner

    def _put(self, steps: Steps, content: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream", "If-None-Match": "*"}
        answer = self._send("PUT", steps, content, headers, fine=(404, 409))
        if answer.status in (404, 409):  # there is no such folder yet
            self._make_folders(steps)
            self._send("PUT", steps, content, headers)

    def _make_folders(self, steps: Steps) -> None:
        for depth in range(1, len(steps)):
            self._send("MKCOL", steps[:depth], None, fine=(405,))

    def _condition(self, steps: Steps, *, new: bool) -> Mapping[str, str]:
        """Under which the move is made: nothing is there, or what was read. Not every server heeds the second one, so
        it is asked just before, too."""
        if new or steps not in self._tags:
            return {"Overwrite": "F"}
        tag = self._tags[steps]
        if self._look("HEAD", steps, fine=GONE).headers.get("ETag", "") != tag:
            raise self._not_ours(steps)
        held = {"If": f"<{urlsplit(self._url(steps)).path}> ([{tag}])"} if tag.startswith('"') else {}
        return {"Overwrite": "T", **held}

    def _not_ours(self, steps: Steps) -> NoExchangeError:
        return NoExchangeError("Somebody else wrote what this laptop was about to.", self._place(steps), AGAIN)

    def _listed(self, depth: str, *steps: str) -> Answer:
        headers = {**XML, "Depth": depth}
        answer = self._look("PROPFIND", steps, ASK, headers, fine=GONE, size=LISTING_BYTES_MAX)
        if answer.status not in (MULTI_STATUS, *GONE):
            raise self._no_such_server()
        return answer

    def _no_such_server(self) -> NoExchangeError:
        return NoExchangeError(f"{self.name} did not answer as a WebDAV server does.", self.where, "Correct sync.url.")

    def _entries(self, answer: Answer) -> Iterator[Entry]:
        try:
            yield from entries(answer, self.name)
        except DeliveryError as error:
            raise NoExchangeError(error.what, error.where, error.todo) from error

    def _look(
        self, method: str, steps: Steps, content: bytes | None = None, headers: Mapping[str, str] = NO_HEADERS,
        fine: Collection[int] = (), size: int = 0,
    ) -> Answer:  # fmt: skip
        with self._said():
            door = replace(self._door, limits=self._patient(size))
            return door.look(method, self._url(steps), content, headers, fine)

    def _send(
        self, method: str, steps: Steps, content: bytes | None, headers: Mapping[str, str] = NO_HEADERS,
        fine: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        with self._said():
            door = replace(self._door, limits=self._patient(len(content or b"")))
            return door.send(method, self._url(steps), content, headers, lambda: None, fine)

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            with self._line.held():
                yield
        except (NotConfiguredError, RejectedError) as error:
            raise RefusedError(error.what, error.where, error.todo) from error
        except DeliveryError as error:
            raise NoExchangeError(error.what, error.where, AGAIN) from error

    def _patient(self, size: int) -> Limits:
        limits = self._door.limits
        most = max(size, limits.answer_bytes_max)
        total_s = min(limits.total_s + size / SLOWEST_BYTES_A_S, SECONDS_MAX)
        return replace(limits, total_s=total_s, answer_bytes_max=most)

    def _place(self, steps: Steps) -> str:
        """For words; an address may be a secret."""
        return "/".join((self.name, "…", *steps))

    def _url(self, steps: Steps) -> str:
        return below(self._door.url, *steps)


def _as_sent(url: str) -> str:
    """A folder may be called Büro; what is no address at all is told by the door."""
    try:
        parts = urlsplit(url)
        return parts._replace(path=quote(parts.path, safe=PATH_SIGNS)).geturl()
    except ValueError:
        return url
