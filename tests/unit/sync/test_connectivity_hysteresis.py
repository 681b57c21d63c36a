"""Offline, degraded, online: the switch rules, attempts are the truth, the system's word is a hint."""

from sync.connectivity import PROBE_CAP_S, PROBE_FIRST_S, Connectivity, NetworkState
from tests.sim.profiles import HandClock

OFFLINE, DEGRADED, ONLINE = NetworkState


def fail(connectivity: Connectivity, name: str = "a", times: int = 1) -> list[str]:
    events = [connectivity.report(name, reached=False, loopback=False) for _ in range(times)]
    return [event.state for event in events if event]


def reach(connectivity: Connectivity, name: str = "a") -> list[str]:
    event = connectivity.report(name, reached=True, loopback=False)
    return [event.state] if event else []


def test_the_switch_stops_everything_and_says_whose_doing_it_is(clock: HandClock) -> None:
    connectivity = Connectivity(clock, offline=True)
    assert connectivity.standing.manual
    assert not connectivity.allows(loopback=True)
    assert not connectivity.allows(loopback=False)
    assert reach(connectivity) == [], "an answer that was under way does not turn the switch"
    event = connectivity.switch(offline=False)
    assert event
    assert (event.state, event.manual) == ("online", False)
    assert connectivity.switch(offline=False) is None
    assert connectivity.allows(loopback=False)


def test_one_failure_changes_nothing_two_degrade_three_take_it_offline(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    reach(connectivity)
    assert fail(connectivity) == []
    assert fail(connectivity) == ["degraded"]
    assert fail(connectivity) == ["offline"]
    assert connectivity.allows(loopback=False), "the items' own backoff bounds what is tried"
    assert reach(connectivity) == ["online"]


def test_one_broken_server_is_not_a_broken_network(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    reach(connectivity, "good")
    assert fail(connectivity, "bad", 9) == ["degraded"]
    assert "bad" in connectivity.standing.why
    assert reach(connectivity, "good") == [], "one success does not make the other one well"
    assert reach(connectivity, "bad") == ["online"]


def test_the_hint_stops_remote_attempts_but_for_a_probe_now_and_then(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    event = connectivity.hint(False)
    assert event
    assert event.state == "offline"
    assert connectivity.hint(False) is None
    assert connectivity.allows(loopback=True)
    assert not connectivity.allows(loopback=False)
    assert connectivity.next_probe_s() == PROBE_FIRST_S
    waits = []
    for _ in range(8):
        wait = connectivity.next_probe_s()
        assert wait is not None
        waits.append(wait)
        clock.turn(wait)
        assert connectivity.allows(loopback=False)
        fail(connectivity)
        assert not connectivity.allows(loopback=False)
    assert waits == [30, 60, 120, 240, 480, 900, PROBE_CAP_S, PROBE_CAP_S]


def test_a_probe_that_gets_through_proves_the_hint_wrong(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    connectivity.hint(False)
    clock.turn(PROBE_FIRST_S)
    assert reach(connectivity) == ["online"]
    assert connectivity.allows(loopback=False)
    clock.turn(1)
    event = connectivity.hint(False)
    assert event
    assert event.state == "offline", "a newer hint counts again"


def test_a_new_network_starts_with_a_clean_slate(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    fail(connectivity, times=5)
    assert connectivity.state is OFFLINE
    connectivity.hint(False)
    event = connectivity.hint(True)
    assert event
    assert event.state == "online"
    connectivity.hint(None)
    assert connectivity.state is ONLINE
    assert connectivity.next_probe_s() is None


def test_loopback_says_nothing_about_the_network(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    for _ in range(9):
        assert connectivity.report("here", reached=False, loopback=True) is None
    connectivity.hint(False)
    connectivity.report("here", reached=True, loopback=True)
    assert connectivity.state is OFFLINE
    assert connectivity.allows(loopback=True)


def test_what_is_remembered_is_bounded(clock: HandClock) -> None:
    connectivity = Connectivity(clock)
    for n in range(1_000):
        fail(connectivity, f"d{n}", 2)
    assert connectivity.state is OFFLINE
    assert len(connectivity._failures) <= 64
    assert reach(connectivity, "new") == ["degraded"]
    assert DEGRADED is connectivity.state
