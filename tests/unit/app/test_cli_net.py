"""`carryon net` about destinations on this machine, and where there is no network at all."""

import json
import socket
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from agent.compose import build
from agent.paths import Paths
from agent.runtime import Runtime
from app.cli import interfaces, main
from app.cli import net as net_command
from app.cli.net import _last
from sync.connectivity import NetworkState
from sync.observing import Observation, store
from tests.sim.profiles import intent
from tests.sim.receiving import Receiver, Reply

Address = namedtuple("Address", "family address")
Stats = namedtuple("Stats", "isup")
UP, DOWN = Stats(True), Stats(False)
FOUR, SIX = socket.AF_INET, socket.AF_INET6


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture(autouse=True)
def _a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has on which this runs."""
    monkeypatch.setattr(net_command, "any_up", lambda: True)


@pytest.fixture
def runtime(paths: Paths, receiver: Receiver) -> Iterator[Runtime]:
    paths.agentrc.write_text(f'schema = 1\n[channels.ops]\nkind = "webhook"\nurl = "{receiver.url}/in"\n')
    with build(paths, environ={}) as made:
        yield made


def net(*words: str) -> Any:
    done = CliRunner().invoke(main, ["net", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout) if "--json" in words else done.stdout


@pytest.mark.parametrize(
    ("reply", "outcome", "words"),
    [
        (Reply(400, acts=False, body={"error": "no"}), "refused", "answered 400"),
        (Reply(cut="request"), "uncertain", "broke before its answer came"),
        (Reply(511, acts=False), "sign-in", "511"),
    ],
)
def test_a_destination_here_tells_what_came_of_it(
    runtime: Runtime, receiver: Receiver, reply: Reply, outcome: str, words: str
) -> None:
    receiver.script = [reply]
    runtime.outbox.enqueue(intent("landing", payload={"text": "landing", "channel": "ops"}), approval=False)
    runtime.flush()
    (place,) = net("--json")["destinations"]
    assert words in place["why"]
    assert words in place["trouble"]
    assert place["attempts"] == 1
    assert not runtime.connectivity.standing.sign_in, "nothing here speaks for the network"
    assert [one["outcome"] for one in place["last"]] == [outcome]
    assert place["next_try_at"] is None or place["next_try_at"] > "2"
    line = net().splitlines()[-1]
    assert "never tried" not in line
    assert ("1 waiting" in line) is (outcome == "sign-in")
    assert ("1 needs you" in line) is (outcome != "sign-in")
    document = net("--json")
    assert (document["state"], document["sign_in"]) == ("online", False), "it says nothing about the network"


def test_what_was_never_due_has_no_next_try(runtime: Runtime) -> None:
    item = runtime.outbox.enqueue(intent("landing"), approval=False)
    runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0 WHERE id = ?", (item.id,))
    assert net("--json")["destinations"][0]["next_try_at"] is None
    assert net().splitlines()[-1].endswith("never tried")


def test_the_users_own_word_is_no_arrival(runtime: Runtime, receiver: Receiver) -> None:
    item = runtime.outbox.enqueue(intent("landing"), approval=False)
    runtime.outbox.resolve(item.id, "delivered")
    assert net("--json")["destinations"][0]["reached_at"] is None


def test_an_answer_of_this_machine_does_not_end_a_sign_in(runtime: Runtime) -> None:
    store(runtime.connection, Observation("smtp:far", "sign-in", 40, 1_000, "Sign in."))
    store(runtime.connection, Observation("webhook:ops", "delivered", 40, 2_000, near=True))
    assert net("--json")["sign_in"] is True


def test_without_an_interface_it_is_offline(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_command, "any_up", lambda: False)
    document = net("--json")
    assert (document["state"], document["manual"]) == (NetworkState.OFFLINE.value, False)
    assert document["why"] == "The system reports no network."


@pytest.mark.parametrize(
    ("addresses", "states", "there"),
    [
        ({"lo": [Address(FOUR, "127.0.0.1"), Address(SIX, "::1")]}, {"lo": UP}, False),
        ({"lo": [Address(FOUR, "127.0.0.1")], "eth0": [Address(FOUR, "10.0.0.7")]}, {"lo": UP, "eth0": UP}, True),
        ({"eth0": [Address(FOUR, "10.0.0.7")]}, {"eth0": DOWN}, False),
        ({"wlan0": [Address(SIX, "fe80::1%wlan0")]}, {"wlan0": UP}, True),
        ({"eth0": [Address(17, "00:00:00:00:00:00")]}, {"eth0": UP}, False),
        ({}, {}, False),
    ],
)
def test_an_interface_leads_out_that_is_up_and_has_an_address(
    addresses: dict[str, list[Address]], states: dict[str, Stats], there: bool
) -> None:
    assert interfaces.has_way_out(addresses, states) is there


def test_why_somebody_else_was_refused_is_not_said_of_the_last_try() -> None:
    last = {"outcome": "delivered", "at": 0, "ms": 31, "words": ""}
    told = _last({"last": [last], "why": "The server refused it."})
    assert told.endswith("after 31 ms (The server refused it.)")
    refused = {**last, "outcome": "rejected", "words": "The server refused it."}
    assert _last({"last": [refused], "why": "The server refused it."}).endswith("after 31 ms: The server refused it.")
