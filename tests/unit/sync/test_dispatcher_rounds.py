"""The dispatcher with real threads: flush once, run by itself, a hanging neighbour, no account, no network."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import ConnectivityChanged, DispatcherFailed, Event, ItemChanged
from sync.item import Item, State
from sync.loopback import Loopback, Script
from sync.outbox import Outbox
from sync.transports.port import Limits, Offer, Receipt, Transport
from sync.transports.webhook import Webhook
from tests.sim.profiles import HandClock, intent, open_connection
from tests.sim.receiving import Receiver, Reply

Make = Callable[..., Dispatcher]
WAIT_S = 20


class Remote(Loopback):
    """The twin, as if it were far away."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults=Script.of(*faults), loopback=False)  # type: ignore[arg-type]


def states(events: list[Event], item: Item) -> list[str]:
    return [event.item.state.value for event in events if isinstance(event, ItemChanged) and event.item.id == item.id]


def test_flush_delivers_in_order_and_tells_the_story(outbox: Outbox, dispatcher: Make, receiver: Receiver) -> None:
    items = [outbox.enqueue(intent(str(n)), approval=False) for n in range(3)]
    events = dispatcher({"webhook:ops": Webhook("ops", receiver.url)}).flush_once()
    assert [seen.body["text"] for seen in receiver.requests] == ["0", "1", "2"]
    assert receiver.effects == [item.idempotency_key for item in items]
    assert states(events, items[0]) == ["sending", "delivered"]
    delivered = outbox.get(items[0].id)
    assert delivered.receipt
    assert delivered.receipt["reference"] == "7"
    assert delivered.delivered_at == delivered.updated_at
    assert dispatcher({}).flush_once() == []


def test_an_item_that_is_put_off_is_tried_once_a_flush(
    outbox: Outbox, dispatcher: Make, receiver: Receiver, clock: HandClock
) -> None:
    receiver.script = [Reply(503, acts=False), Reply(429, {"Retry-After": "60"}, acts=False)]
    item = outbox.enqueue(intent(), approval=False)
    flush = dispatcher({"webhook:ops": Webhook("ops", receiver.url, clock=clock)}).flush_once
    assert states(flush(), item) == ["sending", "failed"]
    assert states(flush(), item) == ["sending", "failed"], "the user's flush does not wait out a backoff"
    assert flush() == [], "but a pause that was asked for"
    clock.turn(60)
    assert states(flush(), item) == ["sending", "delivered"]
    assert outbox.get(item.id).attempts == 3


def test_without_an_account_it_stays_and_says_what_to_set_up(outbox: Outbox, dispatcher: Make) -> None:
    item = outbox.enqueue(intent(destination="none:email"), approval=False)
    events = dispatcher({}).flush_once()
    assert states(events, item) == ["queued"]
    kept = outbox.get(item.id)
    assert (kept.state, kept.attempts) == (State.QUEUED, 0)
    assert kept.last_error == "No account is set up. (none:email) Set one up in Settings."
    assert dispatcher({}).flush_once() == [], "said once"


def test_the_manual_switch_stops_even_loopback(outbox: Outbox, dispatcher: Make, connectivity: Connectivity) -> None:
    item = outbox.enqueue(intent(), approval=False)
    twin = Loopback()
    connectivity.switch(offline=True)
    assert dispatcher({"webhook:ops": twin}).flush_once() == []
    assert (outbox.get(item.id).attempts, twin.effects) == (0, [])
    connectivity.switch(offline=False)
    assert states(dispatcher({"webhook:ops": twin}).flush_once(), item) == ["sending", "delivered"]


def test_the_hint_stops_far_places_only(outbox: Outbox, dispatcher: Make, connectivity: Connectivity) -> None:
    far, near = (outbox.enqueue(intent(destination=f"webhook:{name}"), approval=False) for name in ("far", "near"))
    connectivity.hint(False)
    events = dispatcher({"webhook:far": Remote(), "webhook:near": Loopback()}).flush_once()
    assert states(events, near) == ["sending", "delivered"]
    assert states(events, far) == []


