from __future__ import annotations

import pytest

pytest.importorskip("faker", reason="requests are drawn with the optional extra `train`")

from models.distill.compose import Composer
from models.distill.corpus import inventions, wordings
from models.distill.encoding import encode, holds

LINES, TOOLS_INVENTED = wordings(), inventions()


def test_each_wording_renders_to_an_answer_the_grammar_admits():
    composer = Composer(LINES, TOOLS_INVENTED, 1)
    for line in LINES:
        marked = composer.render(line)
        encoded = encode(marked)
        assert encoded is None or holds(encoded, marked), (line.text, marked.text, encoded)


def test_what_is_drawn_is_what_the_grammar_admits():
    composer = Composer(LINES, TOOLS_INVENTED, 2)
    kinds = set()
    for _ in range(3000):
        marked = composer.draw()
        encoded = encode(marked)
        assert encoded is None or holds(encoded, marked), (marked.text, marked.situation, encoded)
        kinds.add((bool(marked.card), bool(marked.situation.after), bool(marked.situation.asked)))
    assert {(True, False, False), (False, True, False), (False, False, True), (False, False, False)} <= kinds


def test_few_requests_are_lost_to_the_borders_of_words():
    composer = Composer(LINES, TOOLS_INVENTED, 3)
    lost = [marked.text for marked in (composer.draw() for _ in range(2000)) if encode(marked) is None]
    assert len(lost) < 20, lost[:5]


def test_the_same_seed_draws_the_same_requests():
    first, second = ([Composer(LINES, TOOLS_INVENTED, 5).draw().text for _ in range(3)] for _ in range(2))
    composers = [Composer(LINES, TOOLS_INVENTED, 5) for _ in range(2)]
    assert [composers[0].draw().text for _ in range(30)] == [composers[1].draw().text for _ in range(30)]
    assert first == second


def test_any_word_may_stand_in_a_nouns_place():
    composer = Composer(LINES, TOOLS_INVENTED, 5, ["xyloquartz"])
    assert any("xyloquartz" in composer.draw().text for _ in range(400))
