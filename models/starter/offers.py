"""Which of the user's own tools a request may be about: by shared words, before the model is asked about each.

A card of hundreds costs nothing here; the model reads at most CARDS_MAX of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from models.records import ToolCard
from models.starter.fitting import stems

CARDS_MAX = 6  # that the model is asked about


def likely_cards(text: str, cards: Sequence[ToolCard]) -> list[ToolCard]:
    """The cards that share the rarest words with `text`, best first; with few cards, all that can be used."""
    usable = [card for card in cards if card.usable]
    if len(usable) <= CARDS_MAX:
        return usable
    told = [stems(f"{card.name} {card.about} {' '.join(a.about for a in card.arguments)}") for card in usable]
    spread = Counter(stem for found in told for stem in found)
    said = stems(text)
    scores = [sum(math.log(1 + len(usable) / spread[stem]) for stem in said & found) for found in told]
    order = sorted(range(len(usable)), key=lambda at: (-scores[at], usable[at].name))
    return [usable[at] for at in order[:CARDS_MAX] if scores[at] > 0]
