"""An older copy of the profile comes back: nothing is sent twice, nothing is lost, and the user is asked only where
nobody else knows."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.errors import LeaseLostError, NotAllowedError
from sync.events import DispatcherFailed
from sync.leases import Leases
from sync.life import Life, Mark
from sync.loopback import Loopback
from sync.mending import Mending
from sync.outbox import Outbox
from sync.restored import mark_file
from sync.schema import STEPS
from sync.states import State
from tests.sim.profiles import HandClock, intent, open_connection
from tests.unit.sync.put_back import Profile


@pytest.fixture
def profile(tmp_path: Path, database: Path, clock: HandClock) -> Iterator[Profile]:
    opened = Profile(tmp_path, database, clock)
    yield opened
    opened.connection.close()


Back = Callable[[Profile], int]


def by_command(profile: Profile) -> int:
    return profile.come_back()


def by_hand(profile: Profile) -> int:
    return profile.come_back(marked=False)


@pytest.mark.parametrize("back", [by_command, by_hand])
def test_what_was_sent_after_the_copy_was_made_is_not_sent_again(profile: Profile, back: Back) -> None:
    items = profile.put("before")
    profile.back_up()
    profile.clock.turn(60)
    profile.flush()
    assert profile.states(items) == ["delivered"] * 3
    back(profile)
    profile.flush()
    profile.wait()
    profile.flush()
    assert profile.states(items) == ["delivered", "unknown", "delivered"]
    assert profile.times(items) == [1, 1, 1]
    (asked,) = [item for item in items if item.destination == "webhook:none"]
    assert "a repeat would not be recognised" in str(profile.outbox.get(asked.id).last_error)
    assert any("put back from an older copy" in step["what"] for step in profile.outbox.timeline(asked.id))


@pytest.mark.parametrize("back", [by_command, by_hand])
def test_a_yes_that_was_given_after_the_copy_counts_as_perhaps_sent(profile: Profile, back: Back) -> None:
    items = profile.put("before", approval=True)
    profile.back_up()
    profile.outbox.approve_many([item.id for item in items])
    profile.flush()
    back(profile)
    profile.flush()
    assert profile.states(items) == ["waiting_approval"] * 3
    profile.outbox.approve_many([item.id for item in items])
    profile.wait()
    profile.flush()
    assert profile.times(items) == [1, 1, 1]
    assert profile.states(items) == ["delivered", "unknown", "delivered"]


def test_a_key_that_may_be_forgotten_by_now_is_not_repeated(profile: Profile) -> None:
    items = profile.put("before")
    profile.back_up()
    profile.flush()
    profile.clock.turn(2 * 86_400)
    profile.come_back()
    profile.wait()
    profile.flush()
    assert profile.states(items) == ["unknown", "unknown", "delivered"]


def test_what_was_open_then_and_still_is_is_sent_once_it_is_known_not_to_have_arrived(profile: Profile) -> None:
    items = profile.put("before")
    profile.back_up()
    profile.come_back()
    profile.wait()
    profile.flush()
    assert profile.times(items) == [1, 0, 1]
    profile.outbox.resolve(items[1].id, "retry")
    profile.flush()
    assert profile.times(items) == [1, 1, 1]


def test_the_database_that_was_in_use_knows_what_was_sent(profile: Profile) -> None:
    """A later file that can be read spares the questions."""
    sent, open_ = profile.put("sent"), profile.put("open", approval=True)
    profile.back_up()
    profile.flush()
    assert profile.come_back(profile.keep_aside()) == 0
    assert profile.states(sent) == ["delivered"] * 3
    assert profile.outbox.get(sent[1].id).receipt == {"text": "It arrived.", "reference": sent[1].id}
    assert profile.states(open_) == ["waiting_approval"] * 3
    profile.outbox.approve_many([item.id for item in open_])
    profile.flush()
    assert profile.states(open_) == ["delivered"] * 3
    assert profile.times([*sent, *open_]) == [1] * 6


def test_another_text_under_the_same_key_is_not_taken_for_this_one(profile: Profile) -> None:
    items = profile.put("one")
    profile.back_up()
    for item in items:
        profile.outbox.edit(item.id, payload={"text": "another"})
    profile.flush()
    assert profile.come_back(profile.keep_aside()) == 3
    profile.wait()
    profile.flush()
    assert profile.times(items) == [1, 1, 1]


def test_what_was_put_in_after_the_copy_leaves_no_key_behind_to_be_used_again(profile: Profile) -> None:
    profile.back_up()
    lost = profile.put("after")
    profile.flush()
    profile.come_back()
    new = profile.put("after")
    assert not {item.id for item in new} & {item.id for item in lost}
    assert {item.seq for item in new} == {item.seq for item in lost}, "the number in line may come again, a key may not"
    profile.flush()
    assert profile.times([*lost, *new]) == [1] * 6


def test_no_edit_of_what_may_have_been_sent(profile: Profile) -> None:
    items = profile.put("before", approval=True)
    profile.back_up()
    profile.come_back()
    with pytest.raises(NotAllowedError, match="put back from an older copy"):
        profile.outbox.edit(items[0].id, payload={"text": "b"})


def test_an_older_copy_is_noticed_before_anything_is_offered(profile: Profile, clock: HandClock) -> None:
    """Also when no pass of the dispatcher came before: the offer itself looks."""
    profile.put("before")
    profile.back_up()
    profile.flush()
    profile.come_back(marked=False)
    leases = Leases(profile.connection, clock, life=profile.life)
    item = leases.lease("me", "webhook:none", "none")
    assert item
    with pytest.raises(LeaseLostError, match="older copy"):
        leases.offer(item, "me")
    mending = Mending(profile.connection, clock, profile.life)
    assert mending.beware() == 3
    assert mending.beware() == 0, "once"


def test_ordinary_life_raises_no_alarm(profile: Profile, clock: HandClock) -> None:
    for n in range(3):
        items = profile.put(str(n))
        profile.flush()
        assert profile.states(items) == ["delivered"] * 3
    mark = profile.life.read()
    assert mark
    assert mark.offers == 9
    profile.life.note(Mark(mark.life, 4))  # the power went before the file was written
    items = profile.put("x")
    profile.flush()
    assert profile.states(items) == ["delivered"] * 3


def test_a_database_that_began_empty_is_no_older_copy(profile: Profile) -> None:
    """After everything was erased, or the folder of data was deleted and the mark was left."""
    profile.put("x")
    profile.flush()
    for table in ("outbox_need", "outbox_history", "outbox_item", "outbox_life"):
        profile.connection.execute(f"DELETE FROM {table}")
    items = profile.put("y")
    profile.flush()
    assert profile.states(items) == ["delivered"] * 3
    profile.life.note(Mark("another", 1_000))
    profile.connection.execute("UPDATE outbox_life SET marked = 1")  # as the first step of a new file leaves it
    items = profile.put("z")
    profile.flush()
    assert profile.states(items) == ["delivered"] * 3
    mark = profile.life.read()
    assert mark
    assert mark.life != "another"


def test_another_database_than_the_mark_tells_of_is_looked_at_with_doubt(profile: Profile) -> None:
    items = profile.put("x")
    profile.connection.execute("UPDATE outbox_life SET marked = 0")
    profile.life.note(Mark("another", 0))
    profile.flush()
    profile.wait()
    profile.flush()
    assert profile.states(items) == ["delivered", "unknown", "delivered"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"life": "x"}', '{"life": "x", "offers": "many"}'])
def test_a_mark_that_makes_no_sense_is_none(profile: Profile, tmp_path: Path, text: str) -> None:
    (tmp_path / "outbox.life").write_text(text)
    items = profile.put("x")
    profile.flush()
    assert profile.states(items) == ["delivered"] * 3
    assert (tmp_path / "outbox.life").stat().st_mode & 0o777 == 0o600


def test_a_mark_that_cannot_be_written_stops_nothing_and_is_told_once(
    tmp_path: Path, database: Path, clock: HandClock
) -> None:
    events: list[object] = []
    life = Life(tmp_path / "no such folder" / "outbox.life")
    place = Loopback()
    dispatcher = Dispatcher(
        lambda: open_connection(database), lambda _: place, Connectivity(clock), clock, events.append, life=life
    )
    with closing(open_connection(database)) as connection:
        item = Outbox(connection, clock).enqueue(intent(), approval=False)
    stop = threading.Event()
    told = threading.Event()
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    for _ in range(200):
        if any(isinstance(event, DispatcherFailed) for event in events):
            break
        dispatcher.nudge()
        told.wait(0.05)
    stop.set()
    dispatcher.nudge()
    thread.join(20)
    faults = [event for event in events if isinstance(event, DispatcherFailed)]
    assert len(faults) == 1
    assert "older copy" in faults[0].what
    assert place.times(item.id) == 1


@pytest.mark.parametrize("steps", range(1, len(STEPS) + 1))
def test_a_copy_of_any_age_is_marked(tmp_path: Path, clock: HandClock, steps: int) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for _, script in STEPS[:steps]:
            connection.executescript(script)
        for n, state in enumerate(("queued", "cancelled", "waiting_approval", "expired")):
            connection.execute(
                "INSERT INTO outbox_item (id, tool, args, destination, payload, sentence, fingerprint, state, "
                "created_at, updated_at, expires_at) VALUES (?, 't', '{}', 'a:b', '{}', 's', 'f', ?, 1, 1, 1)",
                (str(n), state),
            )
            connection.execute("INSERT INTO outbox_history (item_id, at, state, what) VALUES (?, 7, ?, '')", (n, state))
        connection.execute("INSERT INTO outbox_history (item_id, at, state, what) VALUES (1, 5, 'sending', '')")
    assert mark_file(path, None, int(clock() * 1_000)) == 4
    assert mark_file(path, tmp_path / "not there.db", int(clock() * 1_000)) == 0, "once"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT DISTINCT uncertain_since FROM outbox_item").fetchall() == [(5,)]


def test_a_file_without_an_outbox_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE thing (x)")
    assert mark_file(tmp_path / "other.db", None, 0) == 0


def test_everything_is_marked_in_short_steps(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.restored.BATCH", 2)
    items = profile.put("a") + profile.put("b")
    profile.back_up()
    assert profile.come_back() == 6
    assert all(profile.outbox.get(item.id).uncertain_since for item in items)
    assert State.QUEUED in {profile.outbox.get(item.id).state for item in items}
