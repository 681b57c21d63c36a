"""Servers of other clients become entries of our settings, and no secret is written into the file."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.agentrc.check import check_bytes
from agent.errors import BadRequestError
from agent.mcp.importing.clients import here, places
from agent.mcp.importing.entries import SERVERS_MAX, convert, read_file
from tests.unit.agent.mcp.profiles import profile

TOKEN = "ghp_" + "a1" * 18
CLAUDE = {
    "mcpServers": {
        "GitHub Tools": {
            "command": "npx", "args": ["-y", "@scope/server-github"],
            "env": {"GITHUB_TOKEN": TOKEN, "LOG_LEVEL": "info", "RETRIES": 3, "HOME_TOKEN": "${HOME_TOKEN}"},
        },
        "files": {"command": "npx", "args": ["-y", "@scope/files", "/home/me"], "cwd": "/home/me", "disabled": True},
    }
}  # fmt: skip
CODE = {
    "servers": {
        "remote": {
            "type": "http", "url": "https://tools.example/mcp",
            "headers": {"Authorization": "Bearer ${input:key}", "X-Team": "blue"},
        }
    }
}  # fmt: skip


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    kept: dict[str, str] = {}
    monkeypatch.setattr("agent.mcp.front.keyring_set", kept.__setitem__)
    monkeypatch.setattr("agent.mcp.front.keyring_missing", lambda: False)
    return kept


def test_both_forms_are_taken_and_secrets_become_references(tmp_path: Path, keyring: dict[str, str]) -> None:
    claude, code = tmp_path / "claude.json", tmp_path / "code.json"
    claude.write_text(json.dumps(CLAUDE))
    code.write_text("\ufeff" + json.dumps(CODE), "utf-8")
    with profile(tmp_path, '# mine\ntone = "terse"\n') as made:
        for file in (claude, code):
            found = made.front.importing(file)
            proposal = made.front.proposal(found)
            assert TOKEN not in proposal.diff
            made.front.take(found, proposal)
        written = made.paths.agentrc.read_text()
        servers = made.rc.settings.servers
        history = "".join(str(change) for change in made.rc.desk.history.log())
    assert written.startswith('# mine\ntone = "terse"\n')
    assert TOKEN not in written + history
    assert keyring == {"github-tools.GITHUB_TOKEN": TOKEN}
    assert servers["github-tools"].command == ("npx", "-y", "@scope/server-github")
    assert dict(servers["github-tools"].env) == {
        "GITHUB_TOKEN": "keyring:github-tools.GITHUB_TOKEN", "LOG_LEVEL": "info", "RETRIES": "3",
        "HOME_TOKEN": "env:HOME_TOKEN",
    }  # fmt: skip
    assert (servers["files"].enabled, servers["files"].folder) == (False, "/home/me")
    assert dict(servers["remote"].headers) == {"Authorization": "keyring:remote.Authorization", "X-Team": "blue"}


def test_what_a_client_asked_for_is_named_and_not_made_up() -> None:
    found = convert(CODE["servers"], ())
    assert found.secrets == {}
    assert found.notes == (
        "Authorization of remote was asked for there: store it with `carryon rc secret remote.Authorization`.",
    )


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        ("npx", "no table"),
        ({}, "neither a command nor a url"),
        ({"command": "npx", "args": "x"}, "no list of texts"),
        ({"command": "npx", "args": ["--api-key", "abc"]}, "holds a secret (--api-key)"),
        ({"command": "npx", "args": ["--token=abc"]}, "holds a secret (--token)"),
        ({"command": "npx", "args": [TOKEN]}, "holds a secret"),
        ({"command": "npx", "args": ["${workspaceFolder}"]}, "placeholder"),
        ({"command": "npx", "env": {"ROOT": "${workspaceFolder}/x"}}, "placeholder"),
        ({"command": "npx", "env": {"A": ["b"]}}, "no text"),
        ({"command": "npx", "cwd": "work"}, "whole path"),
        ({"url": "https://x.example/?api_key=abc"}, "holds a secret"),
        ({"url": "https://me:pass@x.example/"}, "holds a secret"),
        ({"url": "ftp://x.example/"}, "no http:// or https://"),
        ({"url": "https://[x/"}, "cannot be read"),
    ],
)
def test_what_cannot_be_taken_says_why_and_leaves_nothing(plain: Any, why: str) -> None:
    found = convert({"bad": plain, "good": {"command": "good"}}, ())
    assert why in found.skipped["bad"]
    assert found.names == ("good",)
    assert not [key for key in found.wanted if "bad" in key]
    assert found.secrets == {}


def test_a_server_that_is_there_is_left_as_it_is() -> None:
    found = convert(
        {"Git": {"command": "a"}, "git!": {"command": "b"}, "note": {"command": "c"}, "1": {"command": "d"}}, {"git"}
    )
    assert set(found.skipped) == {"Git", "git!"}
    assert found.names == ("my-note", "my-1")


def test_everything_taken_is_a_good_file() -> None:
    found = convert({**CLAUDE["mcpServers"], **CODE["servers"]}, ())
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in found.wanted.items())
    assert check_bytes("user", text.encode(), "rc").problems == ()


def test_many_are_bounded() -> None:
    found = convert({f"s{number}": {"command": "x"} for number in range(SERVERS_MAX + 5)}, ())
    assert len(found.names) == SERVERS_MAX
    assert "at most" in found.skipped["5 more"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"mcpServers": []}', "// c\n{}", "\x00"])
def test_a_file_without_servers_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(BadRequestError):
        read_file(file)
    with pytest.raises(BadRequestError, match="cannot be read"):
        read_file(tmp_path / "none.json")


def test_the_places_of_clients_on_each_system(tmp_path: Path) -> None:
    found = {
        platform: {one.client: one.path for one in places(tmp_path, {}, platform)}
        for platform in ("linux", "darwin", "win32")
    }
    assert found["linux"]["Claude Desktop"] == tmp_path / ".config" / "Claude" / "claude_desktop_config.json"
    assert found["darwin"]["VS Code"] == tmp_path / "Library" / "Application Support" / "Code" / "User" / "mcp.json"
    assert found["win32"]["Claude Desktop"].is_relative_to(tmp_path / "AppData" / "Roaming")
    assert here(tmp_path, {}) == ()
    cursor = tmp_path / ".cursor" / "mcp.json"
    cursor.parent.mkdir()
    cursor.write_text("{}")
    assert [one.client for one in here(tmp_path, {})] == ["Cursor"]
