"""The times that the starter learns to cut out of German, Spanish and French requests are times to the parser too.

Said without a definite time (later, every Monday, before the meeting), they must be none: a guess would ring at the
wrong hour.
"""

import random
import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.times import duration, resolve, resolve_range
from models.distill.slots import SLOTS, kinds
from models.distill.wording import fill

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SHARE_MIN = 0.97
RENDERINGS = 3
VAGUE = re.compile(
    r"jede[nrs] |täglich|(?:tag|woch|Sonnabend)s um|später|(?:nach|vor) der Schule|nach dem Essen"
    r"|Feiertag|ganzen Vormittag"
    r"|(?:vo[nm]) .* bis (?:\w+tag|Mittwoch|\w+abend|\d+\. \w+)$"
    r"|\brato$|ratito|más tarde|luego|cumpleaños|reunión|de madrugada$|toda la mañana"
    r"|plus tard|tout à l'heure|tantôt|un moment|pas longtemps|l'école|rentrée|vacances|récré|la pause$|Tabaski"
    r"|fête des Mères|toute la matinée"
)
IMPOSSIBLE = re.compile(r"^(?:le )?(?:3[01][ /](?:f[ée]vrier|02)|31[ /](?:0[469]|11|avril|juin|septembre|novembre))")


def said(language: str, name: str) -> list[str]:
    table, rng = kinds(language), random.Random(f"{language} {name}")
    lines = (SLOTS / language / f"{name}.txt").read_text("utf-8").splitlines()
    values = (line.rpartition("^")[2] for line in lines if line and not line.startswith("# "))
    return [fill(value, table, rng).strip() for value in values for _ in range(RENDERINGS)]


def parser(language: str, name: str) -> Callable[[str], object]:
    if name == "duration":
        return duration
    return lambda text: (resolve_range if name == "period" else resolve)(text, NOW, language)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@pytest.mark.parametrize("name", ["when", "slot", "period", "day", "clock", "duration"])
def test_the_parser_understands_what_the_starter_learns(language: str, name: str) -> None:
    pytest.importorskip("faker")
    understand, texts = parser(language, name), said(language, name)
    definite = [text for text in texts if not VAGUE.search(text) and not IMPOSSIBLE.search(text)]
    missed = [text for text in definite if understand(text) is None]
    assert len(definite) > 25
    assert 1 - len(missed) / len(definite) >= SHARE_MIN, missed


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@pytest.mark.parametrize("name", ["when", "slot"])
def test_what_says_no_definite_time_is_none(language: str, name: str) -> None:
    pytest.importorskip("faker")
    vague = [text for text in said(language, name) if VAGUE.search(text)]
    assert [text for text in vague if resolve(text, NOW, language) is not None] == []
