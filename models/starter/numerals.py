"""German, Spanish and French number words as digits: "einundzwanzig" is 21, "quatre-vingt-dix-sept" 97.

Text comes in small letters without accents. An article is a number only inside one: "un million", but not "un euro".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_GERMAN_ONES = (
    "null", "ein", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwolf",
    "dreizehn", "vierzehn", "funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
_GERMAN_TENS = ("zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_GERMAN = (
    {word: value for value, word in enumerate(_GERMAN_ONES)}
    | {word: 10 * at for at, word in enumerate(_GERMAN_TENS, 2)}
    | {
        f"{_GERMAN_ONES[one]}und{word}": 10 * at + one
        for at, word in enumerate(_GERMAN_TENS, 2)
        for one in range(1, 10)
    }
    | {"eins": 1, "zwo": 2}
)
_ARTICLES = frozenset(("ein", "un", "una", "une"))
_SPANISH_SMALL = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidos",
    "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
_SPANISH_HUNDREDS = (
    "doscient", "trescient", "cuatrocient", "quinient", "seiscient", "setecient", "ochocient", "novecient",
)  # fmt: skip
SPANISH = (
    {word: value for value, word in enumerate(_SPANISH_SMALL)}
    | {"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21}
    | {"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90}
    | {f"{word}{end}": 100 * at for at, word in enumerate(_SPANISH_HUNDREDS, 2) for end in ("os", "as")}
    | {"cien": 100, "ciento": 100, "mil": 1000, "millon": 1_000_000, "millones": 1_000_000}
)
_FRENCH_SMALL = (
    "zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize",
)  # fmt: skip
_FRENCH = (
    {word: value for value, word in enumerate(_FRENCH_SMALL)}
    | {"une": 1, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70}
    | {"huitante": 80, "octante": 80, "nonante": 90, "cent": 100, "cents": 100, "mille": 1000}
    | {"million": 1_000_000, "millions": 1_000_000}
)
_LARGE = {"tausend": 1000, "mil": 1000, "mille": 1000} | dict.fromkeys(
    ("million", "millionen", "mio", "millon", "millones", "millions"), 1_000_000
)
_SIZED = re.compile(rf"\b(\d+(?:\.\d+)?) ?({'|'.join(sorted(_LARGE, key=len, reverse=True))})\b")


@dataclass(slots=True)
class _Numeral:
    """A number being read word by word; `total` holds what stands before "thousand", `group` what came after it."""

    words: str
    total: int = 0
    group: int = 0

    def takes(self, value: int, joined: bool) -> bool:
        """Whether one more word still belongs to the number; `joined`: by "and"."""
        tail = self.group % 100
        tens = tail >= 20 and tail % 10 == 0
        if joined:
            return tens and (value < 10 or (tail, value) == (60, 11))
        if value >= 1000:
            return self.total == 0 < self.group if value > 1000 else self.total % 1_000_000 == 0
        if value >= 100:
            return self.group < 10 if value == 100 else self.group == 0
        dix_sept = tail == 10 and 7 <= value < 10
        return tail == 0 or dix_sept or (tens and (value < 10 or (tail in (60, 80) and value < 20)))

    def add(self, word: str, value: int) -> None:
        self.words += word
        if value >= 1000:
            self.total, self.group = self.total + max(self.group, 1) * value, 0
        elif value == 100:
            self.group = max(self.group, 1) * 100
        else:
            self.group += value

    def shown(self) -> str:
        return self.words if self.words in _ARTICLES else str(self.total + self.group)


def german(text: str) -> str:
    plain = re.sub(r"(?<=[fz])ue(?=nf)|(?<=zw)oe(?=lf)", lambda m: m[0][0], text)
    plain = re.sub(rf"\b({'|'.join(_GERMAN_ONES[1:])}) (?=hundert|tausend)", r"\1", plain)
    said = re.sub(r"[a-z]+", lambda match: _german_word(match[0]), plain)
    said = re.sub(r"\beine? (?=million)", "1 ", said)
    return re.sub(r"\b(\d+000000) (\d{1,6})\b", lambda m: str(int(m[1]) + int(m[2])), _sized(said))


def _german_word(word: str) -> str:
    """ "siebeneinhalb" is 7.5; a word that is no number stays."""
    if word in ("anderthalb", "eineinhalb"):
        return "1.5"
    whole = word.removesuffix("einhalb")
    value = None if word in _ARTICLES else _german_value(whole)
    return word if value is None or not whole else f"{value}.5" if whole != word else str(value)


def _german_value(word: str) -> int | None:
    for name, size in (("tausend", 1000), ("hundert", 100)):
        before, found, after = word.partition(name)
        if found:
            many = _german_value(before) if before else 1
            rest = _german_value(after.removeprefix("und")) if after else 0
            return many * size + rest if many is not None and rest is not None and rest < size else None
    return _GERMAN.get(word)


def spanish(text: str) -> str:
    return _sized(_read(text, SPANISH, "y"))


def french(text: str) -> str:
    return _sized(_read(re.sub(r"\bquatre[- ]vingts?\b", "octante", text), _FRENCH, "et"))


def _sized(said: str) -> str:
    """ "3 million", "2 mil" """
    return _SIZED.sub(lambda m: f"{float(m[1]) * _LARGE[m[2]]:.10g}", said)


def _read(text: str, table: dict[str, int], joint: str) -> str:
    out: list[str] = []
    numeral: _Numeral | None = None
    gap = ""  # what stands between the number's last word and this one
    for piece in re.findall(r"[a-z]+|[^a-z]+", text):
        value = table.get(piece)
        if numeral and (piece in (" ", "-") or (piece == joint and gap in (" ", "-"))):
            gap += piece
            continue
        if numeral and value is not None and gap and numeral.takes(value, joined=joint in gap):
            numeral.add(piece, value)
            gap = ""
            continue
        if numeral:
            out.extend((numeral.shown(), gap))
        numeral, gap = (_Numeral("") if value is not None else None), ""
        if numeral and value is not None:
            numeral.add(piece, value)
        else:
            out.append(piece)
    return "".join([*out, numeral.shown() if numeral else "", gap])


LANGUAGES: dict[str, Callable[[str], str]] = {"de": german, "es": spanish, "fr": french}
