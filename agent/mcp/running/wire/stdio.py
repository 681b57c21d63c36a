"""A server over its standard input and output: the two streams that the protocol's library wants, with bounds."""

import contextlib
from collections.abc import AsyncIterator
from types import TracebackType

import anyio
from anyio.abc import ObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCRequest, JSONRPCResponse

from agent.mcp.errors import ServerMissingError, ServerUnreachableError
from agent.mcp.limits import Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.environment import minimal
from agent.mcp.running.wire.child import Child
from agent.mcp.running.wire.gate import Gate, key_of
from agent.mcp.running.wire.messages import understood
from agent.mcp.running.wire.opened import Opened, Signs

WAITING_MAX = 100  # answers of ours that a server does not fetch


class Writer:
    """Messages to the child, one after the other."""

    def __init__(self, child: Child, gate: Gate, signs: Signs) -> None:
        self._child, self._gate, self._signs = child, gate, signs
        self._turn = anyio.Lock()
        self._waiting = 0

    async def send(self, item: SessionMessage, /) -> None:
        message = item.message
        data = message.model_dump_json(by_alias=True, exclude_unset=True).encode("utf-8", "replace") + b"\n"
        if self._waiting >= WAITING_MAX:
            self._child.break_off("asks and asks, and does not read the answers")
            raise anyio.BrokenResourceError
        self._waiting += 1
        try:
            async with self._turn:
                if isinstance(message, JSONRPCRequest):
                    self._signs.asked(message.id)
                    await self._gate.let_through(key_of(message.params))
                await self._child.write(data)
        except TimeoutError:
            self._child.break_off("does not read what it is sent")
            raise anyio.BrokenResourceError from None
        finally:
            self._waiting -= 1

    async def aclose(self) -> None:
        """The child's end is its owner's business."""

    async def __aenter__(self) -> "Writer":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


@contextlib.asynccontextmanager
async def stdio(
    entry: ServerEntry, env: dict[str, str], limits: Limits, gate: Gate, signs: Signs
) -> AsyncIterator[Opened]:
    """Started on entering, ended with all its children on leaving. Raises ServerUnreachableError."""
    try:
        child = await Child.start(entry.command, minimal(env), entry.folder, limits)
    except (OSError, ValueError) as error:
        kind = ServerMissingError if isinstance(error, FileNotFoundError) else ServerUnreachableError
        raise kind(
            f"The server {entry.name} cannot be started: {getattr(error, 'strerror', None) or error}.",
            " ".join(entry.command)[:200], "Check its command in ~/.agentrc, and whether the program is installed.",
        ) from error  # fmt: skip
    send, receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    opened = Opened(receive, Writer(child, gate, signs), lambda: child.fault or child.ending(), anyio.Event())

    async def read() -> None:
        await _read(child, send, limits, signs)
        with anyio.move_on_after(0 if child.fault else limits.grace_s):
            await child.exited.wait()  # its code tells more than the end of its line
        opened.lost.set()

    try:
        async with anyio.create_task_group() as tasks, send, receive:
            tasks.start_soon(read)
            yield opened
            tasks.cancel_scope.cancel()
    finally:
        await child.close()


async def _read(child: Child, send: ObjectSendStream[SessionMessage | Exception], limits: Limits, signs: Signs) -> None:
    """Until it ends or breaks the rules. A log among the messages is suffered for a while."""
    garbage = 0
    async with send:
        while (line := await child.line()) is not None:
            text = line.strip()
            if not text:
                continue
            message = understood(text)
            if message is None:
                garbage += 1
                if garbage > limits.garbage_lines_max:
                    shown = text[:60].decode("utf-8", "replace")
                    child.break_off(f"writes what is no message ({shown!r})")
                continue
            if isinstance(message, JSONRPCResponse | JSONRPCError):
                signs.answered(message.id)
            else:
                signs.seen()
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await send.send(SessionMessage(message))
