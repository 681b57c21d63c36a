"""A server as a child process: its three pipes, each bounded, and its end, with all that it has started."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from agent.mcp.limits import Limits
from agent.mcp.running.framing import BrokeRulesError, Framer, Meter, Ring
from agent.mcp.running.killing import end, family

if TYPE_CHECKING:
    import psutil

BACKLOG_MAX = 64  # lines that wait to be understood; while there are more, nothing is read
CHUNK_OF_COMPLAINTS_S = 0.01  # how long its stderr is left alone after each piece of it: a flood waits, we do not
LOOK_EVERY_S = 0.02
LAST_WORDS_S = 0.2  # for what it wrote before it ended


class Child(asyncio.SubprocessProtocol):
    """`line()` gives what it writes, None at the end; `fault` says then how it broke the rules, if it did."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._framer = Framer(limits.message_bytes_max)
        self._meter = Meter(limits.window_s, limits.window_messages_max, limits.window_bytes_max, clock)
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._transport: asyncio.SubprocessTransport | None = None
        self._may_write = asyncio.Event()
        self._paused = False
        self.exited = asyncio.Event()
        self.complaints = Ring(limits.stderr_kept_bytes)
        self.fault = ""
        self.pid, self.started_at = 0, 0.0
        self._may_write.set()

    @classmethod
    async def start(
        cls, command: Sequence[str], env: Mapping[str, str], folder: Path | None, limits: Limits
    ) -> "Child":
        """Raises OSError or ValueError when it cannot be started."""
        loop = asyncio.get_running_loop()
        begun = time.time()
        _, child = await loop.subprocess_exec(
            lambda: cls(limits), *command, env=dict(env), cwd=folder, close_fds=True, **_apart()
        )
        child.started_at = begun
        return child

    async def line(self) -> bytes | None:
        found = await self._lines.get()
        if self._paused and self._lines.qsize() < BACKLOG_MAX // 2:
            self._paused = False
            self._pipe(1).resume_reading()
        return found

    async def write(self, data: bytes) -> None:
        """Returns when the pipe has room again. Raises BrokenResourceError; TimeoutError when it does not read."""
        pipe = self._transport.get_pipe_transport(0) if self._transport else None
        if not isinstance(pipe, asyncio.WriteTransport) or pipe.is_closing():
            raise anyio.BrokenResourceError
        pipe.write(data)
        with anyio.fail_after(self._limits.write_s):
            await self._may_write.wait()

    async def close(self) -> None:
        """Shielded and bounded: a polite word, a hard one, then the pipes are given up."""
        with anyio.CancelScope(shield=True):
            if not self.exited.is_set() and self._transport and (line := self._transport.get_pipe_transport(0)):
                line.close()
                with anyio.move_on_after(self._limits.grace_s):
                    await self.exited.wait()
            await self._end_family()
            with anyio.move_on_after(self._limits.grace_s):
                await self.exited.wait()
            if self._transport:
                stdin = self._transport.get_pipe_transport(0)
                if isinstance(stdin, asyncio.WriteTransport) and stdin.get_write_buffer_size():
                    stdin.abort()  # what it never read
                self._transport.close()

    async def _end_family(self) -> None:
        """Looking for them takes milliseconds of this server's own thread; no other may be started at the very end."""
        for hard in (False, True):
            members = family(self.pid, self.started_at)
            if not members:
                return
            end(members, self.pid, hard=hard)
            with anyio.move_on_after(self._limits.grace_s):
                while any(member.is_running() and not _is_dead(member) for member in members):
                    await anyio.sleep(LOOK_EVERY_S)

    # What the loop tells of the pipes.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport, self.pid = transport, transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.complaints.add(data)
            self._let_complaints_wait()
        elif not self.fault:
            self._take(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self._lines.put_nowait(None)
        elif fd == 0:
            self._may_write.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def process_exited(self) -> None:
        """Its children may hold its line open; nobody else may speak on it for long."""
        self.exited.set()
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self._lines.put_nowait, None)

    def ending(self) -> str:
        """How it ended, for a sentence that begins with its name."""
        code = self._transport.get_returncode() if self._transport else None
        said = self.complaints.last_line()
        how = "closed its line" if code is None else f"ended with code {code}" if code >= 0 else f"was killed ({-code})"
        return f"{how}: {said}" if said else how

    def _take(self, data: bytes) -> None:
        try:
            for line in self._framer.feed(data):
                self._meter.count(len(line))
                self._lines.put_nowait(line)
        except BrokeRulesError as fault:
            self.break_off(str(fault))
        if self._lines.qsize() > BACKLOG_MAX and not self._paused and not self.fault:
            self._paused = True
            self._pipe(1).pause_reading()

    def break_off(self, fault: str) -> None:
        """Nothing more is read from it."""
        self.fault = self.fault or fault
        if self._transport and (pipe := self._transport.get_pipe_transport(1)):
            pipe.close()
        self._lines.put_nowait(None)

    def _let_complaints_wait(self) -> None:
        pipe = self._pipe(2)
        pipe.pause_reading()
        asyncio.get_running_loop().call_later(CHUNK_OF_COMPLAINTS_S, pipe.resume_reading)

    def _pipe(self, fd: int) -> asyncio.ReadTransport:
        pipe = self._transport.get_pipe_transport(fd) if self._transport else None
        assert isinstance(pipe, asyncio.ReadTransport)
        return pipe


def _apart() -> dict[str, Any]:
    """In a session, or a group, of its own: Ctrl-C meant for us does not hit it, what ends it hits no other."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _is_dead(member: "psutil.Process") -> bool:
    import psutil

    try:
        return bool(member.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True
