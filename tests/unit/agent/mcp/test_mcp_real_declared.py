"""Real servers from the package index, from their declaration to a call: names, suggestions, typed values."""

import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from agent.tools.results import Deferred, Done
from agent.tools.spec import Connectivity
from tests.unit.agent.mcp.profiles import Profile, profile


def module(name: str, module_name: str, *args: str) -> str:
    words = ", ".join(f'"{word}"' for word in (sys.executable, "-m", module_name, *args))
    return f"[servers.{name}]\ncommand = [{words}]\n"


def text(made: Profile, tool: str, args: dict[str, object]) -> str:
    result = made.registry.call(tool, args, made.context())
    assert isinstance(result, Done)
    return str(result.facts["text"])


def test_git_under_its_own_names_with_lists_and_numbers(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for key, value in (("name", "Me"), ("email", "me@example.org")):
        subprocess.run(["git", "-C", str(repository), "config", f"user.{key}", value], check=True)
    (repository / "a.txt").write_text("one\n", "utf-8")
    with profile(tmp_path, module("git", "mcp_server_git")) as made:
        made.front.refresh("git")
        made.accept("git")
        assert {"git.status", "git.add", "git.commit", "git.log"} <= made.tools("git")
        assert made.front.shown("git").left_out == {}
        at = {"repo_path": str(repository)}
        text(made, "git.add", {**at, "files": "a.txt"})
        assert "committed" in text(made, "git.commit", {**at, "message": "First"}).lower()
        assert "First" in text(made, "git.log", {**at, "max_count": "1"})


def test_a_page_is_asked_of_the_network_at_once_and_a_time_is_not(tmp_path: Path) -> None:
    with profile(tmp_path, module("page", "mcp_server_fetch") + module("world", "mcp_server_time")) as made:
        for name in ("page", "world"):
            made.front.refresh(name)
            made.accept(name)
        assert made.registry.get("page.fetch").connectivity is Connectivity.ONLINE
        assert made.registry.get("world.convert_time").connectivity is Connectivity.LOCAL
        made.say("page", "fetch", class_="deferrable", touches="network")
        result = made.registry.call("page.fetch", {"url": "http://127.0.0.1/", "max_length": "100"}, made.context())
        assert isinstance(result, Deferred)
        assert result.intent.payload["args"] == {"url": "http://127.0.0.1/", "max_length": 100}


@pytest.mark.skipif(which("aiomcp-server-filesystem", path=str(Path(sys.executable).parent)) is None, reason="not here")
def test_files_are_written_letter_by_letter_and_edited_by_a_list_of_groups(tmp_path: Path) -> None:
    program = which("aiomcp-server-filesystem", path=str(Path(sys.executable).parent))
    folder = tmp_path / "work"
    folder.mkdir()
    with profile(tmp_path, f'[servers.files]\ncommand = ["{program}", "{folder}"]\n') as made:
        made.front.refresh("files")
        made.accept("files")
        at = {"path": str(folder / "a.txt")}
        text(made, "files.write_file", {**at, "content": "  one\n\n"})
        assert (folder / "a.txt").read_text("utf-8") == "  one\n\n"
        edits = [{"oldText": "one", "newText": "two"}]
        text(made, "files.edit_file", {**at, "edits": edits, "dryRun": "false"})
        assert "two" in (folder / "a.txt").read_text("utf-8")
