"""A server of tools that wants a sign-in, with its own sign-in service: both by the protocol's own library, on one port
of this machine. Faults are put in front of it: what a path answers instead.
"""

import json
import secrets
import socket
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    RefreshToken,
    TokenError,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl

RESOURCE_AT = "/.well-known/oauth-protected-resource/mcp"
SERVICE_AT = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: str


class Service:
    """Who may sign in, and what was given. `grants`: what the user says there."""

    def __init__(self) -> None:
        self.grants, self.lives_s, self.gives_refresh = True, 3_600, True
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.refreshed = 0

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        assert client_info.client_id
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        back = str(params.redirect_uri)
        if not self.grants:
            return construct_redirect_uri(back, error="access_denied", state=params.state)
        code = AuthorizationCode(
            code=secrets.token_urlsafe(24), scopes=params.scopes or [], expires_at=time.time() + 60,
            client_id=client.client_id, code_challenge=params.code_challenge, redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly, resource=params.resource,
        )  # fmt: skip
        self.codes[code.code] = code
        return construct_redirect_uri(back, code=code.code, state=params.state)

    async def load_authorization_code(self, client: OAuthClientInformationFull, code: str) -> AuthorizationCode | None:
        return self.codes.get(code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[code.code]
        return self._given(client.client_id, code.scopes, code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        if self.refresh.pop(refresh_token.token, None) is None:
            raise TokenError("invalid_grant")
        self.refreshed += 1
        return self._given(client.client_id, scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        found = self.access.get(token)
        return found if found and (found.expires_at or 0) > time.time() else None

    async def revoke_token(self, token: Any) -> None:
        self.access.pop(token.token, None)

    async def exchange_identity_assertion(self, client: Any, params: Any) -> OAuthToken:
        raise TokenError("unsupported_grant_type")

    def _given(self, client_id: str, scopes: list[str], resource: str | None) -> OAuthToken:
        access, refresh = (f"{kind}-{secrets.token_hex(600)}" for kind in ("access", "refresh"))
        ends = int(time.time()) + self.lives_s
        self.access[access] = AccessToken(
            token=access, client_id=client_id, scopes=scopes, expires_at=ends, resource=resource
        )
        if self.gives_refresh:
            self.refresh[refresh] = RefreshToken(token=refresh, client_id=client_id, scopes=scopes, resource=resource)
        return OAuthToken(
            access_token=access, expires_in=self.lives_s, refresh_token=refresh if self.gives_refresh else None
        )


class Guarded:
    """`instead`: by path, (status, headers, body) of every answer there; `seen`: all requests; `effects`: texts that
    the tool `publish` was given."""

    def __init__(self) -> None:
        self.service, self.seen, self.effects = Service(), [], list[str]()
        self.seen: list[Seen] = []
        self.instead: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"{self.base}/mcp"
        self._inner = self._app()
        config = uvicorn.Config(
            self._front, interface="asgi3", log_level="critical", lifespan="on", timeout_graceful_shutdown=1
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> "Guarded":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._uvicorn.should_exit = self._uvicorn.force_exit = True
        self._thread.join(10)

    def paths(self, method: str) -> list[str]:
        return [one.path for one in self.seen if one.method == method]

    def says(self, path: str, document: Any, status: int = 200) -> None:
        self.instead[path] = status, {"content-type": "application/json"}, json.dumps(document).encode()

    def names_service(self, base: str) -> None:
        """Of another place to sign in at."""
        self.says(RESOURCE_AT, {"resource": self.url, "authorization_servers": [f"{base}/"]})

    def _app(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later version of the library will want
            auth = AuthSettings(
                issuer_url=AnyHttpUrl(self.base), resource_server_url=AnyHttpUrl(self.url),
                validate_token_resource=True, client_registration_options=ClientRegistrationOptions(enabled=True),
            )  # fmt: skip
            server = MCPServer("guarded", auth_server_provider=self.service, auth=auth)

        @server.tool()
        def add(one: int, other: int) -> str:
            """Adds two numbers."""
            return str(one + other)

        @server.tool()
        def publish(text: str) -> str:
            """Publishes a text."""
            self.effects.append(text)
            return "published"

        return server.streamable_http_app(json_response=True)

    async def _front(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.seen.append(Seen(scope["method"], scope["path"], headers, body.decode()))
        if found := self.instead.get(scope["path"]):
            status, extra, said = found
            pairs = [(name.encode(), value.encode()) for name, value in extra.items()]
            await send({"type": "http.response.start", "status": status, "headers": pairs})
            await send({"type": "http.response.body", "body": said})
            return
        told = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Any:
            found = next(told, None)
            return found if found is not None else await receive()

        await self._inner(scope, again, send)
