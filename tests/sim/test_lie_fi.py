"""A network that lies: for every fault of lossy.py and every transport, no text is lost, nothing comes twice, and the
item ends settled once the road is good again."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item, State
from sync.outbox import Outbox
from sync.transports.attempt import Attempt
from sync.transports.port import Limits
from sync.transports.webhook import Webhook
from tests.sim.lossy import FAULTS, RETRY_AFTER_S, dead_resolver
from tests.sim.profiles import HandClock, create, intent, open_connection
from tests.sim.repositories import has_http_backend
from tests.sim.roads import ENDS, LIMITS, End, repository

TEXT = "the contract is signed: an amount that nobody may lose"
PAYLOAD = {"to": "dana@example.org", "subject": "The contract", "body": TEXT, "text": TEXT, "title": "The contract",
           "channel": "ops"}  # fmt: skip
DECISION_S = 2.0
TOLD_WITHIN_S = 10.0  # on a busy machine; what is held to is the time since the try began
GIT_LIMITS = replace(LIMITS, read_s=2.5)  # its own start takes some of it
MAY_HAVE_ACTED = ("stall after", "reset within", "reset after", "half-open", "drip", "truncated")
SAID_LATER = ("429", "503")
SURELY_NOT_SENT = ("refused", "syn black hole", *SAID_LATER)


@dataclass
class Sender:
    """One profile with one item, and a clock that is turned by hand."""

    end: End
    path: Path
    clock: HandClock
    limits: Limits | None = LIMITS

    def flush(self) -> Item:
        Dispatcher(
            lambda: open_connection(self.path), lambda _: self.end.make(self.limits), Connectivity(self.clock),
            self.clock,
        ).flush_once()  # fmt: skip
        return self.item

    @property
    def item(self) -> Item:
        with closing(open_connection(self.path)) as connection:
            (item,) = Outbox(connection, self.clock).list()
            return item

    def resolve(self, verdict: str) -> None:
        with closing(open_connection(self.path)) as connection:
            Outbox(connection, self.clock).resolve(self.item.id, verdict)


@pytest.fixture(params=list(ENDS))
def sender(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sender]:
    with ENDS[request.param]() as end:
        sender = Sender(end, tmp_path / "profile.db", HandClock())
        with closing(create(sender.path)) as connection:
            Outbox(connection, sender.clock).enqueue(intent(TEXT, end.name, payload=PAYLOAD), approval=False)
        yield sender


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("none", "portal page")])
def test_no_text_is_lost_and_it_comes_at_most_once(sender: Sender, fault: str) -> None:
    sender.end.road.fault = fault
    began = time.monotonic()
    first = sender.flush()
    assert time.monotonic() - began < LIMITS.total_s + 2
    assert first.state is not State.SENDING, "no endless spinner"
    assert first.state is State.DELIVERED or first.last_error, "it says what happened"
    assert dict(first.payload) == PAYLOAD

    sender.end.road.heal()
    sender.clock.turn(40)
    last, effects = sender.flush(), sender.end.effects()
    assert dict(last.payload) == PAYLOAD
    if last.state is State.DELIVERED:
        assert effects == [last.idempotency_key]
    else:
        assert last.state is State.UNKNOWN
        assert sender.end.mode == "none"
        assert fault not in SURELY_NOT_SENT
        assert len(effects) <= 1


def test_a_sign_in_page_with_200_is_no_receipt(sender: Sender) -> None:
    if sender.end.name.startswith("smtp"):
        pytest.skip("a page is no answer to mail")
    sender.end.road.fault = "portal page"
    assert sender.flush().state is not State.DELIVERED


@pytest.mark.parametrize("fault", ["tls", "portal page", "portal", "stall before", "reset before"])
def test_over_tls_no_word_leaves_before_the_other_end_has_shown_who_it_is(fault: str, tmp_path: Path) -> None:
    with ENDS["webhook/none"]() as end:
        url = f"https://127.0.0.1:{end.road.port}/in"
        secured = replace(end, make=lambda limits: Webhook("ops", url, limits=limits))
        sender = Sender(secured, tmp_path / "profile.db", HandClock())
        with closing(create(sender.path)) as connection:
            Outbox(connection, sender.clock).enqueue(intent(TEXT, end.name, payload=PAYLOAD), approval=False)
        end.road.fault = fault
        item = sender.flush()
        assert (item.state, item.offers) == (State.QUEUED, 0)
        assert TEXT.encode() not in end.road.seen
        assert end.effects() == []


@pytest.mark.parametrize("fault", SAID_LATER)
def test_a_pause_that_was_asked_for_is_kept(sender: Sender, fault: str) -> None:
    sender.end.road.fault = fault
    sender.flush()
    sender.end.road.heal()
    if sender.end.name.startswith("smtp"):
        return  # a mail server names no time
    sender.clock.turn(RETRY_AFTER_S - 2)
    assert sender.flush().state is State.FAILED
    sender.clock.turn(3)
    assert sender.flush().state is State.DELIVERED
    assert len(sender.end.effects()) == 1


@pytest.mark.parametrize("fault", MAY_HAVE_ACTED)
def test_what_may_have_arrived_is_sent_again_only_where_that_is_safe(sender: Sender, fault: str) -> None:
    sender.end.road.fault = fault
    first = sender.flush()
    sender.end.road.heal()
    for _ in range(3):
        sender.clock.turn(40)
        last = sender.flush()
    assert len(sender.end.effects()) <= 1
    if sender.end.mode == "none" and first.state is State.UNKNOWN:
        assert last.state is State.UNKNOWN, "nothing but the user's word moves it"
    else:
        assert last.state is State.DELIVERED
        assert len(sender.end.effects()) == 1


def test_a_name_server_that_never_answers_holds_nothing_but_its_own_place(sender: Sender) -> None:
    """Whatever hangs in the look-up, the item is not lost, and goes when the names are back."""
    with dead_resolver(("127.0.0.1",)) as let_go:
        let_go()  # as after the system's own time-out
        first = sender.flush()
    assert first.state is State.QUEUED
    assert first.offers == 0
    sender.clock.turn(600)
    assert sender.flush().state is State.DELIVERED
    assert len(sender.end.effects()) == 1


SLOW = [
    "syn black hole",
    "stall before",
    "stall after",
]


@pytest.mark.parametrize("fault", SLOW)
def test_within_two_seconds_it_is_said_that_this_try_is_not_working(sender: Sender, fault: str) -> None:
    """With the limits that settings give. Said: the item is told with words on it while, or after, it is tried."""
    began = time.monotonic()
    said = told_at(sender, fault)
    assert said
    assert said[0] - began <= DECISION_S


def told_at(sender: Sender, fault: str) -> list[float]:
    """The moments at which words were told."""
    sender.limits = None
    sender.end.road.fault = fault
    said: list[float] = []

    def tell(event: object) -> None:
        item = getattr(event, "item", None)
        if item is not None and item.last_error:
            said.append(time.monotonic())

    dispatcher = Dispatcher(
        lambda: open_connection(sender.path), lambda _: sender.end.make(None), Connectivity(sender.clock), sender.clock,
        tell,
    )  # fmt: skip
    stop = threading.Event()
    running = threading.Thread(target=dispatcher.run, args=(stop,))
    running.start()
    try:
        deadline = time.monotonic() + TOLD_WITHIN_S
        while not said and time.monotonic() < deadline:
            stop.wait(0.02)
    finally:
        sender.end.road.heal()
        stop.set()
        dispatcher.nudge()
        running.join(10)
    return said


# Git, which speaks for itself: a program of its own, no stages, commits instead of keys.


@pytest.fixture
def pushing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    if not has_http_backend():
        pytest.skip("this git brings no http-backend")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with repository(tmp_path / "git") as (end, commit):
        sender = Sender(end, tmp_path / "profile.db", HandClock(), GIT_LIMITS)
        payload = {"remote": "origin", "branch": "main", "commit": commit}
        push = replace(intent("push", end.name, payload=payload), basis={"there": ""})
        with closing(create(sender.path)) as connection:
            Outbox(connection, sender.clock).enqueue(push, approval=False)
        yield sender


@pytest.mark.parametrize("fault", SLOW)
def test_of_a_push_it_is_said_as_soon(pushing: Sender, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first stage on: how long this machine takes to start git before is not the rule."""
    began: list[float] = []
    stage = Attempt.stage

    def noted(self: Attempt, *args: Any) -> None:
        began.append(time.monotonic())
        stage(self, *args)

    monkeypatch.setattr(Attempt, "stage", noted)
    said = told_at(pushing, fault)
    assert said
    assert said[0] - began[0] <= DECISION_S


@pytest.mark.parametrize("fault", ["refused", "syn black hole", "stall before", "stall after", "reset after", "portal"])
def test_a_push_over_a_bad_road_is_kept_and_arrives_once(pushing: Sender, fault: str) -> None:
    pushing.end.road.fault = fault
    first = pushing.flush()
    assert first.state is State.QUEUED, "the branch was asked about first, so nothing had left"
    assert first.last_error
    assert pushing.end.effects() == []
    pushing.end.road.heal()
    pushing.clock.turn(600)
    assert pushing.flush().state is State.DELIVERED
    assert pushing.end.effects() == [first.payload["commit"]]
