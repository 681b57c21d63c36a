"""Servers of other programs, from their files to our settings and back, over a real profile."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.agentrc.errors import SecretError
from agent.errors import CarryonError
from agent.paths import Paths
from agent.protocol.commands import Command
from agent.protocol.events import Event, StoreChanged
from agent.protocol.server_commands import LookForServers, PreviewServers, TakeBackServers, TakeServers
from agent.protocol.server_events import ClientsFound, ServersListed, ServersPreviewed, ServersTaken
from agent.session.handling import Session
from agent.session.opening import open_session

TOKEN = "ghp_" + "a1" * 18
CURSOR = {"mcpServers": {
    "GitHub Tools": {"command": "npx", "args": ["-y", "@scope/server-github"], "env": {"GITHUB_TOKEN": TOKEN}},
    "files": {"command": "npx", "args": ["-y", "@scope/files"]},
    "odd": {"command": "npx", "args": "x"},
}}  # fmt: skip
CODE = {"servers": {"files": {"command": "node", "args": ["files.js"]}}}
MINE = '# mine\ntone = "terse"\n'


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found: dict[str, str] = {}
    monkeypatch.setattr("agent.mcp.front.keyring_set", found.__setitem__)
    monkeypatch.setattr("agent.mcp.front.keyring_missing", lambda: False)
    return found


@pytest.fixture
def cursor(tmp_path: Path) -> Path:
    return tmp_path / ".cursor" / "mcp.json"


@pytest.fixture
def session(tmp_path: Path, cursor: Path, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("agent.session.server_importing.Path.home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    cursor.parent.mkdir()
    cursor.write_text(json.dumps(CURSOR))
    (tmp_path / ".lmstudio").mkdir()
    (tmp_path / ".lmstudio" / "mcp.json").write_text("{,")
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    paths.agentrc.write_text(MINE)
    with open_session(paths, lambda _event: None, offline=True) as made:
        yield made


def one(session: Session, command: Command, kind: type[Event]) -> Event:
    (found,) = [event for event in session.handle(command) if isinstance(event, kind)]
    return found


def preview(session: Session, choices: dict[str, tuple[str, ...]]) -> ServersPreviewed:
    found = one(session, PreviewServers(choices=choices), ServersPreviewed)
    assert isinstance(found, ServersPreviewed)
    return found


def test_what_is_there_is_listed_with_why_the_rest_cannot_be_taken(session: Session) -> None:
    found = one(session, LookForServers(), ClientsFound)
    assert isinstance(found, ClientsFound)
    cursor, studio = found.clients
    assert (cursor.client, studio.client, studio.candidates) == ("Cursor", "LM Studio", ())
    assert "no JSON" in studio.trouble
    tools, files, odd = cursor.candidates
    assert (tools.theirs, tools.name, tools.how) == ("GitHub Tools", "github-tools", "npx -y @scope/server-github")
    assert tools.secrets == ("github-tools.GITHUB_TOKEN",)
    assert (files.name, odd.name) == ("files", "")
    assert "no list of texts" in odd.why


def test_only_what_was_chosen_is_written_and_undo_brings_the_file_back(
    session: Session, cursor: Path, kept: dict[str, str], tmp_path: Path
) -> None:
    choices = {str(cursor): ("GitHub Tools",)}
    seen = preview(session, choices)
    assert (seen.names, TOKEN in seen.diff, kept) == (("github-tools",), False, {})
    assert (tmp_path / "rc").read_text() == MINE, "nothing is written by looking"
    events = list(session.handle(TakeServers(choices=choices, looked_at=seen.fingerprint)))
    (taken,) = [event for event in events if isinstance(event, ServersTaken)]
    (listed,) = [event for event in events if isinstance(event, ServersListed)]
    assert [event.areas for event in events if isinstance(event, StoreChanged)] == [{"settings"}]
    assert [server.name for server in listed.servers] == ["github-tools"]
    assert kept == {"github-tools.GITHUB_TOKEN": TOKEN}
    assert "files" not in (tmp_path / "rc").read_text()
    list(session.handle(TakeBackServers(change=taken.change)))
    assert (tmp_path / "rc").read_text() == MINE
    assert session.runtime.settings.servers == {}


def test_two_files_are_one_change_and_a_name_is_given_once(session: Session, cursor: Path, tmp_path: Path) -> None:
    code = tmp_path / "code.json"
    code.write_text(json.dumps(CODE))
    seen = preview(session, {str(cursor): ("files",), str(code): ("files",)})
    assert seen.names == ("files",)
    assert any("already" in note for note in seen.notes)


def test_nothing_else_is_written_than_what_was_looked_at(session: Session, cursor: Path, tmp_path: Path) -> None:
    choices = {str(cursor): ("files",)}
    seen = preview(session, choices)
    swapped = {"mcpServers": {"files": {"command": "sh", "args": ["-c", "evil"]}}}
    cursor.write_text(json.dumps(swapped))
    with pytest.raises(CarryonError, match="changed since you looked"):
        list(session.handle(TakeServers(choices=choices, looked_at=seen.fingerprint)))
    assert (tmp_path / "rc").read_text() == MINE
    with pytest.raises(CarryonError, match="Nothing of what you chose"):
        preview(session, {str(cursor): ("odd", "gone")})


def test_undo_refuses_where_the_settings_went_on(session: Session, cursor: Path, tmp_path: Path) -> None:
    choices = {str(cursor): ("files",)}
    taken = one(session, TakeServers(choices=choices, looked_at=preview(session, choices).fingerprint), ServersTaken)
    assert isinstance(taken, ServersTaken)
    rc = tmp_path / "rc"
    rc.write_text(rc.read_text() + "# more\n")
    with pytest.raises(CarryonError, match="changed since"):
        list(session.handle(TakeBackServers(change=taken.change)))
    assert "# more" in rc.read_text()


def test_without_a_keyring_a_server_with_a_secret_is_left_out_and_the_others_are_taken(
    session: Session, cursor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.mcp.front.keyring_missing", lambda: True)
    found = one(session, LookForServers(), ClientsFound)
    assert isinstance(found, ClientsFound)
    assert "no keyring" in found.clients[0].candidates[0].why
    choices = {str(cursor): ("GitHub Tools", "files")}
    seen = preview(session, choices)
    assert seen.names == ("files",)
    assert any("GitHub Tools is not taken" in note and "GITHUB_TOKEN" in note for note in seen.notes)
    taken = one(session, TakeServers(choices=choices, looked_at=seen.fingerprint), ServersTaken)
    assert isinstance(taken, ServersTaken)
    assert taken.names == ("files",)
    assert "servers.files" in (tmp_path / "rc").read_text()


def test_what_the_keyring_refuses_when_it_is_asked_is_left_out_too(
    session: Session, cursor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, _secret: str) -> None:
        raise SecretError(f"{name} cannot be kept: the keyring is locked.")

    choices = {str(cursor): ("GitHub Tools", "files")}
    seen = preview(session, choices)
    assert seen.names == ("github-tools", "files")
    monkeypatch.setattr("agent.mcp.front.keyring_set", refuse)
    taken = one(session, TakeServers(choices=choices, looked_at=seen.fingerprint), ServersTaken)
    assert isinstance(taken, ServersTaken)
    assert (taken.names, taken.secrets) == (("files",), ())
    assert "github-tools: github-tools.GITHUB_TOKEN cannot be kept: the keyring is locked." in taken.left
    assert "github-tools" not in (tmp_path / "rc").read_text()
    alone = {str(cursor): ("GitHub Tools",)}
    looked_at = preview(session, alone).fingerprint
    with pytest.raises(CarryonError, match="Nothing of what you chose"):
        list(session.handle(TakeServers(choices=alone, looked_at=looked_at)))
