"""Installs once what a command such as `uvx PACKAGE` would fetch at each start, into the data folder. The new one takes
the place of the old one when it is whole; fails it, the old one stays.
"""

import shutil
import time
from collections.abc import Callable

from agent.agentrc.servers import Server
from agent.mcp.errors import OfflineError
from agent.mcp.fetching.installed import Installed, Resolution
from agent.mcp.fetching.installers import fetch_node, fetch_python
from agent.mcp.fetching.runners import wanted


def install(
    server: Server, installed: Installed, *, allows: Callable[[], bool], clock: Callable[[], float] = time.time
) -> Resolution | None:
    """None: its command names a program that is there already. Raises McpError; then the one before stays."""
    asked = wanted(server.command)
    if asked is None:
        return None
    if not allows():
        raise _needs_network(server)
    home = installed.folder(server.name)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = sorted(path for path in home.iterdir() if path.is_dir())
    folder = home / f"{int(clock() * 1000)}"
    try:
        fetch = fetch_python if asked.kind == "python" else fetch_node
        made = fetch(asked, folder)
        found = Resolution(
            server.command, (str(made.program), *asked.rest), made.package, made.version, made.digest,
            int(clock() * 1000), folder.name,
        )  # fmt: skip
        installed.keep(server.name, found)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for old in before:
        shutil.rmtree(old, ignore_errors=True)  # one that still runs on Windows goes the next time
    return found


def _needs_network(server: Server) -> OfflineError:
    return OfflineError(
        f"The server {server.name} has to be fetched once, and the network is denied.", " ".join(server.command),
        f"While online: carryon servers update {server.name}",
    )  # fmt: skip
