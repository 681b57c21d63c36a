"""Several connections at one file: bounded, each with its own piece, and honest when the server will not have it."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from models.downloads import Fetched, Step, fetch
from models.errors import CancelledError, DownloadError
from tests.unit.models.downloads.conftest import HASTY
from tests.unit.models.downloads.shop import Shop, opened

Get = Callable[..., Fetched]
PIECE = 10_000
PIECES = replace(HASTY, piece_bytes=PIECE, connections=4)


def test_pieces_are_fetched_at_once_and_joined(shop: Shop, get: Get) -> None:
    shop.together = 3
    seen: list[Step] = []
    fetched = get(sha256=shop.sha256, patience=PIECES, watch=lambda step: seen.append(step) or True)
    assert fetched.path.read_bytes() == shop.body
    assert shop.most_under_way >= 3
    assert 3 <= max(step.connections for step in seen) <= 4
    starts = sorted(int(asked.removeprefix("bytes=").partition("-")[0]) for asked in shop.asked)
    assert starts == list(range(0, len(shop.body), PIECE))


def test_done_never_runs_backwards_nor_past_the_end(shop: Shop, get: Get) -> None:
    shop.cuts = [3_000, 100, 0, 7_000, 9_999]
    done: list[int] = []
    get(sha256=shop.sha256, patience=PIECES, watch=lambda step: done.append(step.done) or True)
    fetching = done[: done.index(len(shop.body))]
    assert fetching == sorted(fetching)
    assert max(done) == len(shop.body)


def test_every_piece_goes_on_at_its_own_byte(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.cuts = [4_000] * 8 + [0] * 200
    with pytest.raises(DownloadError, match="What has arrived is kept"):
        get(patience=PIECES)
    shop.cuts, shop.asked = [], []
    fetched = get(sha256=shop.sha256, patience=PIECES)
    assert fetched.resumed_at > 4_000
    assert any(int(asked.removeprefix("bytes=").partition("-")[0]) % PIECE for asked in shop.asked)
    assert fetched.path.read_bytes() == shop.body


def test_a_file_that_changes_between_two_parts_is_never_mixed(shop: Shop, get: Get) -> None:
    new = shop.body[:-4] + b"new!"
    shop.turns_into = (5, new, '"two"')
    notes: set[str] = set()
    fetched = get(patience=PIECES, watch=lambda step: notes.add(step.note) or True)
    assert fetched.path.read_bytes() == new
    assert any("changed on the server" in note for note in notes)


def test_a_file_that_keeps_changing_is_given_up(shop: Shop, get: Get, tmp_path: Path) -> None:
    def restless(step: Step) -> bool:
        shop.tag = f'"{step.done}"'
        return True

    with pytest.raises(DownloadError, match="keeps changing"):
        get(patience=PIECES, watch=restless)
    assert not (tmp_path / "tiny.gguf").exists()


def test_a_server_without_parts_is_told_visibly_and_served_in_one_connection(shop: Shop, get: Get) -> None:
    shop.ignores_ranges = True
    seen: list[Step] = []
    fetched = get(sha256=shop.sha256, patience=PIECES, watch=lambda step: seen.append(step) or True)
    assert fetched.path.read_bytes() == shop.body
    assert len(shop.asked) == 1
    assert {step.connections for step in seen if step.phase == "fetching"} == {1}
    assert any("does not send parts" in step.note for step in seen)


def test_a_crowded_server_is_left_by_all_connections_but_one(shop: Shop, get: Get) -> None:
    shop.together = 2
    notes: set[str] = set()

    def watch(step: Step) -> bool:
        notes.add(step.note)
        if step.connections > 1 and not shop.refusals:
            shop.refusals = [(429, {})]
        return True

    fetched = get(sha256=shop.sha256, patience=PIECES, watch=watch)
    assert fetched.path.read_bytes() == shop.body
    assert any("fewer requests" in note for note in notes)


def test_a_server_that_asks_to_wait_is_given_the_time(shop: Shop, get: Get) -> None:
    shop.refusals = [(429, {"Retry-After": "17"}), (503, {"Retry-After": "3"})]
    waits: list[float] = []
    get(sha256=shop.sha256, pause=waits.append)
    assert waits == [17.0, 3.0]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(shop: Shop, get: Get) -> None:
    shop.refusals = [(429, {"Retry-After": "3600"})]
    with pytest.raises(DownloadError, match="60 minutes"):
        get()


def test_a_connection_that_falls_silent_is_replaced_and_nothing_is_lost(shop: Shop, get: Get) -> None:
    shop.holds = [30_000]
    fetched = get(sha256=shop.sha256, patience=replace(HASTY, read_s=1.5))
    assert fetched.path.read_bytes() == shop.body
    assert [asked.partition("-")[0] for asked in shop.asked] == ["bytes=0", "bytes=30000"]


def test_a_pause_does_not_wait_for_a_silent_server(shop: Shop, get: Get) -> None:
    shop.holds = [20_000] * 9
    reached = threading.Event()

    def watch(step: Step) -> bool:
        reached.set() if step.done >= 20_000 else None
        return not reached.is_set()

    with pytest.raises(CancelledError):
        get(watch=watch, patience=replace(HASTY, read_s=60))
    shop.holds = []
    assert get(sha256=shop.sha256).resumed_at == 20_000


def test_a_network_that_is_away_for_a_while_costs_no_byte(shop: Shop, get: Get) -> None:
    """The address changes, the machine sleeps: for the download, connections that fail and then do not."""
    shop.cuts = [60_000, 0, 0, 0, 0]
    waits: list[float] = []
    patience = replace(HASTY, pauses_s=(0.5, 1.0, 2.0, 5.0, 10.0))
    fetched = get(sha256=shop.sha256, patience=patience, pause=waits.append)
    assert fetched.path.read_bytes() == shop.body
    assert waits == [0.5, 0.5, 1.0, 2.0, 5.0]  # after some bytes, then without any: longer each time
    assert shop.asked[1:] == [shop.asked[1]] * (len(shop.asked) - 1)
    assert shop.asked[1].startswith("bytes=60000-")


def test_a_server_that_is_away_and_comes_back_goes_on_at_the_byte(tiny_chat: Path, tmp_path: Path) -> None:
    body = tiny_chat.read_bytes()
    with ExitStack() as first, ExitStack() as second:
        shop = first.enter_context(opened(body))
        shop.cuts = [60_000]
        back: list[Shop] = []

        def pause(seconds: float) -> None:
            first.close()
            if seconds == 2.0:
                back.append(second.enter_context(opened(body, int(shop.base.rpartition(":")[2]))))

        patience = replace(HASTY, pauses_s=(0.5, 1.0, 2.0, 5.0))
        fetched = fetch(shop.url, tmp_path, sha256=shop.sha256, patience=patience, pause=pause)
    assert fetched.path.read_bytes() == body
    assert [asked.partition("-")[0] for asked in back[0].asked] == ["bytes=60000"]


def test_a_late_thread_of_a_given_up_crew_cannot_write(shop: Shop, get: Get) -> None:
    """One connection holds back old bytes while the file changes and is begun anew; then it lets go."""
    shop.holds = [0, 5_000]
    shop.together = 2
    new = shop.body[:-4] + b"new!"
    shop.turns_into = (3, new, '"two"')

    def watch(step: Step) -> bool:
        if step.phase == "checking":
            shop.released.set()
        return True

    fetched = get(patience=replace(PIECES, read_s=0.5), watch=watch)
    assert fetched.path.read_bytes() == new
