"""The words of time, and text made ready for the rules: small letters, digits for number words, typos put right."""

import re
import unicodedata
from collections.abc import Callable

CHARACTERS_MAX = 200  # longer text is not a time

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon mondays",
            "tuesday tue tues teusday",
            "wednesday wed weds wensday wednsday wednesay",
            "thursday thu thur thurs thrusday thursay",
            "friday fri firday",
            "saturday sat saterday",
            "sunday sun",
        )
    )
    for name in names.split()
}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb febuary",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAY = "(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\.?"
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"

_TO_NINETEEN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TO_TWENTIETH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_CARDINALS = {word: value for value, word in enumerate(_TO_NINETEEN)} | _TENS
_ORDINALS = {word: value for value, word in enumerate(_TO_TWENTIETH, 1)} | {"thirtieth": 30}
_TYPOS = {
    "tomorrow": "tmrw tmr tmw tmro tomorow tommorow tommorrow tomorrw tomorro 2moro 2morrow tomoz",
    "tonight": "tonite 2nite tonigth",
    "today": "tody todya 2day",
    "week": "wk weeek",
    "weekend": "wknd weekened",
    "afternoon": "afternon arvo",
    "o'clock": "oclock o'clok",
    "minutes": "minuts mintues minuets",
    "noon": "noonish midday mid-day",
    "christmas": "xmas x-mas chrismas",
    "end of business": "cob eob",
    "end of day": "eod",
    "end of week": "eow",
    "end of month": "eom",
}
_RIGHT = {typo: word for word, typos in _TYPOS.items() for typo in typos.split()}


def ready(text: str) -> str:
    """`text` for the rules; "" when it is too long to be a time."""
    if len(text) > CHARACTERS_MAX:
        return ""
    said = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("–", "-").replace("—", "-")
    said = re.sub(r"(?<=\d)t(?=\d\d:)", " ", said)
    said = re.sub(r"\bo'? ?clock\b", "o'clock", said.replace("@", " at "))
    said = re.sub(r"(?<!\d)[,;]|[,;](?!\d)|[!?()\"]", " ", said)
    said = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", said)
    said = re.sub(r"[^\s]+", lambda word: _RIGHT.get(word.group(), word.group()), said)
    said = re.sub(r"\s+", " ", digits(said)).strip()
    return (
        said if re.search(r"\b\d{1,2}\.\d{1,2}\.$", said) else said.strip(" .")
    )  # the point of "8.12." makes it a date


def digits(said: str) -> str:
    """Number words as digits: "twenty-five" is 25, "third" is 3rd. A "second" after a number is a length of time."""
    said = _joined(said, _TO_NINETEEN[1:10], _CARDINALS, str)
    said = _joined(said, _TO_TWENTIETH[:9], _ORDINALS, ordinal)
    said = re.sub(rf"\b({'|'.join(_CARDINALS)})\b", lambda m: str(_CARDINALS[m[1]]), said)
    return re.sub(rf"(?<!\ba )(?<!\d )\b({'|'.join(_ORDINALS)})\b", lambda m: ordinal(_ORDINALS[m[1]]), said)


def _joined(said: str, ones: tuple[str, ...], values: dict[str, int], shown: Callable[[int], str]) -> str:
    """ "thirty-first", "twenty five" """
    pattern = rf"\b({'|'.join(_TENS)})[- ]({'|'.join(ones)})\b"
    return re.sub(pattern, lambda m: shown(_TENS[m[1]] + values[m[2]]), said)


def ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
