"""What the user waits for at the network while a call goes on. Within two seconds it is said what does not come and
why; at a word, from any thread, it is taken back, or put off until there is a better network.

A look-up, a connection or a handshake that hangs cannot be stopped from outside, so the question is asked in a thread
that may be left behind; it ends by its own bounds.
"""

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from agent.errors import CarryonError
from agent.tools.errors import AwayError, TakenBackError
from sync.transports.attempt import Attempt, trying, under_way

LEFT_BEHIND_MAX = 8
GRACE_S = 0.5  # for what was given up to come back by itself, with its own words

Answer = TypeVar("Answer")


class Instead(StrEnum):
    """What the user can have at once in place of the answer."""

    NOTHING = ""
    LATER = "later"  # it is asked once there is a better network
    COPY = "copy"  # what was kept, with its age


@dataclass(frozen=True, slots=True)
class Stall:
    """What does not come, in a sentence; "": it goes on, or it is over."""

    words: str
    instead: Instead


NOTHING_STALLS = Stall("", Instead.NOTHING)


class Foreground:
    """One for a profile. `tell` is called from other threads."""

    def __init__(self) -> None:
        self.tell: Callable[[Stall], None] = lambda _stall: None
        self._lock = threading.Lock()
        self._under_way: list[_Asking[object]] = []
        self._left: list[threading.Thread] = []
        self._saying = threading.RLock()  # what is told keeps its order
        self._stalled: dict[Attempt, Stall] = {}  # each of which it was told that nothing comes, the newest last

    def ask(self, question: Callable[[], Answer], instead: Instead = Instead.NOTHING) -> Answer:
        """What it answers or raises. Raises TakenBackError; AwayError where it was put off."""
        asking: _Asking[Answer] = _Asking(question, self._attempt(instead))
        with self._lock:
            self._left = [thread for thread in self._left if thread.is_alive()]
            if len(self._left) >= LEFT_BEHIND_MAX:
                raise AwayError("too many earlier tries still hang")
            self._under_way.append(asking)  # type: ignore[arg-type]
        try:
            thread = asking.start()
            asking.wait()
        finally:
            with self._lock:
                self._under_way.remove(asking)  # type: ignore[arg-type]
            asking.attempt.end()
            self._say(asking.attempt, NOTHING_STALLS)
        if not asking.over.is_set():
            with self._lock:
                self._left.append(thread)
        return asking.outcome()

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """For what has its own way of being taken back, and cannot be put off: it is only told. Within a question that
        is told already, nothing more."""
        if under_way():
            yield
            return
        attempt = self._attempt(Instead.NOTHING)
        try:
            with trying(attempt):
                yield
        finally:
            self._say(attempt, NOTHING_STALLS)

    def stop(self) -> None:
        """The user takes back what goes on; from any thread."""
        for one in self._now():
            one.give_up(put_off=False)

    def put_off(self) -> None:
        """The user wants no more waiting: later, or the copy that is kept."""
        for one in self._now():
            one.give_up(put_off=True)

    def _now(self) -> "tuple[_Asking[object], ...]":
        with self._lock:
            return tuple(self._under_way)

    def _attempt(self, instead: Instead) -> Attempt:
        attempt = Attempt(lambda words: self._say(attempt, Stall(words, instead)), asks=True)
        return attempt

    def _say(self, attempt: Attempt, stall: Stall) -> None:
        """Without words: it goes on, or is over; then what another still waits for is told again."""
        with self._saying:
            was_told = self._stalled.pop(attempt, None) is not None
            if stall.words:
                self._stalled[attempt] = stall
                self.tell(stall)
            elif was_told:
                self.tell(next(reversed(self._stalled.values()), NOTHING_STALLS))


class _Asking(Generic[Answer]):
    """One question, in a thread of its own."""

    def __init__(self, question: Callable[[], Answer], attempt: Attempt) -> None:
        self._question = question
        self.attempt = attempt
        self.over = threading.Event()
        self._changed = threading.Event()  # it is over, or given up
        self._put_off = False
        self._answer: list[Answer] = []
        self._error: BaseException | None = None

    def start(self) -> threading.Thread:
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(self._run,), name="question to the network", daemon=True)
        thread.start()
        return thread

    def wait(self) -> None:
        self._changed.wait()
        if self.attempt.given_up.is_set():
            self.over.wait(GRACE_S)

    def give_up(self, *, put_off: bool) -> None:
        self._put_off = put_off
        self.attempt.give_up()
        self._changed.set()

    def outcome(self) -> Answer:
        """What came counts, also where it was given up in the same moment."""
        if self.over.is_set() and self._answer:
            return self._answer[0]
        if not self.attempt.given_up.is_set():
            assert self._error is not None, "it answers or raises"
            raise self._error
        if self._put_off:
            raise AwayError("it was put off") from self._error
        if isinstance(self._error, CarryonError) and not isinstance(self._error, AwayError):
            raise self._error  # it says more
        raise TakenBackError("This was taken back; nobody waits for an answer any more.") from self._error

    def _run(self) -> None:
        try:
            with trying(self.attempt):
                self._answer.append(self._question())
        except BaseException as error:  # noqa: BLE001  raised where the answer is waited for
            self._error = error
        self.over.set()
        self._changed.set()
