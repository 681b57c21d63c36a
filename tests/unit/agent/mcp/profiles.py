"""A profile with servers of tools: real settings, a real registry, real child processes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.agentrc.agentrc import Agentrc
from agent.mcp.front import ServerFront
from agent.paths import Paths
from agent.tool_servers import ToolServers
from agent.tools.context import ToolContext
from agent.tools.registry import Registry

WORKSHOP = Path(__file__).parents[3] / "mcp_servers" / "workshop.py"


def workshop(name: str = "workshop", **env: str) -> str:
    """Its table in the settings."""
    lines = [f"[servers.{name}]", f'command = ["{sys.executable}", "{WORKSHOP}"]', 'timeout = "10s"']
    lines += [f"[servers.{name}.env]", *(f'{key} = "{value}"' for key, value in env.items())] if env else []
    return "\n".join(lines) + "\n"


class Profile:
    def __init__(self, home: Path, *, online: bool = True) -> None:
        self.paths = Paths.of({"CARRYON_HOME": str(home / "profile"), "AGENTRC": str(home / "rc")})
        self.paths.make()
        self.rc = Agentrc(self.paths, environ={})
        self.online = online
        self.servers = ToolServers(self.rc, self.paths, lambda: self.online, lambda: 1_700_000_000.0)
        self.registry = Registry(connect=self.servers.connect)

    def write(self, text: str) -> None:
        self.paths.agentrc.write_text(text)
        self.rc.reload()

    @property
    def front(self) -> ServerFront:
        return self.servers.front

    def accept(self, name: str) -> None:
        """Every suggestion."""
        shown = self.front.shown(name)
        self.front.accept(self.front.classes(name, self.front.waiting(shown)))

    def say(self, name: str, tool: str, **words: str) -> None:
        words = {key.rstrip("_"): value for key, value in words.items()}
        shown = self.front.shown(name)
        self.front.accept(self.front.classes(name, {tool: self.front.classing(shown, tool, words)}))

    def tools(self, name: str) -> set[str]:
        return {spec.name for spec in self.registry.specs() if spec.name.startswith(f"{name}.")}

    def context(self, *, offline: bool = False) -> ToolContext:
        return ToolContext(
            library=None, settings=self.rc.settings, clock=lambda: 1_700_000_000.0, conversation_id=None,  # type: ignore[arg-type]
            turn_id=None, call_id="c", said="", offline=offline, cache=self.paths.cache, begin=lambda: None,
        )  # fmt: skip


@contextmanager
def profile(home: Path, text: str, *, online: bool = True) -> Iterator[Profile]:
    made = Profile(home, online=online)
    made.write(text)
    made.servers.attach(made.registry)
    try:
        yield made
    finally:
        made.servers.close()
