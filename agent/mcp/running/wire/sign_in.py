"""One sign-in, from the server's first no to its tokens, by the protocol library's own flow. On a loop of its own.

Each request of the flow is looked at before it leaves (errands.py), and the user is shown where the page is before
anything is opened.
"""

import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
import httpx2
import mcp_types as types
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.shared.auth import AuthorizationCodeResult
from pydantic import ValidationError

from agent.mcp.errors import McpError, SignInFailedError
from agent.mcp.records import ServerEntry
from agent.mcp.running.addresses import checked, sendable
from agent.mcp.running.wire.errands import Errands
from agent.mcp.running.wire.guard import SESSION_HEADER
from agent.mcp.running.wire.landing import Landing, NotGrantedError
from agent.mcp.running.wire.oauth import BASIC, NAMES_RESOURCE, POST, fresh, kept_of, named
from agent.mcp.signing.records import Doorstep, SignIn

REASON_CHARACTERS_MAX = 60
ACCEPTED = {"Accept": "application/json, text/event-stream"}
NOT_AS_IT_SHOULD = (
    OAuthFlowError, OAuthTokenError, OAuthRegistrationError, ValidationError, ValueError, httpx2.InvalidURL,
)  # fmt: skip
DENIED, UNAUTHORIZED = "access_denied", 401


class SigningIn:
    """`headers`, `secret`: with what stood behind their references; `issuer`: the service that was signed in to before;
    `show`: told where the user has to go."""

    def __init__(
        self, entry: ServerEntry, headers: dict[str, str], secret: str, issuer: str,
        show: Callable[[Doorstep], None], allows: Callable[[], bool], within_s: float,
    ) -> None:  # fmt: skip
        self._entry, self._headers, self._secret, self._show = entry, sendable(entry, headers), secret, show
        self._errands = Errands(entry, checked(entry), allows, issuer)
        self._within_s = within_s

    async def run(self) -> SignIn:
        """Raises McpError; nothing was kept then."""
        try:
            with anyio.fail_after(self._within_s), Landing() as landing:
                return await self._through(landing)
        except McpError:
            raise
        except NotGrantedError as error:
            raise self._not_granted(str(error)) from None
        except TimeoutError:
            raise self._failed("was not finished in time", "Begin it again.") from None
        except httpx2.HTTPError:
            raise self._failed(f"broke off: {self._errands.host} could not be reached", "Try again later.") from None
        except NOT_AS_IT_SHOULD as error:
            raise self._failed(_how(error), "Nothing was kept. Ask who runs it.") from None

    async def _through(self, landing: Landing) -> SignIn:
        async def shown(url: str) -> None:
            doorstep, state = await self._looked_at(url, provider)
            landing.expect(state)
            await anyio.to_thread.run_sync(self._show, doorstep, abandon_on_cancel=True)

        async def answer() -> AuthorizationCodeResult:
            return await landing.answer()

        client = named(self._entry.client_id, self._secret, landing.uri) if self._entry.client_id else None
        provider = fresh(self._entry.url, landing.uri, client, shown, answer)
        meant = httpx2.Request("POST", self._entry.url, headers=NAMES_RESOURCE)  # for the library alone
        flow = provider.async_auth_flow(meant)
        try:
            await anext(flow)
            outgoing = await flow.asend(await self._refusal())
            while outgoing is not meant:
                outgoing = await flow.asend(await self._errands.send(outgoing, provider.context))
        finally:
            await flow.aclose()
        return kept_of(provider)

    async def _refusal(self) -> httpx2.Response:
        """What the server says to somebody who has not signed in. One that lets everybody in at first, and minds later,
        may all the same say where to sign in."""
        knock = self._knock()
        response = await self._errands.knock(knock)
        if response.status_code == UNAUTHORIZED:
            return response
        if session := response.headers.get(SESSION_HEADER):
            goodbye = {**self._headers, SESSION_HEADER: session}
            await self._errands.knock(httpx2.Request("DELETE", self._entry.url, headers=goodbye))
        return httpx2.Response(UNAUTHORIZED, request=knock)

    async def _looked_at(self, url: str, provider: OAuthClientProvider) -> tuple[Doorstep, str]:
        """The page, if it is one to be shown, and the state that the answer has to bring."""
        page, metadata = httpx2.URL(url), provider.context.oauth_metadata
        await self._errands.check(page)
        if metadata is None or "S256" not in (metadata.code_challenge_methods_supported or ()):
            raise self._errands.failed(
                "has a sign-in service that does not protect what it sends back (PKCE)", "Ask who runs it."
            )
        self._errands.check_issuer(metadata)
        states = parse_qs(page.query.decode("ascii"), keep_blank_values=True).get("state", ())
        if len(states) != 1 or page.fragment:
            raise self._errands.failed("has a page to sign in whose address cannot be used", "Ask who runs it.")
        if self._secret and provider.context.client_info:
            methods = metadata.token_endpoint_auth_methods_supported or ()
            if BASIC not in methods and POST in methods:
                provider.context.client_info.token_endpoint_auth_method = POST
        host, takes = _place(page), _place(httpx2.URL(str(metadata.token_endpoint)))
        return Doorstep(self._entry.name, host, url, takes if takes != host else ""), states[0]

    def _knock(self) -> httpx2.Request:
        """The protocol's greeting, which a server that wants a sign-in refuses."""
        params = {"protocolVersion": types.LATEST_PROTOCOL_VERSION, "capabilities": {},
                  "clientInfo": {"name": "carryon", "version": "1"}}  # fmt: skip
        message = {"jsonrpc": "2.0", "id": secrets.token_hex(8), "method": "initialize", "params": params}
        return httpx2.Request("POST", self._entry.url, json=message, headers={**ACCEPTED, **self._headers})

    def _not_granted(self, code: str) -> SignInFailedError:
        if code == DENIED:
            return self._failed("was not granted there", "Sign in again if you want to.")
        return self._failed(f"was refused there: {_printable(code)}", "Sign in again, or ask who runs it.")

    def _failed(self, how: str, todo: str) -> SignInFailedError:
        """`how`: the rest of a sentence that begins with the sign-in."""
        return SignInFailedError(f"The sign-in at the server {self._entry.name} {how}.", self._entry.name, todo)


def _how(error: Exception) -> str:
    """Without what the library quotes: answers of the service may hold what is secret."""
    if isinstance(error, OAuthRegistrationError):
        return "came to nothing: its service did not take Carryon as a new program"
    if isinstance(error, OAuthTokenError):
        return "came to nothing: its service gave no token"
    if isinstance(error, OAuthFlowError):
        return "came to nothing: what its service says does not fit together"
    return "came to nothing: its service gave something else than was asked for"


def _place(url: httpx2.URL) -> str:
    return url.netloc.decode("ascii")


def _printable(text: str) -> str:
    return "".join(letter for letter in text[:REASON_CHARACTERS_MAX] if letter.isascii() and letter.isprintable())
