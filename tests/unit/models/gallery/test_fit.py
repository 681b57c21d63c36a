"""Verdicts in plain words, with the numbers they stand on."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.downloads import Unfinished
from models.gallery import Fit, Machine, Speed, judge, offers, propose, this_machine

GB = 1_000_000_000
SPEED = Speed("abc", "a laptop", 20 * GB, 88.0, 4, "build", 0)
LAPTOP = Machine(16 * GB, 9 * GB, 8, speed=SPEED)


def fit(size: float, machine: Machine = LAPTOP, share: float = 1.0) -> Fit:
    return judge(int(size * GB), int(size * GB * share), machine)


def test_a_small_model_fits_well() -> None:
    found = fit(1.3)
    assert (found.verdict, found.words) == ("fits", "Fits well: about 12 words a second.")
    assert found.tokens_per_second == pytest.approx(20 / 1.3, rel=0.01)
    assert found.needs_bytes == pytest.approx(2.2 * GB, rel=0.02)
    assert "20.0 GB of weights a second" in found.how
    assert "1.3 GB for each token" in found.how


def test_a_large_one_fits_but_slow() -> None:
    found = fit(7.9)
    assert (found.verdict, found.words) == ("slow", "Fits, but slow: about 2 words a second.")


def test_one_that_needs_other_programs_closed_says_so() -> None:
    found = fit(9.0)
    assert found.verdict == "tight"
    assert found.words == (
        "Fits once other programs are closed: it needs 9.9 GB, 9.0 GB are free now; about 2 words a second."
    )


def test_one_that_is_too_large_says_how_much() -> None:
    found = fit(14.0)
    assert found.verdict == "too large"
    assert found.words == "Too large: it needs 14.9 GB of memory, and 13.6 GB can be had here."
    assert found.tokens_per_second is None


def test_a_mixture_is_large_and_yet_quick() -> None:
    dense, mixture = fit(7.9), fit(7.9, share=0.15)
    assert (dense.verdict, mixture.verdict) == ("slow", "fits")
    assert mixture.needs_bytes == dense.needs_bytes


def test_without_a_measuring_no_speed_is_made_up() -> None:
    found = fit(7.9, replace(LAPTOP, speed=None))
    assert (found.verdict, found.words) == ("fits", "Fits well: its speed was not measured.")
    assert (found.tokens_per_second, found.how) == (None, "")


def test_a_graphics_card_takes_what_memory_cannot() -> None:
    assert fit(14.0, replace(LAPTOP, card_bytes=24 * GB)).words.startswith("Fits, but slow on") is False
    found = fit(14.0, replace(LAPTOP, card_bytes=24 * GB, speed=None))
    assert (found.verdict, found.on_card) == ("fits", True)
    assert found.words == "Fits well on the graphics card: its speed was not measured."


def test_a_crawl_is_told_as_one() -> None:
    found = fit(7.0, replace(LAPTOP, speed=replace(SPEED, bytes_per_second=2 * GB)))
    assert found.words == "Fits, but slow: about 0.2 words a second."


def test_this_machine_has_memory_and_cores() -> None:
    here = this_machine()
    assert here.memory_bytes >= here.available_bytes > 0
    assert here.cores >= 1
    assert here.usable_bytes < here.memory_bytes


def test_proposals_say_what_is_here_and_what_was_paused(tmp_path: Path) -> None:
    first, second, *_ = offers()
    here = tmp_path / first.file
    here.touch()
    paused = Unfinished(second.file, 5, 10, "https://h/x")
    proposals = propose(offers(), LAPTOP, {here: "my model", tmp_path / "gone" / second.file: "gone"}, [paused])
    assert [one.offer for one in proposals] == list(offers())
    assert (proposals[0].here_as, proposals[0].paused) == ("my model", None)
    assert (proposals[1].here_as, proposals[1].paused) == ("", paused)
