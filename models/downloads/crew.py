"""Several connections at one file, each with a piece of its own; on after every cut, at the byte.

The first answer says whether the server sends parts at all. Where it does not, one connection takes the whole file.
Threads hand what stops them to the one that waits for all; after a halt none of them can write another byte.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.downloads.answer import Answer, Changed, Later, NoParts, Refused, read_answer
from models.downloads.pace import Pace
from models.downloads.part import Halted, Notes, Part, Piece
from models.downloads.patience import Patience
from models.downloads.records import Phase, Step, Watch
from models.errors import CancelledError, DownloadError

if TYPE_CHECKING:
    import httpx

TICK_S = 0.25
FEWER = "The server asked for fewer requests at once; going on in one connection."
IN_ONE_GO = "This server does not send parts, so there is one connection, and a cut begins the file anew."


@dataclass(frozen=True, slots=True)
class Job:
    """`agree(answer)` is asked once, before the first byte: DownloadError when this file is not wanted or has no room;
    `in_parts` False asks for the whole file in one go."""

    client: httpx.Client
    url: str
    key: str
    shown: str
    agree: Callable[[Answer], None]
    in_parts: bool = True
    note: str = ""


class Crew:
    """Fetches what `part` lacks. `pause` waits for so many seconds; None: until then or until the halt."""

    def __init__(
        self, job: Job, part: Part, patience: Patience, watch: Watch, pause: Callable[[float], None] | None = None
    ) -> None:
        self._job = job
        self._part = part
        self._patience = patience
        self._watch = watch
        self._stop = threading.Event()
        self._pause = pause or self._stop.wait
        self._told = threading.Lock()
        self._state = threading.Condition()
        self._todo: deque[Piece] = deque()
        self._working = 0  # threads that run
        self._busy = 0  # connections with a piece in hand
        self._failure: BaseException | None = None
        self._pace = Pace()
        self._phase: Phase = "asking"
        self._note = job.note
        self._why = ""  # it waits

    def run(self) -> None:
        """Until the part is whole; else what stopped it: DownloadError, CancelledError, OSError, Changed, NoParts."""
        try:
            if self._part.notes is None:
                self._start(self._open_up)
            else:
                self._share_out()
            self._wait()
        finally:
            self._stop.set()
            if not self._part.whole:
                self._part.close()

    def _wait(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._failure is not None or self._working == 0, TICK_S)
                failure, over = self._failure, self._working == 0
            if failure is not None:
                raise failure
            if over:
                return
            self._tell()

    def _start(self, work: Callable[[], None]) -> None:
        with self._state:
            self._working += 1
        threading.Thread(target=self._guarded, args=(work,), daemon=True, name="download").start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Halted:
            pass
        except Exception as error:  # noqa: BLE001  whatever it is, the thread that waits must hear of it
            self._fail(error)
        finally:
            with self._state:
                self._working -= 1
                self._state.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._state:
            self._failure = self._failure or error
            self._stop.set()
            self._state.notify_all()
        self._part.close()

    # The first request, which opens the part, and the others

    def _open_up(self) -> None:
        """Ask for the first piece, or for everything; the answer says what the file is."""
        if not self._job.in_parts:
            self._persist(lambda: self._part.whole, lambda: self._request(None))
            return
        with self._state:
            self._busy += 1
        try:
            self._persist(lambda: self._part.notes is not None, lambda: self._request(None))
        finally:
            with self._state:
                self._busy -= 1
        first = self._part.pieces()[0]
        if self._part.at(first) < first.end:
            with self._state:
                self._todo.appendleft(first)
        self._work()

    def _share_out(self, *, but_first: bool = False) -> None:
        """Give what is missing to as many connections as there are pieces for; the first has one already, perhaps."""
        pieces = self._part.pieces()[1:] if but_first else self._part.pieces()
        missing = [piece for piece in pieces if self._part.at(piece) < piece.end]
        with self._state:
            self._todo.extend(missing)
        for _ in range(min(self._patience.connections - but_first, len(missing))):
            self._start(self._work)

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            try:
                self._fetch(piece)
            finally:
                with self._state:
                    self._busy -= 1

    def _next(self) -> Piece | None:
        with self._state:
            if not self._todo or self._stop.is_set():
                return None
            self._busy += 1
            return self._todo.popleft()

    def _fetch(self, piece: Piece) -> None:
        notes = self._part.notes
        if notes is None or not notes.can_go_on:
            raise NoParts  # nothing would say that what follows is of the same file
        self._persist(lambda: self._part.at(piece) >= piece.end, lambda: self._request(piece), piece)

    def _persist(self, whole: Callable[[], bool], request: Callable[[], None], piece: Piece | None = None) -> None:
        """Request until it is whole, with pauses that grow while not a byte comes."""
        import httpx

        fruitless = 0
        while not whole():
            if self._stop.is_set():
                raise Halted
            before = self._reached(piece)
            try:
                request()
                continue
            except (httpx.TransportError, Later) as error:
                if isinstance(error, httpx.UnsupportedProtocol):
                    raise
                moved = self._job.in_parts and self._reached(piece) > before  # in one go, a cut loses everything
                fruitless = 1 if moved else fruitless + 1
                if self._stop.is_set():
                    raise Halted from None
                self._rest(error, fruitless, piece)

    def _reached(self, piece: Piece | None) -> int:
        return self._part.at(piece) if piece else self._part.done

    def _rest(self, error: Exception, fruitless: int, piece: Piece | None) -> None:
        """Wait before the next attempt, unless none makes sense any more."""
        why = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in why:
            raise Refused("The server's certificate cannot be trusted.", "Check this machine's date, and the address.")
        opening = piece is None and self._job.in_parts
        if fruitless >= (self._patience.first_attempts_max if opening else self._patience.attempts_max):
            raise self._give_up(fruitless, why)
        wait = self._patience.pauses_s[fruitless - 1]
        if isinstance(error, Later):
            self._make_room(error, piece)
            wait = self._asked(error, wait)
        self._phase, self._why = "waiting", why
        self._pause(wait)

    def _give_up(self, fruitless: int, why: str) -> DownloadError:
        if self._part.done:
            what, todo = "was cut", "What has arrived is kept; pull again to go on from there."
        else:
            what, todo = "did not begin", "Check the network and the address, then pull again."
        return DownloadError(f"The download {what}, {fruitless} times in a row ({why}).", self._job.shown, todo)

    def _asked(self, error: Later, wait: float) -> float:
        if error.wait_s is None:
            return wait
        if error.wait_s > self._patience.asked_wait_max_s:
            raise DownloadError(
                f"The server asks to be left alone for {error.wait_s / 60:,.0f} minutes.", self._job.shown,
                "What has arrived is kept; pull again then.",
            )  # fmt: skip
        return max(wait, error.wait_s)

    def _make_room(self, error: Later, piece: Piece | None) -> None:
        """All connections but one leave a server that is crowded; their pieces are taken over by the last."""
        if not error.crowded or piece is None:
            return
        with self._state:
            if self._busy <= 1:
                return
            self._todo.appendleft(piece)
            self._note = FEWER
        raise Halted

    def _request(self, piece: Piece | None) -> None:
        """One request and its bytes. With no piece it is the first, and opens the part."""
        at = self._part.at(piece) if piece else 0
        headers = self._headers(at, piece)
        with self._job.client.stream("GET", self._job.url, headers=headers) as response:
            answer = read_answer(response, at)
            if piece is None:
                self._begin(answer)
                piece = self._part.pieces()[0]
                self._share_out(but_first=True)
            else:
                self._check(answer)
            self._receive(response, piece, at)

    def _headers(self, at: int, piece: Piece | None) -> dict[str, str]:
        if not self._job.in_parts:
            return {}
        end = piece.end if piece else self._patience.piece_bytes
        headers = {"Range": f"bytes={at}-{end - 1}"}
        if self._part.notes and self._part.notes.tag:
            headers["If-Range"] = self._part.notes.tag
        return headers

    def _begin(self, answer: Answer) -> None:
        """The first answer: what the file is, and whether it comes in parts."""
        self._job.agree(answer)
        large = answer.total > self._patience.piece_bytes
        if large and answer.in_parts and not (answer.tag or answer.sha256):
            raise NoParts
        if large and not answer.in_parts:
            self._note = self._note or IN_ONE_GO
        size = self._patience.piece_bytes if answer.in_parts else answer.total
        self._part.begin(Notes(self._job.key, answer.tag, answer.sha256, answer.total, size, self._job.shown))

    def _check(self, answer: Answer) -> None:
        notes = self._part.notes
        if notes is None or not answer.is_of(notes):
            raise Changed
        if not answer.in_parts:
            raise NoParts

    def _receive(self, response: httpx.Response, piece: Piece, at: int) -> None:
        for sent in response.iter_raw():
            data = sent[: piece.end - at]  # some send all that follows, whatever end was asked for
            self._part.put(piece, at, data)
            at += len(data)
            self._phase = "fetching"
            self._tell()
            if at == piece.end:
                return
        if at < piece.end:
            raise Later(f"{at - piece.start:,} of {piece.end - piece.start:,} bytes came")

    def _tell(self) -> None:
        """One at a time; a watcher that says stop ends the whole crew."""
        with self._told:
            if self._stop.is_set():
                return
            step = self._step()
            if not self._watch(step):
                self._fail(CancelledError())

    def _step(self) -> Step:
        done, notes = self._part.done, self._part.notes
        note = self._why if self._phase == "waiting" else self._note
        step = Step(self._phase, done, notes.total if notes else 0, connections=max(1, self._busy), note=note)
        if self._phase != "fetching":
            return step
        self._pace.add(time.monotonic(), done)
        left = self._pace.seconds_left(step.total)
        return replace(step, bytes_per_second=self._pace.bytes_per_second, seconds_left=left)
