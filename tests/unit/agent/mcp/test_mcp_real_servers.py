"""Real servers from the package index, of three makes, and one by the protocol's own library over both ways."""

import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from agent.mcp.errors import ServerUnreachableError
from agent.mcp.handlers import Handlers
from agent.mcp.limits import Limits
from agent.mcp.outcomes import Step
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from tests.unit.agent.mcp.conftest import Open

KIND = Path(__file__).parents[3] / "mcp_servers" / "kind.py"
PATIENT = Limits(start_s=60)


def module(name: str, *args: str, folder: Path | None = None, roots: tuple[Path, ...] = ()) -> ServerEntry:
    return ServerEntry(name, (sys.executable, "-m", name, *args), folder=folder, roots=roots)


def tool_names(line: Line) -> set[str]:
    return {tool.name for tool in line.list().tools}


def test_time(lines: Open) -> None:
    line = lines(module("mcp_server_time", "--local-timezone", "Europe/Berlin"), limits=PATIENT)
    listed = line.list().tools[0]
    assert (listed.name, listed.hints.read_only, listed.hints.open_world) == ("get_current_time", True, False)
    args = {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}
    found = line.call("convert_time", args)
    assert found.structured["target"]["datetime"].endswith("21:00:00+09:00")
    assert line.call("get_current_time", {"timezone": "No/Where"}).failed


def test_git(lines: Open, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    run = partial(subprocess.run, check=True)
    run(["git", "init", "-q", str(repository)])
    for key, value in (("name", "Me"), ("email", "me@example.org")):
        run(["git", "-C", str(repository), "config", f"user.{key}", value])
    (repository / "a.txt").write_text("one\n", encoding="utf-8")
    line = lines(module("mcp_server_git", "--repository", str(repository)), limits=PATIENT)
    at = {"repo_path": str(repository)}
    assert "a.txt" in line.call("git_status", at).text
    assert not line.call("git_add", {**at, "files": ["a.txt"]}).failed
    assert "committed" in line.call("git_commit", {**at, "message": "First"}).text.lower()
    assert "First" in line.call("git_log", at).text
    assert line.call("git_status", {"repo_path": str(tmp_path)}).failed, "only the folder that it was given"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    words = "<html><body><article><h1>Hello</h1><p>The contract is signed.</p></article></body></html>"
    (folder / "page.html").write_text(words, encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/page.html"
        server.shutdown()


def test_fetch(lines: Open, page: str) -> None:
    line = lines(module("mcp_server_fetch", "--ignore-robots-txt", "--allow-private-ips"), limits=PATIENT)
    assert [prompt.name for prompt in line.list().prompts] == ["fetch"]
    assert "The contract is signed." in line.call("fetch", {"url": page, "raw": True}).text
    assert line.call("fetch", {"url": page.replace("page", "none")}).failed


def test_sqlite_and_a_folder_of_its_own(lines: Open, tmp_path: Path) -> None:
    line = lines(module("devmcp.cli", "--repo-path", str(tmp_path / "repository"), roots=(tmp_path / "repository",)))
    assert {"sqlite_create_table", "sqlite_insert_row", "write_file"} <= tool_names(line)
    database = tmp_path / "repository" / "data.db"
    at = {"db_path": database.name, "table": "towns"}
    made = line.call("sqlite_create_table", {**at, "columns": {"city": "TEXT", "people": "INTEGER"}})
    assert not made.failed, made.text
    row = {"city": "Bremen", "people": 577_000}
    added = line.call("sqlite_insert_row", {**at, "values": row})
    assert (added.failed, added.fault, added.structured["values"]) == (False, "", row)
    assert "no such table" in line.call("sqlite_insert_row", {**at, "table": "none", "values": row}).text
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT city, people FROM towns").fetchall() == [("Bremen", 577_000)]


def check_files(line: Line, folder: Path) -> None:
    assert {"read_text_file", "write_file", "list_directory"} <= tool_names(line)
    assert not line.call("write_file", {"path": str(folder / "note.txt"), "content": "signed"}).failed
    assert (folder / "note.txt").read_text(encoding="utf-8") == "signed"
    assert "signed" in line.call("read_text_file", {"path": str(folder / "note.txt")}).text
    assert "note.txt" in line.call("list_directory", {"path": str(folder)}).text
    assert line.call("read_text_file", {"path": "/etc/hostname"}).failed, "only the folder that it was given"


def test_files(lines: Open, tmp_path: Path) -> None:
    check_files(lines(module("aiomcp_server_filesystem", str(tmp_path))), tmp_path)


def test_files_by_the_usual_node_server(lines: Open, tmp_path: Path) -> None:
    node, npm = which("node"), which("npm")
    if not node or not npm:
        pytest.skip("node is not installed; the same is tested with a server in Python")
    home = Path(subprocess.run([npm, "root", "-g"], check=True, capture_output=True, text=True).stdout.strip())
    script = home / "@modelcontextprotocol" / "server-filesystem" / "dist" / "index.js"
    if not script.is_file():
        pytest.skip("`npm install -g @modelcontextprotocol/server-filesystem` was not run")
    check_files(lines(ServerEntry("files", (node, str(script), str(tmp_path)))), tmp_path)


@pytest.fixture
def kind(request: pytest.FixtureRequest, lines: Open) -> Iterator[Line]:
    handlers = Handlers(ask=lambda _question: {"colour": "green"})
    if request.param == "stdio":
        yield lines(ServerEntry("kind", (sys.executable, str(KIND), "stdio")), handlers, PATIENT)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, str(KIND), "http", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        yield answering(lines, ServerEntry("kind", url=f"http://127.0.0.1:{port}/mcp"), handlers)
        process.kill()


def answering(lines: Open, entry: ServerEntry, handlers: Handlers) -> Line:
    """Once it is up."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        line = lines(entry, handlers, PATIENT)
        try:
            line.list()
        except ServerUnreachableError:
            time.sleep(0.1)
        else:
            return line
    raise AssertionError("the server did not come up")


@pytest.mark.parametrize("kind", ["stdio", "http"], indirect=True)
def test_the_librarys_own_server(kind: Line) -> None:
    found = kind.list()
    assert ([one.name for one in found.tools], found.version) == (["add", "count", "paint"], "kind 3")
    assert kind.call("add", {"one": 2, "other": 3}).structured == {"total": 5}
    steps: list[Step] = []
    assert kind.call("count", {"up_to": 3}, progress=steps.append).text == "counted to 3"
    assert steps[0] == Step(1 / 3, "at 1")
    assert kind.call("paint", {}).text == "painted green"
    assert kind.read("note://kind").text == "be kind"
    assert kind.prompt("thank", {"whom": "Dana"})[0].outcome.text == "Thank Dana"
