"""Questions over an open session: what a server has, a call, a resource, a prompt. Raise McpError."""

import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import anyio
import mcp_types as types
from mcp.client.session import ClientRequestContext, ClientSession
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

from agent.mcp.digests import declaration_digest
from agent.mcp.errors import ToolChangedError
from agent.mcp.limits import PASSAGES_MAX, PROGRESS_EVERY_S, ROUNDS_MAX
from agent.mcp.outcomes import Arguments, CallOutcome, Passage, Step
from agent.mcp.records import ListedTool, Listing
from agent.mcp.running.framing import BrokeRulesError
from agent.mcp.running.keys import with_key
from agent.mcp.running.wire import listing, results
from agent.mcp.running.wire.answering import Answering
from agent.mcp.running.wire.gate import KEY_META, Gate
from agent.mcp.running.wire.sorting import Sorting

CALLED: TypeAdapter[Any] = TypeAdapter(types.CallToolResult | types.InputRequiredResult)


@dataclass(frozen=True, slots=True)
class Call:
    """`key`: the same for every repeat; `digest`: of the declaration that was looked at, "" to take it as it is;
    `offer`: asked just before it leaves; `step`: told how far it is."""

    tool: str
    args: Arguments
    key: str
    digest: str = ""
    offer: Callable[[], "Future[bool]"] | None = None
    step: Callable[[Step], None] | None = None


class Talk:
    """What the library raises here is given its meaning by the session."""

    def __init__(self, name: str, session: ClientSession, sorting: Sorting, gate: Gate, answering: Answering) -> None:
        self._name, self._session, self._sorting = name, session, sorting
        self._gate, self._answering = gate, answering
        self._known: dict[str, ListedTool] = {}

    async def check(self, call: Call) -> None:
        """The tool as it is declared now. Raises ToolChangedError, before anything was asked."""
        if not call.digest and not self._answering.stale:
            return
        await self._tools()
        tool = self._known.get(call.tool)
        now = declaration_digest(tool) if tool else ""
        if tool is None or (call.digest and now != call.digest):
            what = "is gone" if tool is None else "has changed since you looked at it"
            raise ToolChangedError(
                f"The tool {call.tool} of {self._name} {what}; it was not used.", self._name,
                "Look at what it says of itself now, and say again what it may do.", now=now,
            )  # fmt: skip

    async def call(self, call: Call) -> CallOutcome:
        tool = self._known.get(call.tool)
        if call.offer:
            self._gate.expect(call.key, call.offer)
        self._answering.new_call()
        args = with_key(call.args, tool.schema if tool else {}, call.key)
        progress = _Progress(call.step)

        async def ask(**more: Any) -> Any:
            meta: Any = {KEY_META: call.key}
            params = types.CallToolRequestParams(name=call.tool, arguments=args, _meta=meta, **more)
            request = types.CallToolRequest(params=params)
            return await self._session.send_request(request, CALLED, progress_callback=progress)

        return results.of_call(await self._rounds(ask), tool.output if tool else None)

    async def list(self) -> Listing:
        session = self._session
        found, nameless = await self._tools()
        tools = tuple(tool for tool in found if listing.can_be_used(tool, self._sorting))
        about = session.server_info
        return Listing(
            server=self._name, version=(f"{about.name} {about.version}" if about else "")[:200],
            at_ms=int(time.time() * 1_000), tools=tools,
            resources=await listing.resources(session), prompts=await listing.prompts(session),
            instructions=(session.instructions or "")[:4_000], nameless=nameless,
            refused=self._sorting.refused(),
        )  # fmt: skip

    async def read(self, uri: str) -> CallOutcome:
        async def ask(**more: Any) -> Any:
            return await self._session.read_resource(uri, allow_input_required=True, **more)

        return results.of_contents((await self._rounds(ask)).contents)

    async def prompt(self, name: str, args: dict[str, str]) -> tuple[Passage, ...]:
        async def ask(**more: Any) -> Any:
            return await self._session.get_prompt(name, args, allow_input_required=True, **more)

        messages = (await self._rounds(ask)).messages[:PASSAGES_MAX]
        return tuple(Passage(one.role, results.of_block(one.content)) for one in messages)

    async def ping(self) -> None:
        await self._session.send_ping()

    async def _tools(self) -> tuple[tuple[ListedTool, ...], int]:
        self._answering.stale = False
        found, nameless = await listing.tools(self._session, self._sorting)
        self._known = {tool.name: tool for tool in found}
        return found, nameless

    async def _rounds(self, ask: Callable[..., Awaitable[Any]]) -> Any:
        """Until it is answered: by the newest protocol a server may ask back instead, a few times."""
        more: dict[str, Any] = {}
        for _ in range(ROUNDS_MAX):
            result = await ask(**more)
            if not isinstance(result, types.InputRequiredResult):
                return result
            more = {"input_responses": await self._answers(result), "request_state": result.request_state}
        raise BrokeRulesError(f"asked back more than {ROUNDS_MAX} times")

    async def _answers(self, result: types.InputRequiredResult) -> dict[str, Any]:
        context = ClientRequestContext(session=self._session, request_id=0)
        answers: dict[str, Any] = {}
        for name, request in list((result.input_requests or {}).items())[:ROUNDS_MAX]:
            answer = await self._session.dispatch_input_request(context, request)
            if isinstance(answer, types.ErrorData):
                raise MCPError.from_error_data(answer)
            answers[name] = answer
        return answers


class _Progress:
    """Tells of it now and then, not each time."""

    def __init__(self, step: Callable[[Step], None] | None) -> None:
        self._step = step
        self._told = 0.0

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        now = anyio.current_time()
        if self._step and now - self._told >= PROGRESS_EVERY_S:
            self._told = now
            fraction = min(1.0, max(0.0, progress / total)) if total and total > 0 else None
            self._step(Step(fraction, (message or "")[:200]))
