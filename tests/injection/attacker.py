"""A real server of tools whose every word is an attack: one process for a module, listed and classed once."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.mcp.errors import McpError
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line, connect
from agent.paths import Paths
from agent.tool_servers import FOLDER
from tests.unit.agent.mcp.profiles import Profile, profile

PROGRAM = Path(__file__).parents[1] / "mcp_servers" / "attacker.py"
CLASSES = {
    "look": {"class": "online", "fresh": "10m", "touches": "network"},
    "fail": {"class": "online", "fresh": "10m", "touches": "network"},
    "ask": {"class": "online", "fresh": "10m", "touches": "network"},
    "resources/read": {"class": "online", "fresh": "10m", "touches": "network"},
    "publish": {"class": "deferrable", "fresh": "1d", "touches": "network"},
    "save": {"class": "local", "fresh": "0s", "touches": "files"},
}


@dataclass
class Attacker:
    """`settings`: its table, with the classes that the user gave; `listed`: what a profile keeps of it."""

    line: Line
    did: Path
    settings: str
    listed: Path

    def known_to(self, paths: Paths) -> None:
        shutil.copytree(self.listed, paths.data / FOLDER, dirs_exist_ok=True)

    def effects(self) -> list[str]:
        return self.did.read_text().splitlines() if self.did.exists() else []

    def rewrite(self) -> None:
        """From now on it says something else of its tool."""
        self.line.call("rewrite", {})

    def as_before(self) -> None:
        self.did.unlink(missing_ok=True)
        self.line.call("restore", {})


@contextmanager
def attacking(home: Path) -> Iterator[Attacker]:
    home.mkdir(parents=True)
    did = home / "effects"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/mcp"
    port = url.split(":")[2].split("/", maxsplit=1)[0]
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), port, str(did)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        line = _answering(url)
        with profile(home, f'schema = 1\n[servers.attacker]\nurl = "{url}"\n') as made:
            _classed(made)
            yield Attacker(line, did, made.paths.agentrc.read_text().partition("\n")[2], made.paths.data / FOLDER)
        line.close()
        process.kill()


def _classed(made: Profile) -> None:
    shown = made.front.refresh("attacker")
    said = {tool: made.front.classing(shown, tool, words) for tool, words in CLASSES.items()}
    made.front.accept(made.front.classes("attacker", said))


def _answering(url: str) -> Line:
    """Once it is up."""
    end = time.monotonic() + 60
    while True:
        line = connect(ServerEntry("attacker", url=url))
        try:
            line.list()
        except McpError:
            line.close()
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.1)
        else:
            return line
