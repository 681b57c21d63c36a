"""Numbers as people write them before a unit: "12", "2 1/2", "two and a half", "1.250,50", "anderthalb"."""

import re
from fractions import Fraction

from agent.times.foreign import without_accents
from agent.times.words import digits
from models.starter import numerals

CHARACTERS_MAX = 60
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
_LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12, "k": 1_000}
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,2})?")
_MIXED = re.compile(r"([-+]?)(?:(\d+)(?:\s+and)?\s+)?(\d+)/(\d+)")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+")
_WORDS_ABROAD = (
    ("(?:(?:eine?[nrm]?|une?|una) )?(?:halb(?:e[nrs]?)?|medi[oa]|demie?)", "1/2"),
    ("dreiviertel", "3/4"),
    (r"(?:(\d+|eine?|un) )?(?:viertel|quarts?|cuartos?)", r"\1/4"),
    (r"^(?:eine?|une?)/4$", "1/4"),
    ("dutzend|docenas?|douzaines?", "dozen"),
    ("(?:und|y|et)", "and"),
    ("eine?[nrms]?|una?|une", "1"),
)


def number(said: str, *, comma: bool = False) -> Fraction | None:
    """The number that the whole text says, or None. `comma`: the decimal sign, so that 1.250 is a thousand and more."""
    text = said.strip().casefold()
    if not text or len(text) > CHARACTERS_MAX:
        return None
    for sign, plain in _FRACTIONS.items():
        text = text.replace(sign, f" {plain}")
    text = re.sub(r"^(?:minus|negative)\s+|^−", "-", text).strip()
    if comma and _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    elif comma:
        text = re.sub(r"(?<=\d),(?=\d+$)", ".", text)
    english = _times_large(_english(text))
    return _abroad(text) if english is None else english


def _english(text: str) -> str:
    text = re.sub(r"(?<=[a-z]) an?(?: of)?$", "", text)  # "half a" cup
    text = re.sub(r"^an?$", "1", text)
    text = re.sub(r"\b(?:a |an )?half$", "1/2", digits(text))
    return re.sub(r"\b(?:a |an )?quarter$", "1/4", text)


def _abroad(text: str) -> Fraction | None:
    """What German, Spanish or French makes of it: "anderthalb", "dos y media", "trois quarts"."""
    plain = re.sub(r"^(?:menos|moins) ", "-", without_accents(text).replace("-", " ").strip())
    for language in numerals.LANGUAGES:
        words = numerals.LANGUAGES[language](plain)
        for pattern, digit in _WORDS_ABROAD:
            words = re.sub(rf"\b(?:{pattern})\b", digit, words)
        found = _times_large(words)
        if found is not None:
            return found
    return None


def _times_large(text: str) -> Fraction | None:
    match = re.fullmatch(rf"(.*?)\s*(?<![a-z])(?:a\s+)?({'|'.join(_LARGE)})", text)
    if not match:
        return _read(text)
    before = match[1].strip()
    many = Fraction(1) if before in ("", "a", "an") else _times_large(before)
    return None if many is None else many * _LARGE[match[2]]


def _read(text: str) -> Fraction | None:
    if mixed := _MIXED.fullmatch(text):
        sign, whole, above, below = mixed.groups()
        value = Fraction(int(whole or 0)) + Fraction(int(above), int(below)) if int(below) else None
        return -value if value is not None and sign == "-" else value
    plain = _separators(text)
    return Fraction(plain) if _PLAIN.fullmatch(plain) else None


def _separators(text: str) -> str:
    """Thousands out, decimals behind a point: 1,250.5 and 1.250,5 and 2,5."""
    text = re.sub(r"(?<=\d)['’_ ](?=\d{3}(?!\d))", "", text)
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", text) else text
