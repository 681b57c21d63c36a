"""A server at an address (streamable HTTP): the protocol library's own transport over a connection that is guarded."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

import anyio
import httpx2
from mcp.client.streamable_http import streamable_http_client

from agent.mcp.limits import Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.addresses import checked
from agent.mcp.running.wire.bearer import Bearer
from agent.mcp.running.wire.gate import Gate
from agent.mcp.running.wire.guard import Guard
from agent.mcp.running.wire.opened import Opened, Signs
from agent.mcp.signing.records import may_sign_in
from agent.mcp.signing.sign_ins import SignIns

GOODBYE_S = 2.0


@contextlib.asynccontextmanager
async def http(
    entry: ServerEntry, headers: Mapping[str, str], allows: Callable[[], bool], limits: Limits, gate: Gate,
    signs: Signs, sign_ins: SignIns | None = None,
) -> AsyncIterator[Opened]:  # fmt: skip
    """Raises AddressRefusedError, OfflineError."""
    guard = Guard(entry, checked(entry), allows, limits, gate, signs)
    bearer = Bearer(entry, sign_ins, allows) if sign_ins and may_sign_in(entry) else None
    lost = anyio.Event()
    async with httpx2.AsyncClient(
        transport=guard, headers={"User-Agent": "Carryon", **headers}, follow_redirects=False, trust_env=False,
        auth=bearer,
    ) as client:  # fmt: skip
        streams = streamable_http_client(entry.url, http_client=client, max_sse_event_size=limits.message_bytes_max)
        async with streams as (reading, writing):
            try:
                yield Opened(
                    reading, writing, lambda: guard.why or "closed the connection", lost, lambda: guard.failure
                )
            finally:
                guard.leaving(GOODBYE_S)
