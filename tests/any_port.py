"""A mail server on any free port of loopback, for the tests. Ended, it leaves no connection open."""

import asyncio
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

ENDS_S = 5


class AnyPort(Controller):
    """Which port it is, is known once it has started."""

    def __init__(self, handler: Any, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=0, **options)
        self._sessions: list[SMTP] = []

    def session(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)

    def factory(self) -> SMTP:
        self._sessions = [one for one in self._sessions if one.transport]
        self._sessions.append(self.session())
        return self._sessions[-1]

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(ENDS_S)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        """The loop closes no socket that is still open when it ends."""
        for one in self._sessions:
            if one.transport:
                one.transport.abort()
        await asyncio.sleep(0.01)
