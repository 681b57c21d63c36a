"""Over plain HTTP, too, a network that wants a sign-in sees none of the user's words: a real one of each manner, every
byte that it sees kept, and every transport that speaks HTTP."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item, State
from sync.outbox import Outbox
from sync.soon import WAITS_S
from sync.transports.outcomes import SignInError
from sync.transports.ways import PATH, WAYS
from sync.transports.webhook import Webhook
from tests.lateness import Lateness
from tests.sim.hotel import MANNERS, SIGN_IN_PAGE, Hotel
from tests.sim.lanes import LANES, LIMITS, Lane
from tests.sim.ledger import Ledger
from tests.sim.profiles import HandClock, create, intent, open_connection
from tests.sim.wrong_names import leading_here
from tests.unit.sync.items import an_item

TEXT = "the-contract-is-signed-for-4711"
FAR = "chat.example"
DECISION_S = 2.0
HTTP_LANES = [name for name in LANES if not name.startswith(("smtp", "git"))]  # git itself asks before it sends


@pytest.fixture(autouse=True)
def nothing_proven() -> Iterator[None]:
    WAYS.forget()
    with leading_here(FAR):
        yield
    WAYS.forget()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path) as ledger:
        yield ledger


class Traveller:
    """A profile with one item, and its dispatcher, which keeps what it knows of the network."""

    def __init__(self, path: Path, lane: Lane, ledger: Ledger) -> None:
        self._path, self.clock = path, HandClock()
        self.connectivity = Connectivity(self.clock)
        with closing(create(path)) as connection:
            what = intent(TEXT, lane.destination, payload=lane.payload(TEXT, ledger))
            Outbox(connection, self.clock).enqueue(what, approval=False)
        self.dispatcher = Dispatcher(
            lambda: open_connection(path), lambda _: lane.make(ledger, self.clock), self.connectivity, self.clock
        )

    def flush(self) -> Item:
        self.clock.turn(600)
        self.dispatcher.flush_once()
        with closing(open_connection(self._path)) as connection:
            (item,) = Outbox(connection, self.clock).list()
        return item


def moved_behind(hotel: Hotel, ledger: Ledger) -> None:
    ledger.url = f"http://{FAR}:{hotel.port}"


@pytest.mark.parametrize("manner", ["redirect", "page", "511"])
@pytest.mark.parametrize("name", HTTP_LANES)
def test_none_of_the_text_arrives_there_and_it_leaves_after_the_sign_in(
    name: str, manner: str, tmp_path: Path, ledger: Ledger
) -> None:
    with Hotel(urlsplit(ledger.url).port or 0, manner) as hotel:
        moved_behind(hotel, ledger)
        one = Traveller(tmp_path / "profile.db", LANES[name], ledger)
        for tries in (1, 2):
            item = one.flush()
            assert (item.state, item.offers) == (State.QUEUED, 0)
            assert hotel.connections >= tries, "each try asked who is there"
        assert TEXT.encode() not in hotel.seen
        assert hotel.seen.startswith(f"GET {PATH}".encode())
        assert hotel.seen.count(b"HTTP/1.1\r\n") == hotel.seen.count(PATH.encode()), "nothing else was asked"
        standing = one.connectivity.standing
        assert standing.sign_in
        assert standing.sign_in_url == (SIGN_IN_PAGE if manner == "redirect" else f"{ledger.url}/")

        hotel.signed_in()
        assert one.flush().state is State.DELIVERED
        assert not one.connectivity.standing.sign_in
        assert len(ledger.lines()) == 1
        assert TEXT.encode() not in hotel.seen


def test_an_address_that_is_a_secret_stays_one(ledger: Ledger) -> None:
    with Hotel(urlsplit(ledger.url).port or 0, "page") as hotel:
        hook = Webhook("ops", f"http://{FAR}:{hotel.port}/hooks/s3cret?token=s3cret", limits=LIMITS)
        with pytest.raises(SignInError, match=r"A web page answers in place of chat\.example"):
            hook.deliver(an_item(), pytest.fail)
        assert b"s3cret" not in hotel.seen


def test_a_network_that_says_nothing_is_given_up_in_two_seconds(tmp_path: Path, ledger: Ledger) -> None:
    with Hotel(urlsplit(ledger.url).port or 0, "silent") as hotel:
        moved_behind(hotel, ledger)
        one = Traveller(tmp_path / "profile.db", LANES["webhook/none"], ledger)
        with Lateness() as machine:
            item = one.flush()
            assert hotel.over.wait(10), "it hung up"
        assert hotel.held_s < DECISION_S + 0.5 + machine.late_s
        assert (item.state, item.offers) == (State.QUEUED, 0)
        assert "could not be reached" in str(item.last_error)
        assert TEXT.encode() not in hotel.seen


def test_after_the_page_was_opened_what_waits_leaves_by_itself(tmp_path: Path, ledger: Ledger) -> None:
    """The clock that backoffs count by stands still."""
    with Hotel(urlsplit(ledger.url).port or 0, "redirect") as hotel:
        moved_behind(hotel, ledger)
        one = Traveller(tmp_path / "profile.db", LANES["webhook/none"], ledger)
        assert one.flush().state is State.QUEUED
        stop = threading.Event()
        running = threading.Thread(target=one.dispatcher.run, args=(stop,))
        running.start()
        try:
            one.dispatcher.sign_in_opened()
            hotel.signed_in()
            until = time.monotonic() + WAITS_S[0] + 5
            while not ledger.lines() and time.monotonic() < until:
                stop.wait(0.05)
        finally:
            stop.set()
            one.dispatcher.nudge()
            running.join(10)
        assert len(ledger.lines()) == 1


def test_what_was_proven_is_not_asked_again_until_the_network_is_another(tmp_path: Path, ledger: Ledger) -> None:
    with Hotel(urlsplit(ledger.url).port or 0, "page") as hotel:
        moved_behind(hotel, ledger)
        hotel.signed_in()
        one = Traveller(tmp_path / "profile.db", LANES["webhook/none"], ledger)
        assert WAYS.needs_proof(ledger.url)
        assert one.flush().state is State.DELIVERED
        assert not WAYS.needs_proof(ledger.url)
        one.connectivity.hint(False)
        one.connectivity.hint(True)
        assert WAYS.needs_proof(ledger.url)


def test_every_manner_is_tried() -> None:
    assert set(MANNERS) == {"redirect", "page", "511", "silent"}
