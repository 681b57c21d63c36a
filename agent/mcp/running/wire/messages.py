"""A line of a server as a message of the protocol. Halves of characters, which a text that was cut in the middle has,
become replacement signs; an answer that is none otherwise becomes an error, so that its question does not wait for it.
"""

import json
from collections.abc import Mapping
from typing import Any

from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCMessage, jsonrpc_message_adapter
from pydantic import ValidationError

DEPTH_MAX = 100
NO_ANSWER = "answered with what is no message of the protocol"


def understood(line: bytes) -> JSONRPCMessage | None:
    """None for what is no message at all."""
    try:
        return jsonrpc_message_adapter.validate_json(line, by_name=False)
    except (ValidationError, ValueError):
        pass
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _mended(found) if isinstance(found, Mapping) else None


def _mended(found: Mapping[str, Any]) -> JSONRPCMessage | None:
    try:
        return jsonrpc_message_adapter.validate_python(_whole(found, 0), by_name=False)
    except (ValidationError, ValueError):
        number = found.get("id")
    is_answer = "method" not in found and isinstance(number, str | int) and not isinstance(number, bool)
    if not is_answer:
        return None
    return JSONRPCError(jsonrpc="2.0", id=_whole(number, 0), error=ErrorData(code=PARSE_ERROR, message=NO_ANSWER))


def _whole(value: Any, depth: int) -> Any:
    """Without halves of characters. Raises ValueError for what is nested too deep."""
    if depth > DEPTH_MAX:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_whole(name, 0): _whole(one, depth + 1) for name, one in value.items()}
    return [_whole(one, depth + 1) for one in value] if isinstance(value, list) else value
