"""The fingerprint of what a server says of a tool: name, words, arguments, results, hints. What the user agreed to is
held to it; a declaration with another one is asked about again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from agent.mcp.records import ListedTool


def declaration_digest(tool: ListedTool) -> str:
    """SHA-256 in hexadecimal; the order of keys in a schema does not count."""
    said = [tool.name, tool.title, tool.about, _plain(tool.schema), _plain(tool.output), list(astuple(tool.hints))]
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(schema: Mapping[str, Any] | None) -> Any:
    return None if schema is None else dict(schema)
