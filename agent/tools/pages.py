"""web.fetch: the page now; else the copy kept from last time with its age; else the fetch waits in the outbox.

The outbox hands a waiting fetch to `PageTransport`, which puts the page among the kept copies: asked for again, it is
there at once.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from agent.tools import web
from agent.tools.addresses import normal_url
from agent.tools.context import ToolContext
from agent.tools.errors import AwayError, NotKeptError, ToolRefusedError
from agent.tools.facts import age_s, moment_fact
from agent.tools.foreground import Instead
from agent.tools.outgoing import Place, deferred
from agent.tools.page_cache import Page, PageCache
from agent.tools.private_files import NOT_KEPT
from agent.tools.results import Done, Result
from agent.tools.shipped import DAY_S, PAGE_FRESH_S
from sync.item import Item
from sync.transports.outcomes import RejectedError, RetryableError, SignInError, UnreachableError
from sync.transports.port import Mode, Offer, Receipt

DESTINATION = "web:pages"
WAITS_S = 7 * DAY_S
SHOWN_CHARACTERS_MAX = 20_000


def fetch(args: Mapping[str, str], context: ToolContext) -> Result:
    url = normal_url(args["url"])
    cache = PageCache(context.cache)
    kept = cache.get(url)
    if not context.offline:
        try:
            page = context.foreground.ask(
                lambda: web.get(url, kept, context.clock), Instead.COPY if kept else Instead.LATER
            )
        except AwayError:  # the copy, or the outbox, is the answer then
            pass
        else:
            facts = _facts(page, context, cached=False)
            try:
                cache.put(page)
            except NotKeptError as error:  # the page is there all the same
                facts[NOT_KEPT] = str(error)
            return Done(facts)
    if kept:
        return Done(_facts(kept, context, cached=True))
    if context.kept_only:
        raise ToolRefusedError("What came is not kept any more.", url, "Ask again.")
    sentence = f"Fetch {url} once there is a connection"
    return deferred(
        "web.fetch", args, Place(DESTINATION, "pages"), {"url": url}, sentence[:500], {"url": url}, context, WAITS_S
    )


def _facts(page: Page, context: ToolContext, *, cached: bool) -> dict[str, object]:
    age = age_s(page.fetched_at, context.clock())
    shown = page.text[:SHOWN_CHARACTERS_MAX]
    return {
        "url": page.url,
        "title": page.title or urlsplit(page.url).hostname or "",
        "text": shown,
        "cut": page.cut or len(shown) < len(page.text),
        "fetched": moment_fact(round(page.fetched_at * 1000), context.zone),
        "age_s": age,
        "cached": cached,
        "stale": age is None or age > PAGE_FRESH_S,
    }


class PageTransport:
    """Fetches that waited. To fetch twice does no harm, so a repeat is as good as recognised (`mode` "key")."""

    name = "pages"
    mode: Mode = "key"
    loopback = False
    key_kept_s = math.inf

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._cache = PageCache(folder)
        self._clock = clock

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        url = str(item.payload.get("url", ""))
        try:
            address = normal_url(url)
            page = web.get(address, self._cache.get(address), self._clock)
            offer()  # nothing happens elsewhere; the effect is the copy kept here
        except AwayError as error:
            if isinstance(error.__cause__, SignInError):
                raise error.__cause__ from error
            raise UnreachableError(f"The page could not be fetched: {error}.", url, "It is tried again.") from error
        except ToolRefusedError as error:
            raise RejectedError(error.what, error.where, error.todo) from error
        try:
            self._cache.put(page)
        except NotKeptError as error:
            raise RetryableError(error.what, error.where, error.todo) from error
        return Receipt(f"Fetched: {page.title or address}"[:300], url=address)

    def find(self, item: Item) -> Receipt | None:
        """Never asked in mode "key"."""
        page = self._cache.get(str(item.payload.get("url", "")))
        return Receipt(f"Fetched: {page.title or page.url}"[:300], url=page.url) if page else None
