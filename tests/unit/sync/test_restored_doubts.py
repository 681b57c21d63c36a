"""How old the doubt is that an older copy brings with it, what else knows of it, and when it is asked about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import restored
from sync.mending import Mending
from tests.sim.profiles import HandClock
from tests.unit.sync.put_back import Profile


@pytest.fixture
def profile(tmp_path: Path, database: Path, clock: HandClock) -> Iterator[Profile]:
    opened = Profile(tmp_path, database, clock)
    yield opened
    opened.connection.close()


def test_what_the_user_does_after_a_copy_came_back_makes_no_doubt_younger(profile: Profile) -> None:
    """Nobody had looked the copy over when the new item, the yes and the wish to try again were written."""
    items = profile.put("before", approval=True)
    profile.back_up()
    profile.outbox.approve_many([item.id for item in items])
    profile.flush()
    profile.clock.turn(2 * 86_400)
    profile.come_back(marked=False)
    profile.put("another")
    profile.outbox.approve_many([item.id for item in items])
    profile.outbox.retry_many([item.id for item in items])
    profile.flush()
    profile.wait()
    profile.flush()
    assert profile.states(items) == ["unknown", "unknown", "delivered"]
    assert profile.times(items) == [1, 1, 1]


def test_a_doubt_begins_when_the_item_can_first_have_been_sent(profile: Profile) -> None:
    """Not with its creation, where a delivery was begun after that; not with the copy's last line."""
    first = profile.put("first")
    profile.clock.turn(5)
    profile.flush()
    sent_at = int(profile.clock() * 1_000)
    profile.clock.turn(5)
    second = profile.put("second", approval=True)
    profile.back_up()
    profile.clock.turn(500)
    profile.come_back()
    assert {profile.outbox.get(item.id).uncertain_since for item in second} == {second[0].created_at}
    profile.connection.execute("UPDATE outbox_item SET uncertain_since = NULL, created_at = 1")
    restored.mark(profile.connection, int(profile.clock() * 1_000))
    assert {profile.outbox.get(item.id).uncertain_since for item in second} == {sent_at}
    assert profile.states(first) == ["delivered"] * 3


def test_a_clock_that_was_set_back_makes_no_doubt_younger(profile: Profile) -> None:
    items = profile.put("before", approval=True)
    profile.clock.turn(-7_200)
    later = profile.put("later", approval=True)
    profile.back_up()
    profile.clock.turn(4 * 7_200)
    profile.come_back()
    since = {profile.outbox.get(item.id).uncertain_since for item in (*items, *later)}
    assert since == {later[0].created_at}


def test_a_file_that_was_itself_an_older_copy_knows_nothing_of_what_was_sent(profile: Profile) -> None:
    """Put back by hand, then by command before anything looked it over."""
    items = profile.put("before")
    profile.back_up()
    profile.flush()
    profile.come_back(marked=False)
    assert profile.come_back(profile.keep_aside()) == 3
    profile.wait()
    profile.flush()
    assert profile.times(items) == [1, 1, 1]
    assert profile.states(items) == ["delivered", "unknown", "delivered"]


def test_a_file_that_was_looked_over_passes_its_doubt_on(profile: Profile) -> None:
    items = profile.put("before")
    profile.back_up()
    profile.flush()
    profile.come_back(marked=False)
    assert Mending(profile.connection, profile.clock, profile.life).beware() == 3
    assert profile.come_back(profile.keep_aside()) == 3
    profile.wait()
    profile.flush()
    assert profile.times(items) == [1, 1, 1]


def test_what_the_lost_profile_had_begun_has_time_to_end_before_it_is_asked_about(profile: Profile) -> None:
    items = profile.put("before")
    profile.back_up()
    profile.come_back()
    profile.outbox.retry_many([item.id for item in items])
    profile.flush()
    (asked,) = [item for item in items if item.destination == "webhook:query"]
    assert profile.outbox.get(asked.id).attempts == 0
    profile.places["webhook:query"]._act(asked)  # it comes only now
    profile.wait()
    profile.flush()
    assert profile.times([asked]) == [1]
    assert profile.states([asked]) == ["delivered"]
