"""The lists of a server, looked at entry by entry before the protocol's library sees them: one tool, resource or prompt
that is declared wrongly is set aside with why, and the others stay usable. The library alone would refuse them all.
"""

from collections.abc import Callable, Mapping
from typing import Any

import mcp_types as types
from mcp.shared.dispatcher import CallOptions
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import methods
from pydantic import BaseModel, ValidationError

from agent.mcp.limits import NAME_CHARACTERS_MAX, REFUSED_MAX, TOOLS_MAX
from agent.mcp.records import Refused
from agent.mcp.running.wire.words import where_of

LISTS: Mapping[str, tuple[str, str, type[BaseModel]]] = {
    "tools/list": ("tools", "tool", types.ListToolsResult),
    "resources/list": ("resources", "resource", types.ListResourcesResult),
    "resources/templates/list": ("resourceTemplates", "resource", types.ListResourceTemplatesResult),
    "prompts/list": ("prompts", "prompt", types.ListPromptsResult),
}
META = "_meta"
BEFORE_GREETING = "2025-11-25"  # as the library takes it


class Sorting(JSONRPCDispatcher[Any]):
    """`version`: of the protocol, once it is agreed on; `refused`: what was set aside, by the list it stood on."""

    version: Callable[[], str | None] = staticmethod(lambda: None)

    def __init__(self, reading: Any, writing: Any) -> None:
        super().__init__(reading, writing)
        self._refused: dict[str, list[Refused]] = {}

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None, **more: Any
    ) -> dict[str, Any]:
        if method in LISTS and not (params or {}).get("cursor"):
            self._refused[method] = []  # asked anew, from its first page
        raw = await super().send_raw_request(method, params, opts, **more)
        return self._sorted(method, raw) if method in LISTS else raw

    def refused(self) -> tuple[Refused, ...]:
        """Of all lists, as last asked."""
        return tuple(one for found in self._refused.values() for one in found)

    def refuse(self, method: str, one: Refused) -> None:
        kept = self._refused.setdefault(method, [])
        if len(kept) < REFUSED_MAX:
            kept.append(one)

    def _sorted(self, method: str, raw: dict[str, Any]) -> dict[str, Any]:
        key, kind, _ = LISTS[method]
        entries = raw.get(key)
        if not isinstance(entries, list) or len(entries) > TOOLS_MAX or self._wrong(method, raw) is None:
            return raw
        good, frame = [], _frame(method, raw)
        for place, entry in enumerate(entries, 1):
            wrong = self._wrong(method, {**frame, key: [entry]})
            if wrong is None:
                good.append(entry)
            else:
                self.refuse(method, Refused(kind, _name(entry, place), _why(wrong)))
        return {**raw, key: good}

    def _wrong(self, method: str, raw: Mapping[str, Any]) -> ValidationError | None:
        """Why the library would not take such an answer."""
        try:
            methods.validate_server_result(method, self.version() or BEFORE_GREETING, raw)
        except ValidationError as error:
            return error
        except KeyError:
            pass  # this version does not know the list; the type below is what it is held to
        try:
            LISTS[method][2].model_validate(raw, by_name=False)
        except ValidationError as error:
            return error
        return None


def _frame(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What each entry is looked at in: the few fields of the answer itself. `_meta` and what nobody knows may be large,
    and would be gone through anew for every entry.
    """
    key, _, kind = LISTS[method]
    own = {field.alias or name for name, field in kind.model_fields.items()} - {key, META}
    return {name: raw[name] for name in own if name in raw}


def _name(entry: Any, place: int) -> str:
    said = (entry.get("name") or entry.get("uri") or entry.get("uriTemplate")) if isinstance(entry, Mapping) else ""
    plain = "".join(letter for letter in said if letter.isprintable()).strip() if isinstance(said, str) else ""
    return plain[:NAME_CHARACTERS_MAX] or f"number {place} of the list"


def _why(error: ValidationError) -> str:
    first = next(iter(error.errors(include_input=False, include_url=False)), None)
    steps = where_of(error).split(".")[2:]  # the list and the place in it are known
    place = ".".join(steps)
    if not place:
        return "It is declared in a way that the protocol does not know."
    if first and first["type"] == "missing":
        return f"Its declaration lacks “{place}”, which the protocol wants."
    return f"“{place}” in its declaration is not what the protocol wants there."
