"""The addresses of the server, and what is done at each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial

from app.serve.asgi import Exchange, HungUpError, Receive, Scope, Send
from app.serve.asked import Chat, Vectors, read_chat, read_vectors
from app.serve.door import HEALTH, Door
from app.serve.errors import AGAIN_S, Refusal, refusal_of
from app.serve.offers import Offers, must_write
from app.serve.threads import Job, arriving
from app.serve.told import Piece, Telling, vectors_document
from app.serve.turns import Turns
from models.contracts import ModelPort
from models.embedding import TEXTS_MAX, Embedded, Embeds, gives_no_vectors

ANSWER_S = 1_800.0  # for one answer; a model that hangs is found much earlier by its host
MODELS, CHAT, VECTORS = "/v1/models", "/v1/chat/completions", "/v1/embeddings"
IGNORED = "x-carryon-ignored"  # names the fields of the request that made no difference

Clock = Callable[[], float]


class Service:
    """An ASGI application. `pool`: one thread, in which models are asked."""

    def __init__(self, offers: Offers, door: Door, turns: Turns, pool: Executor, clock: Clock = time.time) -> None:
        self._offers = offers
        self._door = door
        self._turns = turns
        self._pool = pool
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._serve(exchange)
        except HungUpError:
            return
        except asyncio.CancelledError:
            await _tell(exchange, Refusal(503, "Carryon stops serving.", code="closing", after_s=AGAIN_S))
        except Exception as error:  # noqa: BLE001  the last door: a program gets words, the terminal the rest
            await _tell(exchange, refusal_of(error) or _unforeseen(error))

    async def _serve(self, exchange: Exchange) -> None:
        self._door.check(exchange)
        match exchange.method, exchange.path:
            case "GET", path if path == HEALTH:
                await exchange.answer({"status": "ok"})
            case "GET", path if path == MODELS:
                offers = await asyncio.to_thread(self._offers.list)
                await exchange.answer({"object": "list", "data": [offer.document() for offer in offers]})
            case "GET", path if path.startswith(f"{MODELS}/"):
                offer = await asyncio.to_thread(self._offers.find, path.removeprefix(f"{MODELS}/"))
                await exchange.answer(offer.document())
            case "POST", path if path == CHAT:
                await self._long(exchange, self._chat)
            case "POST", path if path == VECTORS:
                await self._long(exchange, self._vectors)
            case _:
                raise _nothing_here(exchange)

    async def _long(self, exchange: Exchange, work: Callable[[Exchange, object], Awaitable[None]]) -> None:
        """An answer that takes time: in turn, not for ever, and only while somebody waits for it."""
        async with self._turns.place():
            body = await exchange.body()

            async def in_time() -> None:
                try:
                    async with asyncio.timeout(ANSWER_S):
                        await work(exchange, body)
                except TimeoutError:
                    raise Refusal(504, f"The answer took longer than {ANSWER_S:g} seconds.", code="timeout") from None

            await exchange.while_there(in_time())

    async def _chat(self, exchange: Exchange, body: object) -> None:
        asked = read_chat(body)
        offer = await asyncio.to_thread(self._offers.find, asked.model)
        must_write(offer)
        telling = Telling(offer, int(self._clock()), one_call=asked.one_call, usage=asked.usage)
        headers = {IGNORED: ", ".join(asked.ignored)} if asked.ignored else {}
        job = Job(partial(self._offers.open, offer), partial(_talk, asked))
        async with self._turns.turn(), aclosing(arriving(self._pool, job)) as pieces:
            async for piece in pieces:
                if not asked.stream:
                    telling.take(piece)
                    continue
                if not exchange.begun:  # only now: an error before it has a status of its own
                    await exchange.begin_events(headers)
                    await exchange.event(telling.opening())
                for chunk in telling.chunks(piece):
                    await exchange.event(chunk)
        if asked.stream:
            await exchange.end_events(done=True)
        else:
            await exchange.answer(telling.whole(), headers=headers)

    async def _vectors(self, exchange: Exchange, body: object) -> None:
        asked = read_vectors(body)
        offer = await asyncio.to_thread(self._offers.find, asked.model)
        job = Job(partial(self._offers.open, offer), partial(_embed, asked, offer.name))
        async with self._turns.turn(), aclosing(arriving(self._pool, job)) as pieces:
            parts = [part async for part in pieces]
        await exchange.answer(vectors_document(asked, offer, parts))


def _talk(asked: Chat, model: ModelPort) -> Generator[Piece, None, None]:
    yield from model.chat(asked.request)


def _embed(asked: Vectors, name: str, model: ModelPort) -> Generator[Embedded, None, None]:
    if not isinstance(model, Embeds):
        raise gives_no_vectors(name)
    for start in range(0, len(asked.texts), TEXTS_MAX):
        yield model.embed(asked.texts[start : start + TEXTS_MAX])


async def _tell(exchange: Exchange, refusal: Refusal) -> None:
    """As the answer, or at the end of a stream that has begun."""
    if exchange.begun:
        await exchange.event(refusal.document())
        await exchange.end_events(done=False)
    else:
        await exchange.answer(refusal.document(), refusal.status, refusal.headers())


def _unforeseen(error: Exception) -> Refusal:
    logging.getLogger(__name__).error("a request failed", exc_info=error)
    return Refusal(
        500, f"Something went wrong in Carryon ({type(error).__name__}).", code="carryon_failed",
        todo="The terminal in which it serves says more.",
    )  # fmt: skip


def _nothing_here(exchange: Exchange) -> Refusal:
    known = {HEALTH: "GET", MODELS: "GET", CHAT: "POST", VECTORS: "POST"}
    if method := known.get(exchange.path):
        return Refusal(405, f"{exchange.path} is asked with {method}.", code="wrong_method")
    return Refusal(
        404, f"There is nothing at {exchange.path[:100]}.", todo=f"There are {', '.join(known)}.", code="not_found"
    )
