"""The HTTP client of downloads: whom it follows where, and what it keeps out of logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.downloads.answer import Refused
from models.downloads.patience import Patience

if TYPE_CHECKING:
    import httpx

REDIRECTS_MAX = 10


def client(url: str, patience: Patience) -> httpx.Client:
    import httpx

    for name in ("httpx", "httpcore"):  # they would log whole addresses, signed queries among them
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        follow_redirects=True,
        max_redirects=REDIRECTS_MAX,
        timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [_never_less_private(url)]},
    )


def _never_less_private(url: str) -> Callable[[httpx.Request], None]:
    """What was asked for over https may not be sent on to http, where anybody on the way could change it."""
    private = url.lower().startswith("https:")

    def look(request: httpx.Request) -> None:
        if private and request.url.scheme == "http":
            raise Refused("The server sends on to an address without encryption.", "Fetch it from another place.")

    return look
