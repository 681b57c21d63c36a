"""The model that ships, through the host: it is what it should be, quick to load, small, and always of one mind."""

from collections.abc import Callable
from pathlib import Path

from models.catalog import STARTER, STARTER_FILE, Catalog
from models.contracts import DecideRequest
from models.host import ModelHost

REQUESTS = (
    "remind me next friday at 9 to invoice Dana",
    "email dana@example.org that it is signed",
    "hi",
    "15% of 240?",
)
MEMORY_BYTES_MAX = 150_000_000


def test_it_is_a_starter_with_its_bounds(host_of: Callable[..., ModelHost]) -> None:
    host = host_of(STARTER_FILE, name=STARTER)
    info = host.info()
    assert (info.kind, info.architecture, info.threads) == ("starter", "llama", 1)
    assert info.size_bytes <= 24_000_000
    assert info.n_ctx >= 2048
    host.decide(DecideRequest("x " * 5_000))
    assert (host.memory_bytes() or 0) <= MEMORY_BYTES_MAX


def test_two_processes_decide_alike(host_of: Callable[..., ModelHost]) -> None:
    def minds(host: ModelHost) -> list[tuple[object, ...]]:
        decisions = [host.decide(DecideRequest(text)) for text in REQUESTS]
        return [(one.outcome, one.confidence, one.calls, one.guess, one.topic) for one in decisions]

    assert minds(host_of(STARTER_FILE)) == minds(host_of(STARTER_FILE))


def test_its_file_is_not_another_than_the_one_on_its_card(tmp_path: Path) -> None:
    assert Catalog(tmp_path).verify(STARTER) != "changed"