def test_failures_take_the_network_down_and_success_brings_the_others_along(
    outbox: Outbox, dispatcher: Make, clock: HandClock
) -> None:
    items = [outbox.enqueue(intent(destination=f"webhook:{n}"), approval=False) for n in range(2)]
    transports: dict[str, Transport] = {
        "webhook:0": Remote("drop", "drop"),
        "webhook:1": Remote("drop", "drop", "drop"),
    }
    make = dispatcher(transports)
    told = [event for _ in range(3) for event in make.flush_once() if isinstance(event, ConnectivityChanged)]
    assert [event.state for event in told][:1] == ["degraded"]
    assert outbox.get(items[0].id).state is State.DELIVERED
    assert outbox.get(items[1].id).state is State.QUEUED
    make.flush_once()
    assert outbox.get(items[1].id).state is State.DELIVERED


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_defect_in_a_transport_loses_nothing_and_stops_nobody(outbox: Outbox, dispatcher: Make, when: str) -> None:
    class Broken(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            if when == "after":
                offer()
            raise KeyError("oops")

    bad = outbox.enqueue(intent(destination="webhook:bad"), approval=False)
    good = outbox.enqueue(intent(destination="webhook:good"), approval=False)
    dispatcher({"webhook:bad": Broken(mode="none"), "webhook:good": Loopback()}).flush_once()
    assert outbox.get(good.id).state is State.DELIVERED
    kept = outbox.get(bad.id)
    assert kept.state is (State.UNKNOWN if when == "after" else State.REJECTED)
    assert "Carryon's own fault" in str(kept.last_error)


def test_a_key_that_is_no_longer_remembered_is_not_relied_on(
    outbox: Outbox, dispatcher: Make, clock: HandClock
) -> None:
    item = outbox.enqueue(intent(), approval=False)
    twin = Loopback(faults=Script.of("lose_answer"))
    flush = dispatcher({"webhook:ops": twin}).flush_once
    flush()
    assert outbox.get(item.id).state is State.FAILED
    clock.turn(twin.key_kept_s + 1)
    flush()
    assert outbox.get(item.id).state is State.UNKNOWN
    assert twin.times(item.id) == 1


def test_a_destination_that_can_be_asked_is_asked_before_a_repeat(
    outbox: Outbox, dispatcher: Make, clock: HandClock
) -> None:
    lost, arrived = (outbox.enqueue(intent(destination=f"webhook:{name}"), approval=False) for name in "ab")
    twins: dict[str, Transport] = {
        "webhook:a": Loopback(mode="query", faults=Script.of("lose_request")),
        "webhook:b": Loopback(mode="query", faults=Script.of("lose_answer")),
    }
    flush = dispatcher(twins).flush_once
    flush()
    assert flush() == [], "it is given time to finish what it may have begun"
    clock.turn(60)
    flush()
    for item, name in ((lost, "webhook:a"), (arrived, "webhook:b")):
        assert outbox.get(item.id).state is State.DELIVERED
        assert twins[name].times(item.id) == 1  # type: ignore[attr-defined]
    assert outbox.get(arrived.id).receipt == {"text": "It is there.", "reference": arrived.id}


class Watch:
    """Collects events and waits for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, item: Item, state: State) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: state.value in states(self.events, item), WAIT_S), self.events


@pytest.fixture
def running() -> Callable[[Dispatcher], None]:
    ends: list[Callable[[], None]] = []

    def start(dispatcher: Dispatcher) -> None:
        stop = threading.Event()
        thread = threading.Thread(target=dispatcher.run, args=(stop,))
        thread.start()

        def end() -> None:
            stop.set()
            dispatcher.nudge()
            thread.join(WAIT_S)
            assert not thread.is_alive()

        ends.append(end)

    yield start  # type: ignore[misc]
    for end in ends:
        end()


def test_an_account_that_breaks_while_it_is_opened_says_so(
    outbox: Outbox, database: Path, connectivity: Connectivity, clock: HandClock
) -> None:
    def transport_for(destination: str) -> Transport:
        raise LookupError("The keyring is locked.")

    item = outbox.enqueue(intent(), approval=False)
    flush = Dispatcher(lambda: open_connection(database), transport_for, connectivity, clock).flush_once
    assert states(flush(), item) == ["queued"]
    assert outbox.get(item.id).last_error == "The keyring is locked."
    assert flush() == []


def test_more_destinations_than_places_are_all_served(outbox: Outbox, dispatcher: Make) -> None:
    twins: dict[str, Transport] = {f"webhook:{n}": Loopback() for n in range(12)}
    for name in twins:
        outbox.enqueue(intent(destination=name), approval=False)
    dispatcher(twins).flush_once()
    assert outbox.counts() == {"delivered": 12}


def test_the_end_does_not_wait_for_what_hangs(
    outbox: Outbox, dispatcher: Make, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.dispatcher.GRACE_S", 0.1)
    receiver.script = [Reply(cut="stall")]
    watch, stop = Watch(), threading.Event()
    item = outbox.enqueue(intent(), approval=False)
    dispatching = dispatcher({"webhook:ops": Webhook("h", receiver.url, limits=Limits(1, 25, 25))}, watch)
    thread = threading.Thread(target=dispatching.run, args=(stop,))
    thread.start()
    watch.wait_for(item, State.SENDING)
    stop.set()
    dispatching.nudge()
    thread.join(5)
    assert not thread.is_alive()
    receiver.release.set()
    watch.wait_for(item, State.UNKNOWN)


def test_it_runs_by_itself_and_reconnecting_starts_delivery(
    outbox: Outbox, dispatcher: Make, connectivity: Connectivity, running: Callable[[Dispatcher], None]
) -> None:
    watch = Watch()
    connectivity.hint(False)
    item = outbox.enqueue(intent(destination="webhook:far"), approval=False)
    near = outbox.enqueue(intent(destination="webhook:near"), approval=False)
    dispatching = dispatcher({"webhook:far": Remote("drop"), "webhook:near": Loopback()}, watch)
    running(dispatching)
    watch.wait_for(near, State.DELIVERED)
    assert outbox.get(item.id).attempts == 0
    connectivity.hint(True)
    dispatching.nudge()
    watch.wait_for(item, State.QUEUED)
    connectivity.hint(False)
    dispatching.nudge(try_now=True)
    connectivity.hint(True)
    dispatching.nudge(try_now=True)
    watch.wait_for(item, State.DELIVERED)


def test_a_place_that_new_settings_bring_near_is_looked_at_again_without_a_network(
    outbox: Outbox, dispatcher: Make, connectivity: Connectivity, running: Callable[[Dispatcher], None]
) -> None:
    watch = Watch()
    transports: dict[str, Transport] = {"none:email": Remote()}
    dispatching = dispatcher(transports, watch)
    waits = outbox.enqueue(intent(destination="none:email"), approval=False)
    connectivity.hint(False)
    dispatching.flush_once()
    running(dispatching)
    transports["none:email"] = Loopback()
    dispatching.nudge(settings=True)
    watch.wait_for(waits, State.DELIVERED)


def test_a_hanging_destination_does_not_hold_up_the_others(
    outbox: Outbox, dispatcher: Make, receiver: Receiver, running: Callable[[Dispatcher], None]
) -> None:
    receiver.script = [Reply(cut="stall")]
    watch = Watch()
    hanging = outbox.enqueue(intent(destination="webhook:hangs"), approval=False)
    dispatching = dispatcher(
        {"webhook:hangs": Webhook("h", receiver.url, limits=Limits(1, 30, 30)), "webhook:ok": Loopback()}, watch
    )
    running(dispatching)
    watch.wait_for(hanging, State.SENDING)
    for n in range(3):
        item = outbox.enqueue(intent(str(n), "webhook:ok"), approval=False)
        dispatching.nudge()
        watch.wait_for(item, State.DELIVERED)
    assert outbox.get(hanging.id).state is State.SENDING
    receiver.release.set()
    watch.wait_for(hanging, State.UNKNOWN)


def test_a_broken_disk_is_told_and_survived(
    database: Path, outbox: Outbox, connectivity: Connectivity, clock: HandClock,
    running: Callable[[Dispatcher], None],
) -> None:  # fmt: skip
    told: list[Event] = []
    failed, opened_not, watch = threading.Event(), threading.Event(), Watch()

    def listen(event: Event) -> None:
        if isinstance(event, DispatcherFailed):
            told.append(event)
            failed.set()
            if len(told) == 2:
                opened_not.set()
        watch(event)

    item = outbox.enqueue(intent(), approval=False)
    broken = threading.Event()
    broken.set()

    class Full(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if broken.is_set() and sql.startswith("SELECT id"):
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *values)  # type: ignore[arg-type]

    def connect() -> sqlite3.Connection:
        if broken.is_set() and len(told) == 1:
            raise sqlite3.OperationalError("unable to open database file")
        connection = sqlite3.connect(database, isolation_level=None, timeout=10, factory=Full)
        connection.row_factory = sqlite3.Row
        return connection

    dispatching = Dispatcher(connect, lambda _: Loopback(), connectivity, clock, listen)
    running(dispatching)
    assert failed.wait(WAIT_S)
    assert isinstance(told[0], DispatcherFailed)
    assert "disk is full" in told[0].what
    dispatching.nudge()
    assert opened_not.wait(WAIT_S), "it looks again, also when it cannot even open the file"
    broken.clear()
    dispatching.nudge()
    watch.wait_for(item, State.DELIVERED)
