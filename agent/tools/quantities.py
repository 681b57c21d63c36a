"""Numbers as people write them before a unit: "12", "2 1/2", "two and a half", "1.250,50", "5'11"." """

import re
from fractions import Fraction

from agent.times.words import digits

CHARACTERS_MAX = 60
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
_LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12, "k": 1_000}
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,2})?")
_MIXED = re.compile(r"([-+]?)(?:(\d+)(?:\s+and)?\s+)?(\d+)/(\d+)")


def number(said: str) -> Fraction | None:
    """The number that the whole text says, or None."""
    text = said.strip().casefold()
    if not text or len(text) > CHARACTERS_MAX:
        return None
    for sign, plain in _FRACTIONS.items():
        text = text.replace(sign, f" {plain}")
    text = re.sub(r"^(?:minus|negative)\s+|^−", "-", text).strip()
    text = re.sub(r"(?<=[a-z]) an?(?: of)?$", "", text)  # "half a" cup
    text = re.sub(r"\b(?:a |an )?half$", "1/2", digits(text))
    text = re.sub(r"\b(?:a |an )?quarter$", "1/4", text)
    return _times_large(text)


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
