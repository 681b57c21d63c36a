"""Places that stand still hold up nobody else: real sockets, the dispatcher as it runs by itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import ROUNDS_AT_ONCE_MAX, Dispatcher
from sync.events import ConnectivityChanged, Event, ItemChanged
from sync.item import Item, State
from sync.outbox import Outbox
from sync.transports.port import Limits, Transport
from sync.transports.webhook import Webhook
from tests.sim.lossy import Lossy, dead_resolver
from tests.sim.profiles import HandClock, create, intent, open_connection
from tests.sim.receiving import Receiver
from tests.sim.wrong_names import leading_here

WAIT_S = 20
LIMITS = Limits(connect_s=5, read_s=60, total_s=90, tell_s=0.05)
FAR = "far.example"


@dataclass
class Heard:
    """Events, and a way to wait for what is looked for in them."""

    events: list[Event] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        with self.changed:
            assert self.changed.wait_for(lambda: any(map(wanted, self.events)), WAIT_S), self.events
            return next(event for event in self.events if wanted(event))

    def item(self, item: Item, *, state: State, words: str = "") -> Item:
        def wanted(event: Event) -> bool:
            same = isinstance(event, ItemChanged) and event.item.id == item.id
            return same and event.item.state is state and words in (event.item.last_error or "")  # type: ignore[union-attr]

        found = self.wait_for(wanted)
        assert isinstance(found, ItemChanged)
        return found.item


@dataclass
class Running:
    """A profile, its dispatcher at work, and one road to a destination for each place."""

    path: Path
    heard: Heard
    connectivity: Connectivity
    dispatcher: Dispatcher
    clock: HandClock

    def put(self, place: str) -> Item:
        with closing(open_connection(self.path)) as connection:
            item = Outbox(connection, self.clock).enqueue(intent(place, f"webhook:{place}"), approval=False)
        self.dispatcher.nudge()
        return item

    def get(self, item: Item) -> Item:
        with closing(open_connection(self.path)) as connection:
            return Outbox(connection, self.clock).get(item.id)


@pytest.fixture
def roads() -> Iterator[dict[str, Lossy]]:
    with ExitStack() as undo:
        receiver = undo.enter_context(Receiver())
        yield {
            str(n): undo.enter_context(Lossy("127.0.0.1", receiver.port, proven=True))
            for n in range(ROUNDS_AT_ONCE_MAX + 1)
        }


@pytest.fixture
def running(tmp_path: Path, roads: dict[str, Lossy]) -> Iterator[Running]:
    create(tmp_path / "profile.db").close()
    clock, heard = HandClock(), Heard()
    connectivity = Connectivity(clock)

    def there(destination: str) -> Transport:
        url = f"http://{FAR}:{roads[destination.partition(':')[2]].port}/in"
        return Webhook("ops", url, mode="none", limits=replace(LIMITS))

    dispatcher = Dispatcher(lambda: open_connection(tmp_path / "profile.db"), there, connectivity, clock, heard)
    stop = threading.Event()
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    with ExitStack() as undo:
        undo.enter_context(leading_here(FAR))
        thread.start()
        try:
            yield Running(tmp_path / "profile.db", heard, connectivity, dispatcher, clock)
        finally:
            for road in roads.values():
                road.heal()
            stop.set()
            dispatcher.nudge()
            thread.join(WAIT_S)
            assert not thread.is_alive()


def test_more_stuck_places_than_there_are_rounds_hold_up_nobody(running: Running, roads: dict[str, Lossy]) -> None:
    stuck = [str(n) for n in range(ROUNDS_AT_ONCE_MAX)]
    items = []
    for name in stuck:
        roads[name].fault = "stall after"
        items.append(running.put(name))
    for item in items:
        told = running.heard.item(item, state=State.SENDING, words="No answer from far.example")
        assert "It may have arrived already." in str(told.last_error)
    good = running.put(str(ROUNDS_AT_ONCE_MAX))
    running.heard.item(good, state=State.DELIVERED)
    assert {running.get(item).state for item in items} == {State.SENDING}, "each goes on within its bounds"
    assert "No answer from" in str(running.get(items[0]).last_error), "also for other processes"


def test_what_stands_still_makes_the_network_unsteady_until_it_goes_on(
    running: Running, roads: dict[str, Lossy]
) -> None:
    roads["0"].fault = "stall after"
    item = running.put("0")
    event = running.heard.wait_for(lambda event: isinstance(event, ConnectivityChanged) and event.state == "degraded")
    assert isinstance(event, ConnectivityChanged)
    assert event.why.startswith("No answer from far.example")
    roads["0"].heal()
    running.heard.item(item, state=State.UNKNOWN)
    running.heard.wait_for(lambda event: isinstance(event, ConnectivityChanged) and event.state == "online")
    assert not running.connectivity.standing.stalls


def test_what_goes_on_loses_its_words(running: Running, roads: dict[str, Lossy]) -> None:
    roads["0"].fault = "drip"
    item = running.put("0")
    running.heard.item(item, state=State.SENDING, words="No answer from")
    assert running.heard.item(item, state=State.DELIVERED).last_error is None


def test_a_name_that_nobody_answers_is_told_and_given_up(running: Running) -> None:
    with dead_resolver((FAR,)) as let_go:
        item = running.put("0")
        told = running.heard.item(item, state=State.SENDING, words="The name of far.example cannot be looked up")
        assert "Nothing was sent yet." in str(told.last_error)
        kept = running.heard.item(item, state=State.QUEUED, words="cannot be looked up: no answer for 2 s")
        assert kept.offers == 0
        let_go()
    running.clock.turn(600)
    running.dispatcher.nudge()
    running.heard.item(item, state=State.DELIVERED)


def test_the_second_try_is_given_more_time(running: Running, roads: dict[str, Lossy]) -> None:
    place = "webhook:0"
    assert running.connectivity.rung(place) == 0
    roads["0"].fault = "refused"
    item = running.put("0")
    running.heard.item(item, state=State.QUEUED, words="refused")
    assert running.connectivity.rung(place) == 1
    roads["0"].heal()
    running.clock.turn(600)
    running.dispatcher.nudge()
    running.heard.item(item, state=State.DELIVERED)
    assert running.connectivity.rung(place) == 0, "it connects quickly"
    assert [one.outcome for one in running.connectivity.observations()] == ["delivered", "unreachable"]
