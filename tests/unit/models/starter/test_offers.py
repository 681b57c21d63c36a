from __future__ import annotations

from models.records import CardArgument, ToolCard
from models.starter.offers import CARDS_MAX, likely_cards

LAMPS = [ToolCard(f"lamp{number}.on", f"Turns lamp {number} on.") for number in range(40)]
WEATHER = ToolCard("weather.today", "Tells the weather of a city.", (CardArgument("city", "which city"),))


def test_the_card_with_the_rarest_shared_words_comes_first():
    assert likely_cards("how is the weather in Lima", [*LAMPS, WEATHER])[0] == WEATHER


def test_words_that_only_share_a_stem_count():
    translate = ToolCard("text.translate", "Translates a text.")
    assert likely_cards("a translation of this please", [*LAMPS, translate])[0] == translate


def test_few_cards_are_all_looked_at_and_many_are_not():
    assert likely_cards("hello", LAMPS[:CARDS_MAX]) == LAMPS[:CARDS_MAX]
    assert likely_cards("hello", [*LAMPS, WEATHER]) == []
    assert len(likely_cards("turn the lamp on", LAMPS)) <= CARDS_MAX


def test_the_order_does_not_depend_on_that_of_the_cards():
    cards = [*LAMPS, WEATHER]
    assert likely_cards("turn lamp 7 on", cards) == likely_cards("turn lamp 7 on", cards[::-1])
