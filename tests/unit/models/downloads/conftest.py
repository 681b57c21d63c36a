"""A shop that sells one tiny model, and a customer in a hurry."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.downloads import Fetched, Patience, fetch
from tests.unit.models.downloads.shop import Shop, opened

HASTY = Patience(connect_s=30, read_s=30, pauses_s=(0.0,) * 5, piece_bytes=1024 * 1024, connections=4)


@pytest.fixture
def shop(tiny_chat: Path) -> Iterator[Shop]:
    with opened(tiny_chat.read_bytes()) as shop:
        yield shop


@pytest.fixture
def get(shop: Shop, tmp_path: Path) -> Callable[..., Fetched]:
    """Fetch the shop's file without waiting between attempts."""

    def get(**options: Any) -> Fetched:
        options = {"patience": HASTY, "pause": lambda _seconds: None, **options}
        return fetch(options.pop("url", shop.url), options.pop("folder", tmp_path), **options)

    return get
