"""Verdicts in plain words, with the numbers they stand on."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.devices.memory import Memory
from models.downloads import Unfinished
from models.gallery import Fit, Machine, Speed, judge, offers, propose, this_machine
from models.gallery.cards import Cards, cards_of
from tests.unit.models.devices.made_up import REPORTS

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
    found = fit(14.0, replace(LAPTOP, cards=Cards("a card", 24 * GB), speed=None))
    assert (found.verdict, found.on_card) == ("fits", True)
    assert found.words == "Fits well on the graphics card: its speed was not measured."


def with_cards(report: str, laptop: Machine = LAPTOP) -> Machine:
    memory = Memory(laptop.available_bytes, laptop.memory_bytes)
    return replace(laptop, cards=cards_of(REPORTS[report], memory), speed=None)


@pytest.mark.parametrize(
    ("report", "size", "verdict", "words"),
    [
        ("processor-only", 14.0, "too large",
         "Too large: it needs 14.9 GB of memory, and 13.6 GB can be had here."),
        ("rtx-4070-super", 8.0, "fits", "Fits well on the graphics card: its speed was not measured."),
        ("rtx-4070-super", 14.0, "fits",
         "Fits well, 71% of it on the graphics card: its speed was not measured."),
        ("rtx-4070-super", 19.5, "tight",
         "Fits once other programs are closed: it needs 9.9 GB beside the graphics card, 9.0 GB are free now; its "
         "speed was not measured."),
        ("rtx-4070-super", 40.0, "too large",
         "Too large: it needs 40.9 GB of memory, and 13.6 GB and 10.5 GB on the graphics card can be had here."),
        ("two-cards", 30.0, "fits", "Fits well on the graphics card: its speed was not measured."),
        ("full-card", 14.0, "too large",
         "Too large: it needs 14.9 GB of memory, and 13.6 GB can be had here."),
        ("silent-driver", 5.0, "fits", "Fits well: its speed was not measured."),
        ("apple-m1-8gb", 3.0, "fits", "Fits well on the graphics card: its speed was not measured."),
        ("apple-m1-8gb", 14.0, "too large",
         "Too large: it needs 14.9 GB of memory, and 13.6 GB can be had here."),
        ("iris-xe", 5.0, "fits", "Fits well on the graphics card: its speed was not measured."),
    ],
)  # fmt: skip
def test_verdicts_go_by_what_is_free_on_the_cards_that_were_reported(
    report: str, size: float, verdict: str, words: str
) -> None:
    found = fit(size, with_cards(report))
    assert (found.verdict, found.words) == (verdict, words)


def test_a_speed_is_an_upper_bound_where_a_part_is_on_the_processor() -> None:
    found = fit(14.0, replace(with_cards("rtx-4070-super"), speed=replace(SPEED, bytes_per_second=200 * GB)))
    assert found.words == "Fits well, 71% of it on the graphics card: at most about 11 words a second."


def test_a_card_without_room_says_why() -> None:
    assert with_cards("full-card").cards.note.startswith("the NVIDIA GeForce RTX 3060 has 0.2 GB free, and 1.1 GB")
    assert "does not say how much memory is free" in with_cards("silent-driver").cards.note
    assert with_cards("processor-only").cards == Cards()


def test_memory_that_a_card_shares_is_counted_once() -> None:
    shared = with_cards("radeon-8060s")
    assert shared.cards.room_bytes < shared.available_bytes
    assert (shared.cards.shared, shared.added_bytes) == (True, 0)


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
