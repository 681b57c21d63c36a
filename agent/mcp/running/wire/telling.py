"""How far one question to a server at an address is, told by the trace of its request."""

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio

from agent.mcp.errors import ServerUnreachableError
from sync.transports.attempt import Stage
from sync.transports.names import NAMES
from sync.transports.outcomes import UnreachableError
from sync.transports.places import is_loopback

Tell = Callable[[str, Stage, str, float], None]


class Telling:
    """`key`: of the call that it belongs to; `host`: as the user knows it; `connect_s`, `read_s`: the bounds."""

    def __init__(self, tell: Tell, key: str, host: str, connect_s: float, read_s: float) -> None:
        self._tell, self._key, self._host = tell, key, host
        self._connect_s, self._read_s = connect_s, read_s

    async def note(self, event: str, info: Any) -> None:
        """Raises ServerUnreachableError for a name that nobody knows."""
        if event == "connection.connect_tcp.started":
            await self._look_up(str(info.get("host", "")))
            self._say(Stage.CONNECTING, self._connect_s)
        elif event.endswith("start_tls.started"):
            self._say(Stage.SECURING, self._connect_s)
        elif event.endswith("send_request_headers.started"):
            self._say(Stage.SENDING, self._read_s)
        elif event.endswith("receive_response_headers.started"):
            self.waits()

    def waits(self) -> None:
        """For the answer, or for more of it."""
        self._say(Stage.WAITING, self._read_s)

    async def _look_up(self, host: str) -> None:
        """Within a bound, so that a name server that never answers is told for what it is. The connection then asks
        again, of a system that knows by now."""
        if is_loopback(host):
            return
        self._say(Stage.LOOKING_UP, self._connect_s)
        look_up = partial(NAMES.look_up, host, self._connect_s)
        try:
            await anyio.to_thread.run_sync(look_up, abandon_on_cancel=True)
        except UnreachableError as error:
            raise ServerUnreachableError(error.what, error.where, "Nothing was asked of it.") from error

    def _say(self, stage: Stage, within_s: float) -> None:
        self._tell(self._key, stage, self._host, within_s)
