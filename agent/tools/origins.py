"""Whose words come back from a call. What pages, files and other programs say was written by strangers: it is data for
the model, and everything that a chat model wants after it has read such data is treated as if a stranger asked for it.
"""

from collections.abc import Mapping
from typing import Any

from agent.tools.spec import SERVER, Connectivity, ToolSpec, Touches

OWN = "agent.tools."  # where the code of the tools that came with Carryon is


def is_outside(spec: ToolSpec | None) -> bool:
    """What files and pages say. Of a tool that did not come with Carryon nothing is trusted."""
    if spec is None or not spec.module.startswith(OWN):
        return True
    return spec.connectivity is Connectivity.ONLINE or Touches.FILES in (spec.touches or ())


def origin(spec: ToolSpec | None, facts: Mapping[str, Any]) -> str:
    """Where the words of such a call came from, for a card: "the page https://example.org"."""
    if not is_outside(spec):
        return ""
    if spec and spec.is_foreign:  # whatever it says of itself
        return f"the server {spec.module.removeprefix(SERVER)}"
    if host := facts.get("host"):
        return f"the host {host}"
    if url := facts.get("url"):
        return f"the page {url}"
    if path := facts.get("path"):
        return f"the file {path}"
    return f"what {spec.name if spec else 'a tool'} found"


def blamed(spec: ToolSpec | None, args: Mapping[str, Any]) -> str:
    """Whose words may stand in why a call failed: another program and a page say that in their own."""
    tells = spec is None or not spec.module.startswith(OWN) or spec.connectivity is Connectivity.ONLINE
    return origin(spec, args) if tells else ""


def stays_here(spec: ToolSpec) -> bool:
    """Whether a call of it can only change the library, which takes everything back, or read what the user allowed."""
    touches = spec.touches or frozenset()
    if spec.connectivity is not Connectivity.LOCAL or Touches.SETTINGS in touches or Touches.NETWORK in touches:
        return False
    return touches <= {Touches.LIBRARY} or spec.module.startswith(OWN)
