"""The speed is measured in a real worker, on a file that llama.cpp takes for a model."""

from pathlib import Path

import pytest

from models.errors import MeasuresBadError
from models.gallery import Speed, Speeds, measure
from models.gallery.probe import Shape, write_probe
from models.gguf_check import check
from models.scripted import Breaks, Scripted

SMALL = Shape(dim=256, hidden=512, layers=2, heads=4)


def test_a_probe_is_a_sound_model_of_its_shape(tmp_path: Path) -> None:
    header = check(write_probe(tmp_path / "probe.gguf", SMALL))
    assert (header.architecture, header.kind, header.tensors) == ("llama", "chat", 2 + 2 * 9)
    assert header.parameters == 258 * 256 + 256 + 2 * (4 * 256 * 256 + 3 * 256 * 512 + 2 * 256)
    assert SMALL.bytes_a_token == 2 * (4 * 256 * 256 + 3 * 256 * 512) // 256 * 144


def test_the_real_probe_is_larger_than_what_a_processor_keeps_at_hand(tmp_path: Path) -> None:
    probe = write_probe(tmp_path / "probe.gguf", Shape())
    assert probe.stat().st_size > Shape().bytes_a_token > 200_000_000
    assert probe.stat().st_blocks * 512 < 1_000_000  # zeros that take no room


def test_a_real_worker_is_measured_and_nothing_is_left(tmp_path: Path) -> None:
    speed = measure(tmp_path, seconds=0.05, shape=SMALL)
    assert speed.bytes_per_second == pytest.approx(speed.tokens_per_second * SMALL.bytes_a_token)
    assert speed.tokens_per_second > 0
    assert speed.threads >= 1
    assert speed.llama_build
    assert 0 <= speed.busy_percent <= 100
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_breaks_leaves_no_speed_and_no_file(tmp_path: Path) -> None:
    broken = MeasuresBadError("It broke.")
    with pytest.raises(MeasuresBadError, match="It broke"):
        measure(tmp_path, shape=SMALL, open_model=lambda _path: Scripted([Breaks("", broken)]))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(MeasuresBadError) as caught:
        measure(tmp_path / "nowhere", shape=SMALL)
    assert "nowhere" in caught.value.where


def test_a_measuring_among_busy_programs_is_known_for_one() -> None:
    quiet, busy = (Speed("one", "about", 1e9, 5.0, 2, "build", 7, percent) for percent in (12.0, 95.0))
    assert (quiet.disturbed, busy.disturbed) == (False, True)


def test_speeds_are_kept_for_each_machine(tmp_path: Path) -> None:
    kept = Speeds(tmp_path)
    one, other = (Speed(name, "about", 1e9, 5.0, 2, "build", 7) for name in ("one", "other"))
    assert kept.of("one") is None
    kept.keep(one)
    kept.keep(other)
    assert (kept.of("one"), kept.of("other"), kept.here()) == (one, other, None)
    assert (tmp_path / "speed.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"speeds": [{}]}', '{"speeds": 3}'])
def test_a_damaged_file_costs_a_new_measuring(tmp_path: Path, text: str) -> None:
    (tmp_path / "speed.json").write_text(text)
    assert Speeds(tmp_path).of("one") is None
