"""The tables of words, one a language, in the order in which they are asked; French twice: clocks, then lengths."""

from agent.times.french import FRENCH, FRENCH_LENGTHS
from agent.times.german import GERMAN
from agent.times.spanish import SPANISH

TABLES = (("de", GERMAN), ("es", SPANISH), ("fr", FRENCH), ("fr", FRENCH_LENGTHS))
