"""One request and its answer, over ASGI: what uvicorn hands in."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from typing import Any

from app.serve.errors import Refusal

BODY_BYTES_MAX = 12 * 1024 * 1024  # the 2 million characters that a model is given at most, each escaped
BODY_S = 30.0  # until all of it must be here
TOO_LARGE = Refusal(413, "The request is larger than 12 MB.", todo="Send less at once.", code="request_too_large")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[str, str]


class HungUpError(Exception):
    """Nobody is there any more to be answered."""


class Exchange:
    """A request as it came in, and the one answer to it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]  # names in small letters
        self._receive = receive
        self._send = send
        self.begun = False

    def header(self, name: str) -> str | None:
        """Its value; None when it is not there. Of one that came twice nothing can be trusted: then it is "?"."""
        found = [value.decode("latin-1") for key, value in self._headers if key == name.encode()]
        return None if not found else found[0] if len(found) == 1 else "?"

    async def body(self) -> Any:
        """The JSON document that came with it."""
        if (self.header("content-type") or "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "The request's content type must be application/json.", code="not_json")
        if (self.header("content-encoding") or "identity") != "identity":
            raise Refusal(415, "The request is compressed.", todo="Send it as it is.", code="compressed")
        length = self.header("content-length") or "0"
        if len(length) > 12 or (length.isdecimal() and int(length) > BODY_BYTES_MAX):
            raise TOO_LARGE
        try:
            async with asyncio.timeout(BODY_S):
                data = await self._read()
        except TimeoutError:
            raise Refusal(408, f"The request took longer than {BODY_S:g} seconds to arrive.", code="slow") from None
        return _parsed(data)

    async def while_there(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work to its end, or give it up when the client hangs up."""
        job, gone = asyncio.ensure_future(work), asyncio.ensure_future(self._gone())
        try:
            await asyncio.wait((job, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            left = not job.done()
            job.cancel()
            gone.cancel()
            await asyncio.wait((job, gone))
        if left:
            if not job.cancelled():
                job.exception()  # what came of a work that nobody waits for is of no interest
            raise HungUpError
        job.result()

    async def answer(self, document: Any, status: int = 200, headers: Headers | None = None) -> None:
        """All of it at once."""
        await self._start(status, "application/json", headers or {})
        await self._put(_written(document), more=False)

    async def begin_events(self, headers: Headers) -> None:
        await self._start(200, "text/event-stream; charset=utf-8", headers)

    async def event(self, document: Any) -> None:
        await self._put(b"data: " + _written(document) + b"\n\n", more=True)

    async def end_events(self, *, done: bool) -> None:
        await self._put(b"data: [DONE]\n\n" if done else b"", more=False)

    async def _read(self) -> bytes:
        data = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise HungUpError
            data += message.get("body", b"")
            if len(data) > BODY_BYTES_MAX:
                raise TOO_LARGE
            if not message.get("more_body", False):
                return bytes(data)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _start(self, status: int, kind: str, headers: Headers) -> None:
        self.begun = True
        said = {"content-type": kind, "cache-control": "no-store", "x-content-type-options": "nosniff", **headers}
        lines = [(name.encode(), value.encode("latin-1")) for name, value in said.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": lines})

    async def _put(self, data: bytes, *, more: bool) -> None:
        """Waits while the client does not read; listening.py ends that."""
        await self._send({"type": "http.response.body", "body": data, "more_body": more})


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        words = re.sub(r"[^ -~]", "?", str(error))[:200]
        raise Refusal(400, f"The request is not JSON: {words}.", code="not_json") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _written(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
