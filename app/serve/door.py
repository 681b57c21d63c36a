"""Who may come in: programs of this machine that know the token, and no page of the web.

A page can make a browser send requests to this machine, and can make its own name lead here (DNS rebinding). So the
name that was asked for must be this machine's, and a page that says where it is from must be from here too.
"""

from __future__ import annotations

import hmac
import re

from app.serve.asgi import Exchange
from app.serve.errors import Refusal

NAMES = ("127.0.0.1", "localhost", "[::1]")
HEALTH = "/health"  # answers without the token, and tells nothing
_ORIGIN = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")


class Door:
    """`port`: the one that is listened on; `token` None: whoever is on this machine may come in."""

    def __init__(self, port: int, token: str | None) -> None:
        self._hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
        self._port = port
        self._token = token

    def check(self, exchange: Exchange) -> None:
        """Raises Refusal."""
        if (exchange.header("host") or "").lower() not in self._hosts:
            raise Refusal(
                403, "This server answers to this machine's own name only.",
                todo=f"Ask http://127.0.0.1:{self._port}/v1.", code="wrong_host",
            )  # fmt: skip
        origin = exchange.header("origin")
        if (origin is not None and not _ORIGIN.fullmatch(origin)) or exchange.header("sec-fetch-site") == "cross-site":
            raise Refusal(403, "Pages of the web may not ask the models of this machine.", code="foreign_origin")
        if self._token is not None and exchange.path != HEALTH:
            self._check_token(exchange.header("authorization") or "", self._token)

    def _check_token(self, given: str, token: str) -> None:
        scheme, _, value = given.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(value.strip().encode(), token.encode()):
            raise Refusal(
                401, "The token is missing or wrong." if given else "A token is needed.",
                todo='`carryon serve --show-token` prints it; send it as "Authorization: Bearer TOKEN" '
                "(clients call it the API key).", code="invalid_api_key",
            )  # fmt: skip
