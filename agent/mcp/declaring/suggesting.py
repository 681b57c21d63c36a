"""What a tool probably is, for the user to look at. Never in force by itself.

Made of where the server runs, the verbs in the tool's name and its hints. A hint may narrow a suggestion and never
widens it: a server may lie. So nothing is suggested that would run without the user being asked.
"""

import re
from dataclasses import dataclass

from agent.mcp.declaring.classes import SEEN_CHARACTERS
from agent.mcp.declaring.declared import is_remote
from agent.mcp.digests import declaration_digest
from agent.mcp.records import Classing, ListedTool, ServerEntry
from agent.mcp.running.keys import with_key
from agent.tools.spec import Connectivity, Idempotency, Touches

READS = frozenset((
    "calculate", "check", "compare", "convert", "count", "current", "describe", "diff", "explain", "fetch",
    "find", "get", "grep", "head", "info", "inspect", "list", "log", "lookup", "ls", "peek", "preview", "query",
    "read", "search", "show", "stat", "status", "summarize", "tail", "tree", "validate", "verify", "view",
    "watch",
))  # fmt: skip
WRITES = frozenset((
    "add", "append", "apply", "archive", "assign", "book", "buy", "cancel", "checkout", "clear", "close",
    "commit", "copy", "create", "delete", "deploy", "disable", "drop", "edit", "enable", "exec", "execute",
    "init", "insert", "install", "invite", "invoke", "kill", "label", "merge", "move", "patch", "pay", "post",
    "publish", "push", "put", "remove", "rename", "reply", "reset", "restore", "revert", "run", "schedule",
    "send", "set", "share", "start", "stop", "submit", "trigger", "uninstall", "update", "upload", "upsert",
    "write",
))  # fmt: skip
NETWORK_WORDS = frozenset((
    "browse", "browser", "download", "email", "fetch", "http", "https", "internet", "mail", "notify", "online",
    "remote", "sms", "tweet", "upload", "url", "urls", "web", "webpage", "website",
))  # fmt: skip
READ_FRESH_S, SEND_FRESH_S = 300, 7 * 86_400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`why`: what it was made of, in words."""

    classing: Classing
    why: str


def suggest(tool: ListedTool, entry: ServerEntry) -> Suggestion:
    writes, seen = _writes(tool)
    online, where = _needs_network(tool, entry)
    if not online:
        connectivity, fresh_s = Connectivity.LOCAL, 0
    elif writes:
        connectivity, fresh_s = Connectivity.DEFERRABLE, SEND_FRESH_S
    else:
        connectivity, fresh_s = Connectivity.ONLINE, READ_FRESH_S
    touches = {Touches.NETWORK} if online else {Touches.FILES}
    if online and not entry.url:
        touches.add(Touches.FILES)  # a program here may do with files what it likes
    classing = Classing(connectivity, fresh_s, _repeat(tool), frozenset(touches), _seen(tool))
    return Suggestion(classing, f"{where} {seen}")


def _seen(tool: ListedTool) -> str:
    return declaration_digest(tool)[:SEEN_CHARACTERS]


def _writes(tool: ListedTool) -> tuple[bool, str]:
    """Whatever does not plainly read is taken to change something."""
    words = _words(tool.name)
    writing = next((word for word in words if word in WRITES), "")
    reading = next((word for word in words if word in READS), "")
    if writing:
        return True, f"Its name says “{writing}”, so it changes something."
    if tool.hints.read_only is False or tool.hints.destructive:
        return True, "The server says that it changes something."
    if reading:
        return False, f"Its name says “{reading}”, so it seems to read only."
    if tool.hints.read_only:
        return False, "The server says that it only reads."
    return True, "Nothing says that it only reads."


def _needs_network(tool: ListedTool, entry: ServerEntry) -> tuple[bool, str]:
    if is_remote(entry):
        return True, "The server runs elsewhere."
    words = {*_words(tool.name), *(part for name in _arguments(tool) for part in _words(name))}
    if found := sorted(words & NETWORK_WORDS):
        return True, f"It speaks of “{found[0]}”, so it seems to need the network."
    if tool.hints.open_world:
        return True, "The server says that it reaches beyond this machine."
    return False, "The server runs on this machine."


def _repeat(tool: ListedTool) -> Idempotency:
    """A key only where there is an argument for one: that a repeat does no harm is a hint, and never enough."""
    return Idempotency.KEY if with_key({}, tool.schema, "key") else Idempotency.NONE


def _arguments(tool: ListedTool) -> tuple[str, ...]:
    described = tool.schema.get("properties", {})
    return tuple(str(name) for name in described) if isinstance(described, dict) else ()


def _words(name: str) -> list[str]:
    """ "readTextFile" and "read_text_file" are read, text, file."""
    return [word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
