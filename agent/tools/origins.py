"""Whose words come back from a call. What pages, files and other programs say was written by strangers: it is data for
the model, and everything that a chat model wants after it has read such data is treated as if a stranger asked for it.
"""

from collections.abc import Mapping
from typing import Any

from agent.tools.spec import Connectivity, ToolSpec, Touches

OWN = "agent.tools."  # where the code of the tools that came with Carryon is
SERVER = "server:"


def is_outside(spec: ToolSpec | None) -> bool:
    """What files and pages say. Of a tool that did not come with Carryon nothing is trusted."""
    if spec is None or not spec.module.startswith(OWN):
        return True
    return spec.connectivity is Connectivity.ONLINE or Touches.FILES in (spec.touches or ())


def origin(spec: ToolSpec | None, facts: Mapping[str, Any]) -> str:
    """Where the words of such a call came from, for a card: "the page https://example.org"."""
    if not is_outside(spec):
        return ""
    if url := facts.get("url"):
        return f"the page {url}"
    if path := facts.get("path"):
        return f"the file {path}"
    if spec and spec.module.startswith(SERVER):
        return f"the server {spec.module.removeprefix(SERVER)}"
    return f"what {spec.name if spec else 'a tool'} found"


def stays_here(spec: ToolSpec) -> bool:
    """Whether a call of it can only change the library, which takes everything back, or read what the user allowed."""
    touches = spec.touches or frozenset()
    if spec.connectivity is not Connectivity.LOCAL or Touches.SETTINGS in touches or Touches.NETWORK in touches:
        return False
    return touches <= {Touches.LIBRARY} or spec.module.startswith(OWN)
