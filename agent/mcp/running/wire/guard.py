"""The connection below HTTP: where requests may go, how long and how large answers may be, and what a failure means.

What goes wrong here is noted for the call that it belongs to and told to the protocol's library as an answer, so that
one failed request does not take the others down.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx2
import mcp_types as types

from agent.mcp.errors import (
    CallRefusedError,
    McpError,
    OfflineError,
    PutOffError,
    ServerFailedError,
    ServerUnreachableError,
    SessionGoneError,
)
from agent.mcp.limits import Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.wire.gate import Gate, NotOfferedError, key_of
from agent.mcp.running.wire.marks import REFUSED
from agent.mcp.running.wire.opened import Signs
from agent.mcp.running.wire.proxies import proxy_for
from agent.mcp.running.wire.telling import Telling
from sync.transports.http import DOUBTFUL, LATER
from sync.transports.retry_after import retry_after_s

SESSION_HEADER = "mcp-session-id"
LISTENINGS_A_MINUTE_MAX = 3  # streams for what a server says unasked; one that ends at once is not opened for ever
NO_LISTENING, GONE = 405, 404
NO_RIGHT_CODE, NO_RIGHT = "insufficient_scope", "Who you are signed in as has no right to this there."
CHECK = "Check its secret in ~/.agentrc."
ANSWERS = ("application/json", "text/event-stream")


class CutOffError(httpx2.StreamError):
    """The answer broke a bound."""


class Guard(httpx2.AsyncBaseTransport):
    """`why`: what went wrong last, for a sentence that begins with the server's name."""

    def __init__(
        self, entry: ServerEntry, near: bool, allows: Callable[[], bool], limits: Limits, gate: Gate, signs: Signs
    ) -> None:
        self._entry, self._near, self._allows, self._limits = entry, near, allows, limits
        self._gate, self._signs = gate, signs
        self._url = httpx2.URL(entry.url)
        self._inner = httpx2.AsyncHTTPTransport(proxy=None if near else proxy_for(entry.url), retries=0)
        self._listened: list[float] = []
        self._goodbye_s: float | None = None
        self.why = ""
        self.failure: McpError | None = None

    def leaving(self, seconds: float) -> None:
        """What is still sent is only a goodbye."""
        self._goodbye_s = seconds

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET" and not self._may_listen():
            return httpx2.Response(NO_LISTENING, request=request)
        message = _message(request)
        key = key_of(message.get("params"))
        self._gate.failures.pop(key, None)  # of a first try, that a sign-in mended
        try:
            return await self._sent(request, message, key)
        except NotOfferedError:
            return self._told(request, message, key, None, "withdrawn")
        except McpError as failure:
            return self._told(request, message, key, failure, failure.what)
        except httpx2.HTTPError as error:
            self.why = f"could not be reached: {_plain(error)}"
            return self._told(request, message, key, self._broken(error), self.why)

    async def _sent(self, request: httpx2.Request, message: dict[str, Any], key: str) -> httpx2.Response:
        self._check(request.url)
        if isinstance(refused := request.extensions.get(REFUSED), McpError):
            raise refused
        if "id" in message and "method" in message:
            self._signs.asked(message["id"])
        told = self._telling(key) if "id" in message and "method" in message else None
        request.extensions = {
            **request.extensions, "timeout": self._time(request.method), "trace": self._tracer(key, told),
        }  # fmt: skip
        response = await self._inner.handle_async_request(request)
        if response.status_code >= 400:
            self._judge(request, response, key)
        number = message.get("id") if "method" in message else None
        self._doubt(response, key, asked=number is not None)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        return httpx2.Response(
            response.status_code, headers=response.headers, request=request, extensions=response.extensions,
            stream=_Bounded(response.stream, self._limits, self._signs, number, partial(self._fail, key), told),
        )  # fmt: skip

    def _check(self, url: httpx2.URL) -> None:
        """To the place that the user named, and only while the network may be used."""
        if (url.scheme, url.host, url.port) != (self._url.scheme, self._url.host, self._url.port):
            raise CallRefusedError(
                f"The server {self._entry.name} wants to send us on to {url.host}.", self._entry.name,
                "Put the new address into ~/.agentrc if it is right.",
            )  # fmt: skip
        if not self._near and not self._allows():
            raise OfflineError(
                f"The server {self._entry.name} was not asked: the network is off.", self._entry.name,
                "It is asked when you are online again.",
            )  # fmt: skip

    def _judge(self, request: httpx2.Request, response: httpx2.Response, key: str) -> None:
        """What the status means for the call; the library goes on to read the body, which may say more."""
        status, name = response.status_code, self._entry.name
        said = f"The server {name} answered {status}."
        self.why = f"answered {status}"
        if status == GONE and SESSION_HEADER in request.headers:
            self._note(key, SessionGoneError(f"The server {name} has forgotten our session.", name))
        elif status in LATER:
            wait = retry_after_s(response.headers.get("Retry-After"), time.time())
            self._note(key, PutOffError(said, name, "It is tried again.", after_s=wait))
        elif status in DOUBTFUL:
            self._note(key, ServerFailedError(f"{said} It may have been done all the same.", name, "Look there."))
        elif status in (401, 403):
            todo = NO_RIGHT if NO_RIGHT_CODE in response.headers.get("www-authenticate", "") else CHECK
            self._note(key, CallRefusedError(said, name, todo))

    def _doubt(self, response: httpx2.Response, key: str, *, asked: bool) -> None:
        """A good status without an answer to the question: somebody took it, and nobody says what came of it."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if asked and response.status_code // 100 == 2 and kind not in ANSWERS:
            self._fail(key, f"answered with {kind or 'nothing'}")

    def _fail(self, key: str, how: str) -> None:
        self._note(key, ServerFailedError(f"The server {self._entry.name} {how}.", self._entry.name, "Look there."))

    def _note(self, key: str, failure: McpError) -> None:
        self.failure = failure
        self._gate.note(key, failure)

    def _tracer(self, key: str, told: Telling | None) -> Callable[[str, Any], Any]:
        async def trace(event: str, info: Any) -> None:
            if event.endswith("send_request_headers.started"):
                await self._gate.let_through(key)
            if told:
                await told.note(event, info)

        return trace

    def _telling(self, key: str) -> Telling:
        host = self._url.netloc.decode("ascii", "replace").rpartition("@")[2]
        return Telling(self._signs.tell, key, host, self._limits.connect_s, self._entry.timeout_s)

    def _time(self, method: str) -> dict[str, float | None]:
        limits = self._limits
        silent = self._goodbye_s or (None if method == "GET" else self._entry.timeout_s)
        return {
            "connect": self._goodbye_s or limits.connect_s, "read": silent, "write": limits.write_s,
            "pool": limits.connect_s,
        }  # fmt: skip

    def _may_listen(self) -> bool:
        now = time.monotonic()
        self._listened = [at for at in self._listened if now - at < 60]
        self._listened.append(now)
        return len(self._listened) <= LISTENINGS_A_MINUTE_MAX

    def _told(
        self, request: httpx2.Request, message: dict[str, Any], key: str, failure: McpError | None, words: str
    ) -> httpx2.Response:
        """As an answer in the protocol, for what asked; as a bare status for what did not."""
        if failure:
            self._note(key, failure)
        if "id" not in message or "method" not in message:
            return httpx2.Response(NO_LISTENING, request=request)
        found = self._gate.tell(failure) if failure else None
        error = {"code": types.CONNECTION_CLOSED, "message": words, "data": found}
        return httpx2.Response(200, json={"jsonrpc": "2.0", "id": message["id"], "error": error}, request=request)

    def _broken(self, error: httpx2.HTTPError) -> McpError:
        """Whether it was sent is known by the one who was asked for the offer."""
        name, why = self._entry.name, _plain(error)
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.ProxyError):
            return ServerUnreachableError(
                f"The server {name} could not be reached: {why}.", self._url.host, "Nothing was asked of it."
            )
        return ServerFailedError(
            f"The connection to {name} broke before its answer came: {why}.", self._url.host, "Look there."
        )


class _Bounded(httpx2.AsyncByteStream):
    """An answer to the request of that number, up to a bound; where nothing was asked, the bound is a rate."""

    def __init__(
        self, stream: httpx2.AsyncByteStream, limits: Limits, signs: Signs, number: Any, fail: Callable[[str], None],
        told: Telling | None = None,
    ) -> None:  # fmt: skip
        self._stream, self._limits, self._signs, self._number, self._fail = stream, limits, signs, number, fail
        self._told = told
        self._size, self._since = 0, time.monotonic()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """What breaks off is told to the library in a way that ends this answer and no other."""
        try:
            async for chunk in self._stream:
                self._count(len(chunk))
                if b"data:" in chunk:
                    self._signs.seen()  # a comment that keeps the line open says nothing
                    if self._told:
                        self._told.waits()
                yield chunk
        except httpx2.HTTPError as error:
            self._fail(f"broke off in its answer: {_plain(error)}")
            raise CutOffError("the answer broke off") from error

    def _count(self, size: int) -> None:
        if self._number is None and time.monotonic() - self._since > self._limits.window_s:
            self._size, self._since = 0, time.monotonic()
        self._size += size
        if self._size > self._limits.window_bytes_max:
            self._fail(f"answered more than {self._limits.window_bytes_max // 1_000_000} MB")
            raise CutOffError("the answer is too long")

    async def aclose(self) -> None:
        if self._number is not None:
            self._signs.answered(self._number)
        await self._stream.aclose()


def _message(request: httpx2.Request) -> dict[str, Any]:
    """What we are about to send; {} for what is no message."""
    try:
        found = json.loads(request.content) if request.method == "POST" else {}
    except (ValueError, httpx2.RequestNotRead):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "it took too long"
    cause: BaseException = error
    for _ in range(10):
        below = cause.__cause__ or cause.__context__
        if below is None:
            break
        cause = below
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__).rstrip(".")[:200]
