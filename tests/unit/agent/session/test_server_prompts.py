"""Texts of servers for the composer: fetched beside the conversation from a real server, told once, taken back."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.paths import Paths
from agent.protocol.events import Event
from agent.protocol.server_commands import FetchPrompt, LeavePrompt, ListServers
from agent.protocol.server_events import PromptFailed, PromptFetched, ServersListed
from agent.session.handling import Session
from agent.session.opening import open_session
from tests.unit.agent.mcp.profiles import workshop
from tests.unit.agent.session.telling import SECONDS_MAX, Told

HOSTILE = Path(__file__).parents[3] / "mcp_servers" / "hostile.py"


def about(told: Told, command: FetchPrompt) -> Event:
    return told.first(lambda event: event.cause == command.id)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def session(tmp_path: Path, told: Told) -> Iterator[Session]:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    slow = f'[servers.slow]\ncommand = ["{sys.executable}", "{HOSTILE}", "silent"]\n'
    paths.agentrc.write_text(workshop() + slow)
    with open_session(paths, told.append, offline=True) as made:
        yield made


def fetch(session: Session, server: str = "workshop", name: str = "build", **args: str) -> FetchPrompt:
    command = FetchPrompt(server=server, name=name, args=args)
    session.answer(command)
    return command


def test_a_text_comes_with_who_wrote_it(session: Session, told: Told) -> None:
    event = about(told, fetch(session, what="a shelf"))
    assert isinstance(event, PromptFetched)
    assert (event.text, event.source) == ("Build a shelf", "the prompt build of the server workshop")


def test_texts_are_listed_without_starting_a_server(session: Session) -> None:
    front = session.runtime.servers.front
    front.refresh("workshop")
    front.lines.hang_up("workshop")
    (listed,) = [event for event in session.handle(ListServers()) if isinstance(event, ServersListed)]
    offers = {server.name: [one.name for one in server.offers] for server in listed.servers}
    assert offers == {"workshop": ["build"], "slow": []}
    (build,) = next(server.offers for server in listed.servers if server.name == "workshop")
    assert [(one.name, one.required) for one in build.arguments] == [("what", True)]
    assert front.lines.started() == ()


@pytest.mark.parametrize(("server", "words"), [("workshop", "workshop"), ("nobody", "There is no server named nobody")])
def test_why_it_did_not_come_is_said(session: Session, told: Told, server: str, words: str) -> None:
    """The server dies of the argument that it was not given."""
    event = about(told, fetch(session, server))
    assert isinstance(event, PromptFailed)
    assert words in event.what


def test_one_that_is_left_is_not_told_of_and_the_next_has_its_turn(session: Session, told: Told) -> None:
    first = fetch(session, "slow", "x")
    second = fetch(session, what="a table")
    end = time.monotonic() + SECONDS_MAX
    while "slow" not in session.runtime.servers.front.lines.started():
        assert time.monotonic() < end
        threading.Event().wait(0.02)
    session.answer(LeavePrompt(fetch_id=first.id))
    assert isinstance(about(told, second), PromptFetched)
    assert not [event for event in told if event.cause == first.id]
    session.answer(LeavePrompt(fetch_id="never asked"))


def test_too_much_is_not_sent_and_too_many_are_told(session: Session, told: Told) -> None:
    long = about(told, fetch(session, what="x" * 20_001))
    assert isinstance(long, PromptFailed)
    assert "20,000 characters" in long.what
    asked = [fetch(session, "slow", "x") for _ in range(12)]
    assert isinstance(about(told, asked[-1]), PromptFailed)
    for one in asked:
        session.answer(LeavePrompt(fetch_id=one.id))
