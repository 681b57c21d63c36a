"""A thread with an event loop of its own, for one server: what one does to its loop touches no other.

A daemon, and joined for a bounded time: a loop that never comes back must not keep the program from ending.
"""

import threading
from concurrent.futures import Future

import anyio
from anyio.from_thread import BlockingPortal

JOIN_S = 5.0


class LoopThread:
    """`portal` hands work in, from any thread."""

    def __init__(self, name: str) -> None:
        opened: Future[BlockingPortal] = Future()
        self._thread = threading.Thread(target=lambda: anyio.run(_serve, opened), name=f"mcp-{name}", daemon=True)
        self._thread.start()
        self.portal = opened.result()

    def close(self) -> None:
        """Ends what still runs there."""
        if self._thread.is_alive():
            self.portal.start_task_soon(self.portal.stop, True)
            self._thread.join(JOIN_S)


async def _serve(opened: "Future[BlockingPortal]") -> None:
    async with BlockingPortal() as portal:
        opened.set_result(portal)
        await portal.sleep_until_stopped()
