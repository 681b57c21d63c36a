"""Signing in to a server from the window's side: begun out of turn, shown, cancelled, told; over a real profile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from agent.paths import Paths
from agent.protocol.events import Event, Failed
from agent.protocol.server_commands import CancelSignIn, ListServers, RefreshServer, SignInServer, SignOutServer
from agent.protocol.server_events import ServersListed, SignInBegan, SignInEnded, SignInShown, SignInWanted
from agent.protocol.server_records import ServerView
from agent.session.lane import Lane, Work
from agent.session.opening import open_session
from agent.session.sign_ins import BUSY
from tests.mcp_servers.guarded import Guarded
from tests.unit.agent.mcp.signing import Person
from tests.unit.agent.session.telling import Told
from tests.unit.agent.session.test_server_room import Room


class Memory(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, made = keyring.get_keyring(), Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[Guarded]:
    with Guarded() as made:
        yield made


@pytest.fixture
def room(tmp_path: Path, server: Guarded, memory: Memory) -> Iterator[Room]:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    paths.agentrc.write_text(f'[servers.guarded]\nurl = "{server.url}"\n')
    told = Told()
    with open_session(paths, told.append) as session:
        yield Room(session, told)


def heard(room: Room, kind: type[Event], number: int = 1) -> list[Event]:
    def found() -> list[Event]:
        return [event for event in tuple(room.told) if isinstance(event, kind)]

    room.until(lambda: len(found()) >= number)
    return found()


def ended(room: Room, number: int = 1) -> SignInEnded:
    event = heard(room, SignInEnded, number)[-1]
    assert isinstance(event, SignInEnded)
    return event


def shown(room: Room) -> ServerView:
    (listed,) = [event for event in room.do(ListServers()) if isinstance(event, ServersListed)]
    (view,) = listed.servers
    return view


def begin(room: Room, number: int = 1) -> SignInShown:
    room.session.answer(SignInServer(name="guarded"))
    event = heard(room, SignInShown, number)[-1]
    assert isinstance(event, SignInShown)
    return event


def test_from_the_wish_to_the_tools_and_out_again(room: Room, server: Guarded, memory: Memory) -> None:
    room.do(RefreshServer(name="guarded"))
    (wanted,) = heard(room, SignInWanted)
    assert wanted == SignInWanted(server="guarded", waited_for=True)
    heard(room, Failed)
    view = shown(room)
    assert (view.sign_in, view.trouble) == ("wanted", "The server guarded wants you to sign in.")
    told = begin(room)
    assert (told.host, told.url in repr(told)) == (server.base.removeprefix("http://"), False)
    assert heard(room, SignInBegan)
    Person().visit(told.url)
    assert ended(room) == SignInEnded(server="guarded", signed_in=True)
    room.do(RefreshServer(name="guarded"))
    room.until(lambda: shown(room).tools)
    assert (shown(room).sign_in, shown(room).trouble) == ("signed in", "")
    room.do(SignOutServer(name="guarded"))
    assert (shown(room).sign_in, memory.kept) == ("", {})


def test_it_is_cancelled_and_one_goes_on_at_a_time(room: Room, memory: Memory) -> None:
    begin(room)
    room.session.answer(SignInServer(name="guarded"))
    assert ended(room).words == BUSY
    room.session.answer(CancelSignIn(name="other"))
    room.session.answer(CancelSignIn(name="guarded"))
    event = ended(room, 2)
    assert (event.signed_in, "was cancelled" in event.words, memory.kept) == (False, True, {})
    Person().visit(begin(room, 2).url)
    assert ended(room, 3).signed_in


def test_it_is_told_as_begun_before_it_can_be_over(room: Room, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.set_password = refuses  # type: ignore[assignment, method-assign]
    real = Lane.put

    def put(lane: Lane, work: Work) -> bool:
        taken = real(lane, work)
        ended(room)  # the lane is quicker than who began
        return taken

    monkeypatch.setattr(Lane, "put", put)
    room.session.answer(SignInServer(name="guarded"))
    told = [type(event) for event in room.told if isinstance(event, (SignInBegan, SignInEnded))]
    assert told == [SignInBegan, SignInEnded]


def refuses(*_args: object) -> None:
    raise RuntimeError("locked")


def test_after_the_end_of_carryon_none_begins(room: Room) -> None:
    sign_ins = room.session._servers.sign_ins  # type: ignore[union-attr]
    sign_ins.end()
    room.session.answer(SignInServer(name="guarded"))
    assert ended(room).words == BUSY
    assert sign_ins._going is None, "nothing is left that would wait for its end"


def test_an_end_of_carryon_ends_it(room: Room) -> None:
    begin(room)
    room.session._servers.sign_ins.end()  # type: ignore[union-attr]
    assert not ended(room).signed_in


def test_what_went_wrong_is_told_in_words(room: Room, server: Guarded) -> None:
    server.service.grants = False
    Person().visit(begin(room).url)
    assert "was not granted there" in ended(room).words


def test_who_removes_a_server_is_signed_out_and_so_is_who_erases_all(
    room: Room, memory: Memory, server: Guarded
) -> None:
    front = room.session.runtime.servers.front
    sign_in: Callable[[], None] = lambda: front.sign_in("guarded", Person().show)  # noqa: E731
    sign_in()
    assert memory.kept
    room.session.runtime.servers.erase()
    assert memory.kept == {}
    sign_in()
    front.remove("guarded", front.removal("guarded"))
    assert memory.kept == {}
