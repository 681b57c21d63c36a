"""Who is asked for a newer version of a model: the publisher of what Carryon fetched, and nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.session.offered_now import NOBODY_ASKED, OFF, offered_now
from models.downloads import Origin, fetch
from models.downloads.origin import write_origin
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.downloads.shop import Shop, opened


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(write_tiny_gguf(tmp_path / "offered.gguf").read_bytes()) as shop:
        shop.linked = True
        yield shop


def test_a_fetched_file_is_compared_with_what_is_offered_now(shop: Shop, tmp_path: Path) -> None:
    path = fetch(shop.url, tmp_path / "models").path
    now = offered_now(path, path.parent, denied=False)
    assert (now.newer, now.words) == (False, "Its publisher still offers this version.")
    shop.body += b"more"
    now = offered_now(path, path.parent, denied=False)
    assert now.newer
    assert shop.sha256[:12] in now.words
    assert offered_now(path, path.parent, denied=True).words == OFF


def test_nobody_is_asked_for_a_file_of_ones_own_whatever_lies_beside_it(shop: Shop, tmp_path: Path) -> None:
    """A folder of strangers may hold an origin of their making; its address is left alone."""
    theirs = write_tiny_gguf(tmp_path / "theirs.gguf")
    assert offered_now(theirs, tmp_path / "models", denied=False) == NOBODY_ASKED
    write_origin(theirs, Origin(shop.url, "0" * 64, 5, "publisher", "2026-11-26T00:00:00Z"))
    assert offered_now(theirs, tmp_path / "models", denied=False) == NOBODY_ASKED
    assert shop.asked == []
