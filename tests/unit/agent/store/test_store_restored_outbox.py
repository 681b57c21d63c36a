"""`restore` and the outbox: what may have been sent since the copy was made is not sent again unasked."""

from pathlib import Path

from agent.store import Store, open_store
from agent.store.backup import backup
from agent.store.restoring import restore
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.life import Life
from sync.loopback import Loopback
from sync.outbox import Outbox
from sync.states import State
from tests.sim.profiles import HandClock, intent

OPS = "webhook:ops"


def flush(store: Store, place: Loopback, clock: HandClock) -> None:
    life = Life(store.path.with_name("outbox.life"))
    Dispatcher(lambda: open_store(store.path), lambda _: place, Connectivity(clock), clock, life=life).flush_once()


def a_copy_and_more(store: Store, place: Loopback, clock: HandClock) -> tuple[Path, str, str]:
    """A copy in which two are open; then one of them is sent."""
    outbox = Outbox(store, clock)
    sent = outbox.enqueue(intent("sent"), approval=False)
    open_ = outbox.enqueue(intent("open"), approval=True)
    copy = backup(store, store.path.with_name("copy.db"))
    flush(store, place, clock)
    assert place.times(sent.id) == 1
    store.close()
    return copy, sent.id, open_.id


def test_the_present_database_tells_what_was_sent_since(store: Store) -> None:
    clock, place = HandClock(), Loopback(mode="none")
    copy, sent, open_ = a_copy_and_more(store, place, clock)
    assert restore(store.path, copy).doubted == 0
    back = open_store(store.path)
    outbox = Outbox(back, clock)
    assert outbox.get(sent).state is State.DELIVERED
    outbox.approve(open_)
    flush(back, place, clock)
    assert outbox.get(open_).state is State.DELIVERED
    assert (place.times(sent), place.times(open_)) == (1, 1)
    back.close()


def test_a_damaged_one_tells_nothing_and_the_user_is_asked(store: Store) -> None:
    clock, place = HandClock(), Loopback(mode="none")
    copy, sent, open_ = a_copy_and_more(store, place, clock)
    content = bytearray(store.path.read_bytes())
    content[100:] = b"\x00" * (len(content) - 100)
    store.path.write_bytes(content)
    assert restore(store.path, copy).doubted == 2
    back = open_store(store.path)
    outbox = Outbox(back, clock)
    outbox.approve(open_)
    flush(back, place, clock)
    assert [outbox.get(item_id).state for item_id in (sent, open_)] == [State.UNKNOWN, State.UNKNOWN]
    assert (place.times(sent), place.times(open_)) == (1, 0)
    outbox.resolve(open_, "retry")
    flush(back, place, clock)
    assert place.times(open_) == 1
    back.close()
