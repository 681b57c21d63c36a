"""The protocol library's own client for OAuth, filled with what was kept, and what it gave, as it is kept."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types import LATEST_PROTOCOL_VERSION
from pydantic import AnyUrl

from agent.mcp.signing.records import SignIn

TOKEN_CHARACTERS_MAX = 16_000
EARLY_S, EARLY_SHARE = 30.0, 0.1  # how long before its end a token is renewed; a short-lived one a share of its life
NOWHERE = "http://127.0.0.1/callback"  # of a client that only refreshes
KEPT_OF_METADATA = frozenset((
    "issuer", "authorization_endpoint", "token_endpoint", "registration_endpoint", "scopes_supported",
    "token_endpoint_auth_methods_supported", "code_challenge_methods_supported",
    "authorization_response_iss_parameter_supported",
))  # fmt: skip
PUBLIC: Literal["none"] = "none"  # a program on somebody's laptop has no secret of its own
BASIC, POST = "client_secret_basic", "client_secret_post"
# Of a request that is only meant for the library, which names the server (`resource`) to those of that version alone.
NAMES_RESOURCE = {MCP_PROTOCOL_VERSION_HEADER: LATEST_PROTOCOL_VERSION}
KEPT_OF_RESOURCE = frozenset(("resource", "authorization_servers"))


class Held:
    """What the library keeps, held until the flow is over: a sign-in that comes to nothing leaves nothing."""

    def __init__(self, tokens: OAuthToken | None = None, client: OAuthClientInformationFull | None = None) -> None:
        self.tokens, self.client = tokens, client

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def fresh(
    url: str, redirect: str, client: OAuthClientInformationFull | None,
    shown: Callable[[str], Awaitable[None]], answer: Callable[[], Awaitable[AuthorizationCodeResult]],
) -> OAuthClientProvider:  # fmt: skip
    """For a first sign-in. `client`: one that the settings name; else Carryon registers itself."""
    return OAuthClientProvider(url, _about(redirect), Held(client=client), shown, answer)


def again(kept: SignIn) -> OAuthClientProvider:
    """For a sign-in that is there; it cannot ask the user anything. Raises ValueError for what cannot be read."""
    tokens = OAuthToken.model_validate(dict(kept.tokens)) if kept.tokens else None
    client = OAuthClientInformationFull.model_validate(dict(kept.client))
    provider = OAuthClientProvider(kept.url, _about(NOWHERE), Held(tokens, client))
    context = provider.context
    context.current_tokens, context.client_info = tokens, client
    context.oauth_metadata = OAuthMetadata.model_validate(dict(kept.metadata))
    context.auth_server_url = kept.issuer
    if kept.resource:
        context.protected_resource_metadata = ProtectedResourceMetadata.model_validate(dict(kept.resource))
    if kept.expires_at_s is not None:
        life_s = max(0.0, kept.expires_at_s - kept.at_ms / 1_000)
        context.token_expiry_time = kept.expires_at_s - min(EARLY_S, life_s * EARLY_SHARE)
    return provider


def kept_of(provider: OAuthClientProvider, clock: Callable[[], float] = time.time) -> SignIn:
    """What it holds now. Raises ValueError where something of it is missing or cannot be sent."""
    context, now = provider.context, clock()
    tokens, client, metadata = context.current_tokens, context.client_info, context.oauth_metadata
    if tokens is None or not tokens.access_token or client is None or metadata is None:
        raise ValueError("the sign-in is not whole")
    for token in filter(None, (tokens.access_token, tokens.refresh_token)):
        if not (token.isascii() and token.isprintable() and len(token) <= TOKEN_CHARACTERS_MAX):
            raise ValueError("the sign-in service gave a token that cannot be sent")
    expires = None if tokens.expires_in is None else now + max(0, tokens.expires_in)
    resource = context.protected_resource_metadata
    return SignIn(
        context.server_url, str(metadata.issuer), int(now * 1_000), expires,
        _plain(tokens), _plain(client), _plain(metadata, KEPT_OF_METADATA),
        _plain(resource, KEPT_OF_RESOURCE) if resource else {},
    )  # fmt: skip


def named(client_id: str, secret: str, redirect: str) -> OAuthClientInformationFull:
    """A program that the user registered there."""
    return OAuthClientInformationFull(
        client_id=client_id, client_secret=secret or None, redirect_uris=[AnyUrl(redirect)],
        token_endpoint_auth_method=BASIC if secret else PUBLIC,
    )  # fmt: skip


def _about(redirect: str) -> OAuthClientMetadata:
    return OAuthClientMetadata(
        client_name="Carryon", redirect_uris=[AnyUrl(redirect)], token_endpoint_auth_method=PUBLIC
    )


def _plain(model: Any, only: frozenset[str] | None = None) -> Mapping[str, Any]:
    plain: dict[str, Any] = model.model_dump(mode="json", exclude_none=True, include=set(only) if only else None)
    return plain
