from __future__ import annotations

import random

from models.distill.noise import noisy
from models.distill.wording import Segment

SEGMENTS = [
    Segment("please email "),
    Segment("Dana", (0, "to")),
    Segment(", that it's "),
    Segment("a/b.txt", (0, "body")),
]


def test_noise_changes_text_and_never_roles():
    seen = set()
    for seed in range(200):
        changed = noisy(SEGMENTS, random.Random(seed))
        assert [segment.role for segment in changed] == [segment.role for segment in SEGMENTS]
        seen.add("".join(segment.text for segment in changed))
    assert len(seen) > 20


def test_paths_and_numbers_get_no_typos():
    for seed in range(200):
        assert noisy(SEGMENTS, random.Random(seed))[3].text.lower() == "a/b.txt"
