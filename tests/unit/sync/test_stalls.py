"""A try that stands still says so while it goes on, and a name that is not answered holds nobody."""

import socket
import threading
from collections.abc import Iterator

import pytest

from sync.transports import attempt
from sync.transports.attempt import SLEPT_S, Attempt, Stage, trying
from sync.transports.deadline import Deadline
from sync.transports.dialling import each_address, lasting_options
from sync.transports.names import LOOK_UPS_AT_ONCE_MAX, NAMES, Names, _by_turns
from sync.transports.outcomes import UnreachableError
from sync.transports.port import PATIENCE, Limits
from tests.sim.lossy import dead_resolver
from tests.sim.wrong_names import leading_here

WAIT_S = 10


class Words:
    """What was said, and a way to wait for it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, words: str) -> None:
        with self._changed:
            self.said.append(words)
            self._changed.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.said) >= count, WAIT_S), self.said
        return self.said


@pytest.fixture
def words() -> Words:
    return Words()


def test_what_does_not_come_is_said_and_that_it_comes_again_too(words: Words) -> None:
    with trying(Attempt(words)) as going:
        going.stage(Stage.CONNECTING, "mail.example", 10, 0.02)
        first = words.wait_for(1)[0]
        assert first.startswith("mail.example cannot be reached: no answer for 0.02 s; still trying until ")
        assert first.endswith("Nothing was sent yet.")
        going.stage(Stage.SENDING, "mail.example", 10, 5)
        assert words.wait_for(2)[1] == ""


def test_after_the_offer_it_says_that_it_may_have_arrived(words: Words) -> None:
    with trying(Attempt(words)) as going:
        going.offered = True
        going.stage(Stage.WAITING, "mail.example", 10, 0.02)
        assert words.wait_for(1)[0].endswith("It may have arrived already.")


def test_what_goes_on_in_time_says_nothing(words: Words) -> None:
    with trying(Attempt(words)) as going:
        for stage in Stage:
            going.stage(stage, "mail.example", 10, WAIT_S)
    assert words.said == []


def test_nothing_is_said_after_the_end() -> None:
    said, held, let_go = [], threading.Event(), threading.Event()

    def slow(words: str) -> None:
        held.set()
        let_go.wait(WAIT_S)
        said.append(words)

    going = Attempt(slow)
    going.stage(Stage.WAITING, "mail.example", 10, 0.01)
    assert held.wait(WAIT_S)
    ending = threading.Thread(target=going.end)
    ending.start()
    assert said == []
    let_go.set()
    ending.join(WAIT_S)
    assert len(said) == 1, "what was begun is said before the end, and nothing more"


def test_a_machine_that_slept_ends_what_is_stuck(words: Words) -> None:
    now = [0.0]
    ours, theirs = socket.socketpair()
    with ours, theirs, trying(Attempt(words, elapsed=lambda: now[0], tick_s=0.01)) as going, Deadline(60) as deadline:
        deadline.guard(ours)
        going.stage(Stage.WAITING, "mail.example", 60, 0.02)
        words.wait_for(1)
        now[0] += SLEPT_S + 3_600
        theirs.settimeout(WAIT_S)
        assert theirs.recv(1) == b"", "the connection is ended"
        assert deadline.passed
        assert "slept" in deadline.why


def test_a_machine_that_slept_and_goes_on_is_left_alone(words: Words) -> None:
    now = [0.0]
    with trying(Attempt(words, elapsed=lambda: now[0], tick_s=0.01)) as going, Deadline(60) as deadline:
        going.stage(Stage.WAITING, "mail.example", 60, 0.02)
        words.wait_for(1)
        now[0] += SLEPT_S + 3_600
        going.stage(Stage.SENDING, "mail.example", 60, 0.02)
        words.wait_for(3)
        assert not deadline.passed


def test_without_a_watch_stages_are_told_to_nobody() -> None:
    before = threading.active_count()
    attempt.current().stage(Stage.WAITING, "mail.example", 1, 0.001)
    assert threading.active_count() == before


def test_patience_grows_with_every_try_and_never_past_the_limits() -> None:
    usual, short = Limits(), Limits(connect_s=1, read_s=1)
    assert [usual.before_offer(n).connect_s for n in range(4)] == [PATIENCE[0][0], PATIENCE[1][0], 10, 10]
    assert usual.before_offer(0).total_s == usual.total_s
    assert short.before_offer(0) == short


# Names


@pytest.fixture
def names() -> Iterator[Names]:
    yield Names()
    NAMES.forget()


def test_a_name_that_is_not_answered_is_given_up_and_asked_for_once(names: Names) -> None:
    with dead_resolver(("mail.example",)) as let_go:
        for _ in range(3):
            with pytest.raises(UnreachableError, match=r"name of mail\.example cannot be looked up: no answer"):
                names.look_up("mail.example", 0.02)
        assert len([one for one in threading.enumerate() if one.name == "look up mail.example"]) == 1
        let_go()
        with pytest.raises(UnreachableError):
            names.look_up("mail.example", WAIT_S)


def test_only_so_many_look_ups_hang(names: Names) -> None:
    dead = tuple(f"n{n}.example" for n in range(LOOK_UPS_AT_ONCE_MAX + 1))
    with dead_resolver(dead):
        for name in dead[:-1]:
            with pytest.raises(UnreachableError, match="no answer"):
                names.look_up(name, 0.01)
        with pytest.raises(UnreachableError, match="too many other names"):
            names.look_up(dead[-1], WAIT_S)


def test_what_was_found_is_kept_for_a_while_and_forgotten_on_request(names: Names) -> None:
    with leading_here("mail.example"):
        assert names.look_up("mail.example", WAIT_S) == ("127.0.0.1",)
    with dead_resolver(("mail.example",)):
        assert names.look_up("mail.example", 0.01) == ("127.0.0.1",)
        names.forget("mail.example")
        with pytest.raises(UnreachableError):
            names.look_up("mail.example", 0.01)


def test_a_name_that_is_none_says_so(names: Names) -> None:
    with pytest.raises(UnreachableError, match="cannot be looked up"):
        names.look_up("a" * 64 + ".example", WAIT_S)


def test_families_take_turns() -> None:
    assert _by_turns(["::1", "::2", "::3", "10.0.0.1"]) == ("::1", "10.0.0.1", "::2", "::3")
    assert _by_turns(["10.0.0.1", "10.0.0.1"]) == ("10.0.0.1",)
    assert _by_turns(["10.0.0.1", "::1", "::2"]) == ("10.0.0.1", "::1", "::2")


def test_an_address_that_leads_nowhere_leaves_time_for_the_next() -> None:
    shares: list[tuple[str, float]] = []

    class Two(Names):
        def look_up(self, host: str, within_s: float) -> tuple[str, ...]:
            return ("10.0.0.1", "10.0.0.2")

    def make(address: str, within_s: float) -> str:
        shares.append((address, within_s))
        if address == "10.0.0.1":
            raise TimeoutError("timed out")
        return address

    assert each_address("mail.example", 2, make, Two()) == "10.0.0.2"
    assert shares[0][1] <= 1 < shares[1][1] <= 2
    with pytest.raises(TimeoutError):
        each_address("mail.example", 2, lambda address, within_s: make("10.0.0.1", within_s), Two())


def test_signs_of_life_can_be_asked_for_here() -> None:
    assert (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in lasting_options()
    with socket.socket() as sock:
        for option in lasting_options():
            sock.setsockopt(*option)
