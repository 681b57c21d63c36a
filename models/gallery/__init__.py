"""The models that Carryon proposes, and which of them fit this machine: measured, not guessed.

offers()                          the curated list: gallery.toml, versioned, each entry with where it was confirmed
measure(folder)                   two seconds of the worker's own llama.cpp on weights of real proportions
propose(offers(), this_machine(speed))  every offer with a verdict in plain words
"""

from models.gallery.fit import Fit, Machine, judge, this_machine
from models.gallery.offers import Offer, offer_named, offers, version
from models.gallery.proposals import Proposal, propose
from models.gallery.speed import Speed, Speeds, measure

__all__ = [
    "Fit", "Machine", "Offer", "Proposal", "Speed", "Speeds", "judge", "measure", "offer_named", "offers", "propose",
    "this_machine", "version",
]  # fmt: skip
