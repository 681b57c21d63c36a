"""Number words of German, Spanish and French as digits."""

from __future__ import annotations

import pytest

from models.starter.numerals import LANGUAGES

NUMBERS = [
    ("de", "einundzwanzig", "21"),
    ("de", "zweitausenddreihundertfuenfundvierzig", "2345"),
    ("de", "zwolf", "12"),
    ("de", "hunderteins", "101"),
    ("de", "eine million zweihunderttausend", "1200000"),
    ("de", "siebeneinhalb", "7.5"),
    ("de", "anderthalb", "1.5"),
    ("de", "3 millionen", "3000000"),
    ("es", "veintidos", "22"),
    ("es", "treinta y seis", "36"),
    ("es", "mil doscientos", "1200"),
    ("es", "ciento veinte", "120"),
    ("es", "un millon doscientos mil treinta y cinco", "1200035"),
    ("fr", "quatre-vingt-dix-sept", "97"),
    ("fr", "quatre vingts", "80"),
    ("fr", "soixante et onze", "71"),
    ("fr", "septante-cinq", "75"),
    ("fr", "mille neuf cent nonante-neuf", "1999"),
    ("fr", "trois cent vingt et un mille", "321000"),
    ("fr", "cent mille", "100000"),
]


@pytest.mark.parametrize(("language", "words", "number"), NUMBERS)
def test_a_number_word_becomes_digits(language: str, words: str, number: str):
    assert LANGUAGES[language](words) == number


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("de", "ein euro und sieben morgen", "ein euro und 7 morgen"),
        ("es", "un tercio de dos y tres cuartos", "un tercio de 2 y 3 cuartos"),
        ("fr", "une demi-heure, vingt-cinq minutes, le week-end", "une demi-heure, 25 minutes, le week-end"),
        ("fr", "cinq et dix", "5 et 10"),
        ("es", "treinta y tres y cuatro", "33 y 4"),
    ],
)
def test_articles_and_other_words_stay(language: str, said: str, read: str):
    assert LANGUAGES[language](said) == read
