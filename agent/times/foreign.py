"""Other languages: everyday German, Spanish and French word by word into what the rules know; any other language
through dateparser, whose answer counts only when it accounts for every number that was said.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from agent.times.foreign_words import TABLES
from agent.times.replacements import Replacement
from agent.times.words import CHARACTERS_MAX

_GERMAN_DAY = re.compile(r"\d{1,2}\.")
_STEPS = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1))


def in_english(text: str, language: str) -> Iterator[str]:
    """The text by each table of words, the user's own language first; words that no table knows stay."""
    if len(text) > CHARACTERS_MAX:
        return
    plain = without_accents(text.casefold().replace("’", "'"))
    own = language.partition("-")[0]
    for number in sorted(range(len(TABLES)), key=lambda number: TABLES[number][0] != own):
        said = plain
        for pattern, english in _compiled(number):
            said = pattern.sub(english, said)
        if said != plain:
            yield said


def own_first(text: str, language: str) -> bool:
    """Whether the language's own table comes before English: "15." is a day to Germans, three o'clock to others."""
    return language.startswith("de") and _GERMAN_DAY.fullmatch(text.strip()) is not None


def by_dateparser(text: str, now: datetime, language: str) -> tuple[datetime, bool] | None:
    """Wall-clock time and whether a time of day was said, for languages without a table; None when unsure."""
    name = language.partition("-")[0]
    if name in ("en", *dict(TABLES)) or len(text) > CHARACTERS_MAX:
        return None
    from dateparser.date import DateDataParser

    here = now.replace(tzinfo=None, second=0, microsecond=0)
    settings = {"RELATIVE_BASE": here, "PREFER_DATES_FROM": "future", "RETURN_TIME_AS_PERIOD": True}
    try:
        found = DateDataParser(languages=[name], settings={**settings, "DATE_ORDER": "DMY"}).get_date_data(text)
    except ValueError:  # a language that dateparser does not know
        return None
    if found.date_obj is None or not _accounts_for(text, found.date_obj, here):
        return None
    return found.date_obj, found.period == "time" or found.date_obj - here < timedelta(hours=23)


def _accounts_for(text: str, found: datetime, here: datetime) -> bool:
    apart = {round((found - here) / step) for step in _STEPS}
    parts = {found.day, found.month, found.year, found.year % 100, found.hour, found.minute, found.hour % 12}
    return all(int(number) in parts | apart for number in re.findall(r"\d+", text))


@cache
def _compiled(number: int) -> tuple[tuple[re.Pattern[str], Replacement], ...]:
    table = TABLES[number][1]
    return tuple((re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), english) for pattern, english in table)


def without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
