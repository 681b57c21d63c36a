"""Servers of tools in the settings: what is right, what is wrong and how it is said, and who may declare one."""

from pathlib import Path

import pytest

from agent.agentrc.check import check_bytes
from agent.agentrc.durations import seconds, written
from agent.agentrc.rc import rows
from agent.agentrc.servers import RESERVED
from agent.tools.shipped import SHIPPED
from tests.unit.agent.agentrc.conftest import MakeRc

GIT = """[servers.git]
command = ["uvx", "mcp-server-git"]
env = { GIT_AUTHOR_NAME = "Dana", GIT_TOKEN = "keyring:git" }
folder = "~/work"
roots = ["~/work"]
timeout = "2m"

[servers.git.tools]
git_commit = { class = "local", fresh = "0s", repeat = "none", touches = ["files"], seen = "0123456789abcdef" }
"notes/read" = { class = "online", fresh = "5m", repeat = "query", touches = ["network"], seen = "0123456789abcdef" }
"""


CLASSED = '[servers.git.tools]\na = {{ class = "{}", fresh = "0s", repeat = "none", touches = {}, seen = "01234567" }}'


def test_a_server_is_read_whole(make_rc: MakeRc, user_home: Path) -> None:
    (user_home / ".agentrc").write_text(GIT)
    rc = make_rc()
    (server,) = rc.load().servers.values()
    assert rc.problems == ()
    assert (server.name, server.command, server.url) == ("git", ("uvx", "mcp-server-git"), "")
    assert (server.timeout_s, server.enabled, server.roots) == (120, True, ("~/work",))
    assert server.env["GIT_TOKEN"] == "keyring:git"
    assert (server.tools["notes/read"].connectivity, server.tools["notes/read"].fresh_for_s) == ("online", 300)
    assert rc.stack.explain("servers.git.command").origin.line == 2
    assert "servers.git.tools.git_commit" in rc.stack.named()


