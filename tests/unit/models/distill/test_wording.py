from __future__ import annotations

import random

import pytest

from models.distill.wording import Kind, Segment, fill, segments_of

KINDS = {"name": Kind(lambda rng: ("", "Dana")), "day": Kind(lambda rng: ("on ", "Friday"))}


def test_a_slot_is_marked_and_its_preposition_is_not():
    assert segments_of("remind me {due:day+} to [title|call {x}]", KINDS, random.Random(1)) == [
        Segment("remind me "),
        Segment("on "),
        Segment("Friday", (0, "due")),
        Segment(" to "),
        Segment("call {x}", (0, "title")),
    ]


def test_a_choice_may_be_empty():
    seen = {fill("<please |>email {:name}", KINDS, random.Random(seed)) for seed in range(20)}
    assert seen == {"please email Dana", "email Dana"}


def test_an_unknown_kind_is_an_error():
    with pytest.raises(KeyError, match="nothing"):
        segments_of("{:nothing}", KINDS, random.Random(1))
