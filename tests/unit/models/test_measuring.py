"""Measuring a real process, and the rows that are kept of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.contracts import Decision
from models.errors import CancelledError, MeasuresBadError
from models.host import ModelHost
from models.measured import ROWS_MAX, Measured, Measures, this_device
from models.measuring import WARM_UP, measure, sample
from models.scripted import Scripted

ROW = Measured("starter", "ab" * 32, 1_000, "5f0c3a91be27", "a machine", 60, 8.0, 14.0, 12.0, 25.0, 70.0, None, None, 5)


def finish(run: object) -> tuple[list[int], Measured]:
    told: list[int] = []
    while True:
        try:
            told.append(next(run))  # type: ignore[call-overload]
        except StopIteration as ended:
            return told, ended.value


def test_the_sample_is_about_sixty_requests_each_once() -> None:
    texts = sample()
    assert 55 <= len(texts) <= 65
    assert len(set(texts)) == len(texts)


def test_a_real_process_is_measured(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    host = host_of(tiny_starter, sha256="cd" * 32)
    told, row = finish(measure(host, sample()[:12]))
    assert told == list(range(1, 13))
    assert (row.sha256, row.requests, row.device) == ("cd" * 32, 12, this_device().fingerprint)
    assert 0 < row.first_token_ms_median <= row.first_token_ms_p95
    assert row.first_token_ms_median <= row.median_ms <= row.p95_ms
    assert 0 < row.requests_per_second <= 1000 / row.median_ms * 2
    assert row.memory_bytes is not None
    assert 1_000_000 < row.memory_bytes < 500_000_000
    assert row.memory_bytes >= (host.memory_bytes() or 0)
    assert row.cpu_seconds is not None
    assert 0 <= row.cpu_seconds < 60
    assert row.disk_bytes == tiny_starter.stat().st_size
    assert row.measures["median_ms"] == row.median_ms


def test_a_twin_without_a_process_has_no_memory() -> None:
    _, row = finish(measure(Scripted([Decision("handoff", 0.9)] * (WARM_UP + 6)), sample()[:6]))
    assert (row.memory_bytes, row.cpu_seconds) == (None, None)
    assert "memory_bytes" not in row.measures


def test_a_stop_ends_it() -> None:
    stops = iter([False, False, True])
    run = measure(Scripted([Decision("handoff", 0.9)] * 20), sample()[:12], lambda: next(stops))
    assert [next(run), next(run)] == [1, 2]
    with pytest.raises(CancelledError):
        next(run)


def test_the_machine_is_named_by_what_it_is_made_of() -> None:
    assert this_device() == this_device()
    assert len(this_device().fingerprint) == 12
    assert "GB" in this_device().about


def test_rows_are_kept_newest_first_and_bounded(tmp_path: Path) -> None:
    measures = Measures(tmp_path)
    assert measures.rows() == ()
    for at in range(ROWS_MAX + 5):
        measures.add(replace(ROW, measured_at=at))
    rows = measures.rows()
    assert [row.measured_at for row in rows] == list(range(ROWS_MAX + 4, 4, -1))
    assert (tmp_path / "measured.json").stat().st_mode & 0o077 == 0


def test_only_rows_of_these_weights_on_this_machine_count(tmp_path: Path) -> None:
    measures = Measures(tmp_path)
    measures.add(ROW)
    measures.add(replace(ROW, sha256="ef" * 32, measured_at=2_000))
    measures.add(replace(ROW, device="another", measured_at=3_000))
    assert measures.newest(ROW.sha256, ROW.device) == ROW
    assert measures.newest(ROW.sha256, "none") is None


@pytest.mark.parametrize("damage", ["{", "[]", '{"rows": [{"model": "x"}]}', json.dumps({"rows": 5})])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "measured.json"
    file.write_text(damage)
    with pytest.raises(MeasuresBadError, match=r"measured\.json"):
        Measures(tmp_path).rows()
    assert file.read_text() == damage
