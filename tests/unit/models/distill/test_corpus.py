from __future__ import annotations

import re
from collections import Counter

import pytest

pytest.importorskip("faker", reason="the corpus is drawn with the optional extra `train`")

from models.distill.corpus import Composer, digest, wordings
from models.distill.encoding import encode, holds
from models.distill.evaluate import HELD_OUT, read
from models.starter.vocabulary import SETTINGS, TOOLS, TOPICS

LINES = wordings()


def test_every_outcome_has_many_wordings():
    count = Counter(line.outcome for line in LINES)
    assert set(count) == {*TOOLS, "reply", "handoff", "clarify"}
    assert min(count.values()) >= 120


def test_every_topic_and_setting_has_some():
    heads = Counter(line.head[-1] for line in LINES)
    assert all(heads[f"<topic:{topic}>"] >= 20 for topic in TOPICS)
    assert all(heads[f"<set:{setting}>"] >= 6 for setting in SETTINGS)


def test_a_tenth_is_held_out():
    share = sum(line.held_out for line in LINES) / len(LINES)
    assert 0.08 < share < 0.12


def test_each_wording_renders_to_an_answer_the_grammar_admits():
    composer = Composer(LINES, 1)
    for line in LINES:
        marked = composer.render(line)
        encoded = encode(marked)
        assert encoded is None or holds(encoded, marked.text), (line.text, marked.text, encoded)


def test_the_same_seed_draws_the_same_requests():
    first, second = ([Composer(LINES, 5).draw().text for _ in range(30)] for _ in range(2))
    assert first == second


def test_no_request_of_the_measured_set_is_a_wording():
    plain = {re.sub(r"\W+", " ", line.text.casefold()).strip() for line in LINES}
    rows = {re.sub(r"\W+", " ", text.casefold()).strip() for text, _ in read(HELD_OUT)}
    assert not rows & plain


def test_the_digest_is_one_of_content():
    assert re.fullmatch(r"[0-9a-f]{64}", digest())
