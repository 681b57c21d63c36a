"""A sign-in on every request to the server that it belongs to, renewed in silence while there is a network. Nothing in
here asks the user anything: who is not signed in is told so, and the server's no stands.
"""

import json
import re
import time
from collections.abc import AsyncGenerator, Callable

import anyio
import anyio.to_thread
import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthTokenError

from agent.agentrc.errors import SecretError
from agent.mcp.errors import McpError, SecretLackingError, ServerUnreachableError
from agent.mcp.records import ServerEntry
from agent.mcp.running.addresses import checked
from agent.mcp.running.wire.errands import Errands
from agent.mcp.running.wire.marks import REFUSED
from agent.mcp.running.wire.oauth import NAMES_RESOURCE, again, kept_of
from agent.mcp.signing.records import SignIn
from agent.mcp.signing.sign_ins import SignIns, needed, no_keyring

GOODBYE = "DELETE"
BAD, UNAUTHORIZED = 400, 401
NOES = ("invalid_grant", "invalid_client")  # all else says nothing of the tokens
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
BEARER = re.compile(r"(?:^|,)\s*bearer(?:[\s,]|$)", re.IGNORECASE)
LONG_AGO = 1.0  # 0 would mean "never"


class Bearer(httpx2.Auth):
    """For one connection to a server."""

    def __init__(
        self, entry: ServerEntry, sign_ins: SignIns, allows: Callable[[], bool], clock: Callable[[], float] = time.time
    ) -> None:
        self._entry, self._sign_ins, self._allows, self._clock = entry, sign_ins, allows, clock
        self._lock = anyio.Lock()  # held while it is renewed, never while the server is asked
        self._version = -1
        self._unread = False  # the keyring could not be asked
        self._kept: SignIn | None = None
        self._provider: OAuthClientProvider | None = None

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        used = await self._put_on(request)
        response = yield request
        if response.status_code != UNAUTHORIZED or REFUSED in request.extensions:
            return
        if request.method == GOODBYE or not (used or is_challenge(response)):
            return
        if await self._put_on(request, refused=used) or REFUSED in request.extensions:
            response = yield request
        if response.status_code == UNAUTHORIZED:
            self._sign_ins.want(self._entry, self._kept)
            request.extensions[REFUSED] = needed(self._entry.name)
            yield request  # which goes no further than the guard, that tells why

    async def _put_on(self, request: httpx2.Request, refused: int | None = None) -> int:
        """Which sign-in the request carries now, 0 for none; after a no (`refused`: to which) 0, too, where there is
        none better. What goes wrong is marked on the request, for the call that it belongs to."""
        try:
            async with self._lock:
                return await self._ready(request, refused)
        except McpError as failure:
            request.extensions[REFUSED] = failure
        except SecretError as error:
            request.extensions[REFUSED] = SecretLackingError(
                f"The renewed sign-in at {self._entry.name} cannot be kept: {error.what}", self._entry.name, error.todo
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
            request.extensions[REFUSED] = self._unreachable("cannot be reached")
        return 0

    async def _ready(self, request: httpx2.Request, refused: int | None) -> int:
        version = self._sign_ins.version(self._entry.name)
        if version != self._version or refused is not None:
            await self._load()
            self._version = version
        if refused is not None and self._unread:
            raise no_keyring(self._entry.name)
        kept = self._kept
        if refused and kept and kept.at_ms == refused and not await self._renewed():
            return 0
        if refused is None and kept and kept.tokens and self._provider and not self._provider.context.is_token_valid():
            await self._load()  # another process may have been quicker
            if self._provider and not self._provider.context.is_token_valid():
                await self._renewed()
        kept = self._kept
        if kept is None or not kept.tokens:
            return 0
        request.headers["Authorization"] = f"Bearer {kept.tokens['access_token']}"
        return kept.at_ms

    async def _load(self) -> None:
        """As the keyring has it. That there is none matters only once the server wants a sign-in."""
        try:
            found = await anyio.to_thread.run_sync(self._sign_ins.find, self._entry, abandon_on_cancel=True)
            self._unread = False
        except SecretError:
            found, self._unread = None, True
        self._take(found)

    def _take(self, found: SignIn | None) -> None:
        try:
            self._provider = again(found) if found else None
        except ValueError:  # not as it was written
            found = self._provider = None
        self._kept = found

    async def _renewed(self) -> bool:
        """Whether there is another token now. Without one to renew it with it stays as it is: the server decides. What
        was begun is finished: a token that was given and not kept would be lost."""
        kept, provider = self._kept, self._provider
        if kept is None or provider is None or not kept.tokens.get("refresh_token"):
            return False
        provider.context.token_expiry_time = LONG_AGO
        with anyio.CancelScope(shield=True):
            if found := await self._given(kept, provider):
                await self._keep(kept, found)
                return True
            await anyio.to_thread.run_sync(self._sign_ins.refuse, self._entry, kept)
            await self._load()
            self._sign_ins.want(self._entry, kept)
        raise needed(self._entry.name)

    async def _refresh(self, provider: OAuthClientProvider) -> bool:
        """The library's flow as far as the request itself, which is not sent here. Whether it was granted."""
        errands = Errands(self._entry, checked(self._entry), self._allows, str(provider.context.auth_server_url))
        meant = httpx2.Request("POST", self._entry.url, headers=NAMES_RESOURCE)
        flow = provider.async_auth_flow(meant)
        try:
            outgoing = await anext(flow)
            while outgoing is not meant:
                response = await errands.send(outgoing, provider.context)
                if is_no(response):
                    return False
                outgoing = await flow.asend(response)
        except OAuthTokenError:
            return False
        finally:
            await flow.aclose()
        if provider.context.current_tokens is None:  # as the library leaves it after whatever holds no token
            raise self._unreachable("answers something that is neither a yes nor a no")
        return True

    async def _given(self, before: SignIn, provider: OAuthClientProvider) -> SignIn | None:
        """None: it was refused."""
        try:
            return kept_of(provider, self._clock) if await self._refresh(provider) else None
        except ValueError:  # of the library, too, which puts the token on a request
            self._take(before)
            raise self._unreachable("gave a token that cannot be sent") from None

    async def _keep(self, before: SignIn, found: SignIn) -> None:
        self._take(found)
        kept = await anyio.to_thread.run_sync(self._sign_ins.renew, self._entry, before, found)
        if not kept:  # the user signed out, or in anew, while it went on
            await self._load()

    def _unreachable(self, how: str) -> ServerUnreachableError:
        """`how`: the rest of a sentence that begins with the service. What is kept stays."""
        return ServerUnreachableError(
            f"The sign-in at the server {self._entry.name} could not be renewed: its service {how}.", self._entry.name,
            f"Nothing was asked of the server; try again later, or: carryon servers sign-in {self._entry.name}",
        )  # fmt: skip


def is_challenge(response: httpx2.Response) -> bool:
    """Whether it says that a sign-in would help, be it as one of several ways."""
    return bool(BEARER.search(QUOTED.sub("", response.headers.get("www-authenticate", ""))))


def is_no(response: httpx2.Response) -> bool:
    """Whether the service refuses the tokens. A page of somebody before it, or one that moved, says nothing of them."""
    if response.status_code not in (BAD, UNAUTHORIZED):
        return False
    try:
        said = json.loads(response.content)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("error") in NOES
