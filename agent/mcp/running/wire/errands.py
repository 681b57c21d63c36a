"""The requests that signing in and refreshing need, beside those of the protocol: where they may go, how large their
answers may be. What a server says of its sign-in service leads nowhere that the user's own address would not.

No request of the protocol and no access token comes through here.
"""

import ipaddress
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import httpx2

from agent.mcp.errors import OfflineError, SignInFailedError
from agent.mcp.records import ServerEntry
from agent.mcp.running.wire.proxies import proxy_for
from agent.tools.addresses import LOOK_UP_S, may_reach
from sync.transports.names import NAMES
from sync.transports.outcomes import UnreachableError
from sync.transports.places import is_loopback

if TYPE_CHECKING:
    from mcp.client.auth.oauth2 import OAuthContext
    from mcp.shared.auth import OAuthMetadata

ERRAND_S, CONNECT_S = 15.0, 10.0
ERRAND_BYTES_MAX = 256_000
NOT_THERE = 404
JSON = "application/json"
LookUp = Callable[[str, float], tuple[str, ...]]


class Errands:
    """`near`: the server is on this machine; `issuer`: the service that was signed in to before, "" for none;
    `look_up`: of names; `host`: who was asked last."""

    def __init__(
        self, entry: ServerEntry, near: bool, allows: Callable[[], bool], issuer: str = "",
        look_up: LookUp = NAMES.look_up,
    ) -> None:  # fmt: skip
        self._name, self._near, self._allows, self._issuer = entry.name, near, allows, issuer
        self._look_up = look_up
        self._home = httpx2.URL(entry.url)
        self.host = self._home.host

    async def send(self, request: httpx2.Request, context: "OAuthContext") -> httpx2.Response:
        """Raises McpError, httpx2.HTTPError, TimeoutError."""
        await self.check(request.url)
        if request.method == "GET":
            if not self._may_be_read(request.url, context):
                return httpx2.Response(NOT_THERE, request=request)
        else:
            self._check_post(request, context)
        return await self._sent(request)

    async def knock(self, request: httpx2.Request) -> httpx2.Response:
        """At the server itself: its status and headers; whatever it says on is not waited for."""
        await self.check(request.url)
        return await self._sent(request, whole=False)

    async def _sent(self, request: httpx2.Request, *, whole: bool = True) -> httpx2.Response:
        self.host = request.url.host
        request.headers["User-Agent"] = "Carryon"
        request.headers["Accept-Encoding"] = "identity"
        with anyio.fail_after(ERRAND_S):
            narrow = _Narrow(proxy_for(str(request.url)))
            async with httpx2.AsyncClient(transport=narrow, trust_env=False, timeout=CONNECT_S) as client:
                response = await client.send(request, stream=not whole, follow_redirects=False)
                if whole:
                    return response
                await response.aclose()
                return httpx2.Response(response.status_code, headers=response.headers, request=request)

    async def check(self, url: httpx2.URL) -> None:
        """Nothing travels in the open, and nobody's word leads into this machine or its neighbourhood."""
        near = is_loopback(url.host)
        secure = url.scheme == "https" or (url.scheme == "http" and near)
        if not secure or not url.host or url.userinfo or (near and not self._near and url.host != self._home.host):
            raise self._not_taken(url)
        if not near and not self._allows():
            raise OfflineError(
                f"Signing in to {self._name} needs the network, which is off.", url.host, "Try again when online."
            )
        if not self._near and url.host != self._home.host and await self._is_inside(url):
            raise self._not_taken(url)

    def check_issuer(self, metadata: "OAuthMetadata") -> None:
        """Before anything is sent there, the user included."""
        if self._issuer and str(metadata.issuer) != self._issuer:
            raise self.failed(
                f"has another sign-in service now: {metadata.issuer}, before that {self._issuer}",
                f"If that is right: carryon servers sign-out {self._name}, then sign in again.",
            )

    def failed(self, how: str, todo: str) -> SignInFailedError:
        """`how`: the rest of a sentence that begins with the server."""
        return SignInFailedError(f"The server {self._name} {how}.", self._name, todo)

    def _not_taken(self, url: httpx2.URL) -> SignInFailedError:
        place = f"{url.scheme}://{url.host[:100]}" if url.host else str(url)[:100]
        return self.failed(
            f"leads to {place} to sign in, which is not taken",
            "Ask who runs it: its sign-in has to be at an https:// address that everybody can reach.",
        )

    async def _is_inside(self, url: httpx2.URL) -> bool:
        """A server of a private network may lead to its neighbours there; any other one to public places alone."""
        closed = [one for one in await self._addresses(url) if not may_reach(one, loopback=False)]
        if not closed:
            return False
        at_home = await self._addresses(self._home)
        is_neighbour = all(_is_private(one) for one in closed) and any(_is_private(one) for one in at_home)
        return not is_neighbour

    async def _addresses(self, url: httpx2.URL) -> tuple[str, ...]:
        """As many as a name has. Behind a proxy of this system only the proxy looks names up, so none there, but what
        the address says itself."""
        try:
            return (str(ipaddress.ip_address(url.host.strip("[]"))),)
        except ValueError:
            if proxy_for(str(url)):
                return ()
        try:
            return await anyio.to_thread.run_sync(self._look_up, url.host, LOOK_UP_S, abandon_on_cancel=True)
        except UnreachableError as error:
            self.host = url.host
            raise httpx2.ConnectError(error.what) from error

    def _may_be_read(self, url: httpx2.URL, context: "OAuthContext") -> bool:
        """What a server says of itself stands at its own place; what a sign-in service says, at that one's."""
        places = [self._home, *([httpx2.URL(context.auth_server_url)] if context.auth_server_url else [])]
        return any(same_origin(url, place) for place in places)

    def _check_post(self, request: httpx2.Request, context: "OAuthContext") -> None:
        metadata = context.oauth_metadata
        if metadata is None:
            raise self.failed("does not say where to sign in", "Ask who runs it how it wants to be reached.")
        self.check_issuer(metadata)
        registering = request.headers.get("content-type", "").startswith(JSON)
        if registering and metadata.registration_endpoint is None:
            raise self.failed(
                "takes no programs that it does not know",
                f"Register one at {httpx2.URL(str(metadata.issuer)).host} and write its "
                f'client_id = "…" under [servers.{self._name}] in ~/.agentrc.',
            )


def same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _is_private(address: str) -> bool:
    """In a network of one's own, and neither this machine nor the line that it hangs on."""
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_private and not (found.is_loopback or found.is_link_local or found.is_unspecified)


class _Narrow(httpx2.AsyncBaseTransport):
    """Answers up to a bound, as they come over the line."""

    def __init__(self, proxy: str | None) -> None:
        self._inner = httpx2.AsyncHTTPTransport(proxy=proxy, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.DecodingError("the answer is packed, though that was not asked for", request=request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        return httpx2.Response(
            response.status_code, headers=response.headers, request=request, extensions=response.extensions,
            stream=_Bounded(response.stream),
        )  # fmt: skip

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > ERRAND_BYTES_MAX:
                raise httpx2.ReadError(f"the answer is longer than {ERRAND_BYTES_MAX // 1_000} kB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