def test_its_tools_are_no_rows_of_the_form(make_rc: MakeRc, user_home: Path) -> None:
    (user_home / ".agentrc").write_text(GIT)
    rc = make_rc()
    rc.load()
    assert not [row.key for row in rows(rc.stack) if row.key.startswith("servers")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[servers.git]\ncommand = "uvx git"', 2, 'must be a list such as ["program", "argument"]'),
        ("[servers.git]\ncommand = []", 2, "this one is empty"),
        ('[servers.git]\nurl = "http://git.example/mcp"', 2, "for a server on this machine alone"),
        ('[servers.git]\nurl = "https://u:abc@git.example/mcp"', 2, "under [servers.git.headers] write"),
        ('[servers.git]\ncommand = [" "]', 2, "must begin with the program"),
        ("[servers.git]\nenabled = true", 2, 'needs command = ["program", "argument"] or url'),
        ('[servers.git]\ncommand = ["x"]\nurl = "https://x.example"', 3, "a command and a url"),
        ('[servers.git]\nurl = "https://x.example"\nenv = { A = "b" }', 3, "env does nothing"),
        ('[servers.git]\ncommand = ["x"]\nheaders = { A = "b" }', 3, "headers do nothing"),
        ('[servers.git]\ncommand = ["x"]\nclient_id = "a"', 3, "client_id does nothing"),
        ('[servers.git]\nurl = "keyring:git"', 2, "the address itself stands here"),
        ('[servers.git]\ncommand = ["x"]\n[servers.git.env]\nAPI_TOKEN = "abc"', 4, "looks like a secret"),
        ('[servers.git]\nurl = "https://x.example"\nheaders = { Authorization = "abc" }', 3, "`carryon rc secret git`"),
        ('[servers.git]\ncommand = ["x", "ghp_abcdefghijklmnopqrstuv"]', 2, "a GitHub token"),
        ('[servers.git]\ncommand = ["x", "ghp_abcdefghijklmnopqrstuv"]', 2, "under [servers.git.env] write"),
        ('[servers.git]\ncommand = ["x"]\ntimeout = "soon"', 3, 'a length of time such as "30s"'),
        ('[servers.git]\ncommand = ["x"]\ntimeout = "0s"', 3, "a length of time"),
        ('[servers.git]\ncommand = ["x"]\nfolder = "work"', 3, "must be a whole path"),
        ('[servers.git]\ncommand = ["x"]\ntoken = "abc"', 3, "under [servers.git.env]"),
        ('[servers.note]\ncommand = ["x"]', 2, "what Carryon's own tools are called"),
        ('[servers."My Git"]\ncommand = ["x"]', 2, "a server's name is small letters"),
        ('[mcpServers.git]\ncommand = ["x"]', 1, "servers"),
        ('[servers.git.tools]\na = "local"', 2, "must be a table such as"),
        ('[servers.git.tools]\na = { class = "local" }', 2, "lacks 'fresh'"),
        ('[servers.git.tools]\na = { clas = "local" }', 2, "has no part 'clas'"),
        (
            CLASSED.format("near", "[]"), 2, "local (works without a network)",
        ),
        (
            CLASSED.format("local", '["library"]'), 2, 'a list of "files" and "network"',
        ),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_place(text: str, line: int, words: str) -> None:
    problems = check_bytes("user", text.encode(), "rc").problems
    assert any(words in problem.text and problem.line == line for problem in problems), problems
    assert "abc" not in " ".join(problem.text for problem in problems), "a secret is never repeated"


def test_an_untrusted_project_adds_no_server(make_rc: MakeRc, user_home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / ".agentrc").write_text(GIT)
    rc = make_rc(folder=project)
    assert dict(rc.load().servers) == {}
    assert "servers in it do not count" in rc.problems[0].text
    assert rc.project is not None
    rc.trust.trust(rc.project)
    rc.reload()
    assert set(rc.settings.servers) == {"git"}


def test_a_trusted_project_takes_none_of_what_was_said_of_another_server(
    make_rc: MakeRc, user_home: Path, tmp_path: Path
) -> None:
    """Else it could put its own program behind tools that the user allowed."""
    (user_home / ".agentrc").write_text(GIT)
    project = tmp_path / "project"
    project.mkdir()
    (project / ".agentrc").write_text('[servers.git]\ncommand = ["other"]\n')
    rc = make_rc(folder=project)
    rc.load()
    assert rc.project is not None
    rc.trust.trust(rc.project)
    rc.reload()
    server = rc.settings.servers["git"]
    assert (server.command, dict(server.tools), dict(server.env)) == (("other",), {}, {})


def test_a_class_is_written_on_one_line_and_replaced_in_its_place(make_rc: MakeRc, user_home: Path) -> None:
    (user_home / ".agentrc").write_text('# mine\n[servers.git]\ncommand = ["x"]  # here\n')
    rc = make_rc()
    said = {"class": "local", "fresh": "0s", "repeat": "none", "touches": ["files"], "seen": "0123456789abcdef"}
    rc.change({"servers.git.tools.git_commit": said})
    rc.change({"servers.git.tools.git_commit": {**said, "touches": []}})
    lines = (user_home / ".agentrc").read_text().splitlines()
    assert lines[:3] == ["# mine", "[servers.git]", 'command = ["x"]  # here']
    (line,) = [line for line in lines if line.startswith("git_commit")]
    assert "touches = []" in line
    assert rc.settings.servers["git"].tools["git_commit"].touches == ()


def test_a_command_is_typed_as_in_a_shell(make_rc: MakeRc) -> None:
    rc = make_rc(sets=("servers.git.command=uvx 'mcp server' --at x",))
    assert rc.load().servers["git"].command == ("uvx", "mcp server", "--at", "x")


def test_no_server_is_called_like_carryons_own_tools() -> None:
    assert {spec.name.partition(".")[0] for spec in SHIPPED} <= set(RESERVED)


@pytest.mark.parametrize(
    ("text", "found"), [("0s", 0), ("90s", 90), ("2 h", 7200), ("7d", 604_800), ("500d", None), ("5", None)]
)
def test_lengths_of_time(text: str, found: int | None) -> None:
    assert seconds(text) == found
    if found is not None:
        assert seconds(written(found)) == found
