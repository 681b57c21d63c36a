"""A real server on a free port, over a real catalog, with the scripted model behind it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import openai
import pytest

from app.serve import listening
from app.serve.door import Door
from app.serve.offers import Offers
from app.serve.service import Service
from app.serve.turns import Turns
from models.catalog import Catalog
from models.contracts import ModelPort
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.app.serve.serving import SECONDS, TOKEN, Serve, Served


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "data").mkdir()
    catalog = Catalog(tmp_path / "data")
    catalog.add(write_tiny_gguf(tmp_path / "parrot.gguf"), "parrot")
    return catalog


@pytest.fixture
def serve(catalog: Catalog) -> Iterator[Serve]:
    with ExitStack() as undo:

        def start(model: ModelPort, *, token: str | None = TOKEN, turns: Turns | None = None) -> Served:
            pool = undo.enter_context(ThreadPoolExecutor(1))
            sockets = listening.listen(0)
            port = sockets[0].getsockname()[1]
            offers = Offers(catalog.list, lambda name: model, "parrot")
            server = listening.server_of(
                Service(offers, Door(port, token), turns or Turns(), pool, lambda: 1_700_000_000)
            )
            thread = threading.Thread(target=listening.run, args=(server, sockets))
            thread.start()
            undo.callback(thread.join, SECONDS)
            undo.callback(setattr, server, "should_exit", True)
            url = f"http://127.0.0.1:{port}/v1"
            client = undo.enter_context(openai.OpenAI(base_url=url, api_key=TOKEN, max_retries=0, timeout=SECONDS))
            http = httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=SECONDS)
            return Served(port, client, undo.enter_context(http))

        yield start
