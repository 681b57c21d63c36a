"""units.convert: what people call units."""

from fractions import Fraction
from typing import Any

import pytest

from agent.tools.quantities import number
from agent.tools.unit_names import KINDS, NAMES
from agent.tools.unit_names_abroad import NAMES as ABROAD
from agent.tools.units import _plain, _unit
from models.distill.slots import SLOTS

CONVERSIONS = [
    ("12", "miles", "km", "19.312128"),
    ("72", "inches", "metres", "1.8288"),
    ("4.2", "lightyears", "parsecs", "1.28772585"),
    ("2", "cups", "ml", "473.176473"),
    ("100", "F", "C", "37.7777778"),
    ("0", "celsius", "fahrenheit", "32"),
    ("30", "degrees", "fahrenheit", "86"),
    ("-40", "°C", "°F", "-40"),
    ("20", "degrees celsius", "kelvin", "293.15"),
    ("11", "stone", "kg", "69.853225"),
    ("60", "mph", "km/h", "96.56064"),
    ("5'11\"", "feet", "cm", "180.34"),
    ("5 feet 11 inches", "feet and inches", "cm", "180.34"),
    ("180", "cm", "feet and inches", "5 ft 10.9 in"),
    ("30", "mpg", "l/100km", "7.84048611"),
    ("8", "oz", "ml", "236.588236"),
    ("8", "ounces", "grams", "226.796185"),
    ("2 1/2", "cups", "ml", "591.470591"),
    ("two and a half", "hours", "minutes", "150"),
    ("half a", "cup", "ml", "118.294118"),
    ("a dozen", "inches", "cm", "30.48"),
    ("1,250", "grams", "kg", "1.25"),
    ("1.250,5", "g", "kg", "1.2505"),
    ("90", "degrees", "radians", "1.57079633"),
    ("1", "gb", "mb", "1000"),
    ("1", "square metres", "square feet", "10.7639104"),
    ("3", "kilometre", "miles", "1.86411358"),
    ("2", "bushels", "litres", "70.4781403"),
    ("1", "week", "hours", "168"),
]

ABROAD_CONVERSIONS = [
    ("12", "Meilen", "Kilometer", "19.312128"),
    ("72", "Zoll", "Meter", "1.8288"),
    ("6", "Fuß", "cm", "182.88"),
    ("2,5", "Pfund", "Gramm", "1133.98093"),
    ("1.250", "Gramm", "kg", "1.25"),
    ("30", "Grad", "Fahrenheit", "86"),
    ("100", "Grad Fahrenheit", "Grad Celsius", "37.7777778"),
    ("anderthalb", "Stunden", "Minuten", "90"),
    ("3", "Esslöffel", "ml", "44.3602943"),
    ("100", "PS", "kW", "73.549875"),
    ("12", "millas", "kilómetros", "19.312128"),
    ("dos y media", "horas", "minutos", "150"),
    ("8", "onzas líquidas", "ml", "236.588236"),
    ("20", "ºC", "grados Fahrenheit", "68"),
    ("6", "pies", "pulgadas", "72"),
    ("180", "cm", "pies y pulgadas", "5 ft 10.9 in"),
    ("1,5", "tazas", "de cucharadas", "24"),
    ("12", "milles", "km", "19.312128"),
    ("trois quarts", "livres", "grammes", "340.194278"),
    ("2", "cuillères à soupe", "cuillères à café", "6"),
    ("2", "cuilleres a soupe", "millilitres", "29.5735296"),
    ("5", "Go", "Mo", "5000"),
    ("90", "degrés", "radians", "1.57079633"),
    ("4", "heures", "secondes", "14400"),
    ("16", "d'onces", "livres", "1"),
    ("5 Fuß 11", "Fuß", "cm", "180.34"),
]


@pytest.mark.parametrize(("value", "source", "target", "result"), ABROAD_CONVERSIONS)
def test_units_in_other_languages(workshop: Any, value: str, source: str, target: str, result: str) -> None:
    facts = workshop.done("units.convert", {"value": value, "from": source, "to": target}).facts
    assert facts["result"] == result


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
@pytest.mark.parametrize("name", ["unit", "unitshort"])
def test_every_unit_that_the_starter_learns_from_is_known(language: str, name: str) -> None:
    lines = (SLOTS / language / f"{name}.txt").read_text("utf-8").splitlines()
    assert len(lines) > 20
    assert [line for line in lines if line and not line.startswith("# ") and _unit(_plain(line)) is None] == []


@pytest.mark.parametrize(("value", "source", "target", "result"), CONVERSIONS)
def test_conversion(workshop: Any, value: str, source: str, target: str, result: str) -> None:
    facts = workshop.done("units.convert", {"value": value, "from": source, "to": target}).facts
    assert facts["result"] == result


def test_an_unknown_unit_names_what_comes_close(workshop: Any) -> None:
    asked = workshop.asks("units.convert", {"value": "3", "from": "kilometrs", "to": "miles"})
    assert (asked.ask, asked.facts) == ("unit", {"unit": "kilometrs", "why": "unknown"})
    assert "kilometres" in asked.choices


def test_units_of_two_kinds_offer_those_of_the_first(workshop: Any) -> None:
    asked = workshop.asks("units.convert", {"value": "3", "from": "kg", "to": "celsius"})
    assert asked.facts["why"] == "other kind"
    assert "pounds" in asked.choices


@pytest.mark.parametrize("unit", ["__import__('os')", "m**99999999", "m" * 500, "()", "2", "m; m", "meter/0", "%s"])
def test_text_that_is_no_unit_stays_text(workshop: Any, unit: str) -> None:
    assert workshop.asks("units.convert", {"value": "1", "from": "metre", "to": unit}).facts["unit"] == unit


def test_a_value_that_is_no_number(workshop: Any) -> None:
    assert (
        workshop.asks("units.convert", {"value": "some", "from": "m", "to": "km"}).facts["why"] == "that is no number"
    )


def test_every_name_is_a_unit() -> None:
    abroad = {name: english for name, english in ABROAD.items() if english != "feet_and_inches"}
    assert [name for name, english in abroad.items() if _unit(english) is None or name != name.casefold()] == []
    assert [name for name in NAMES if _unit(name) is None] == []
    assert [name for kind in KINDS for name in kind if name not in NAMES] == []


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("12", 12), ("-3.5", -3.5), ("½", 0.5), ("2½", 2.5), ("1/4", 0.25), ("1,250.5", 1250.5), ("1.250,5", 1250.5),
        ("2,5", 2.5), ("two hundred", 200), ("3 million", 3_000_000), ("twenty five", 25), ("minus ten", -10),
        ("1e3", 1000), ("5k", 5000), ("three quarters", None), ("", None), ("1/0", None), ("1e999", None), ("x", None),
        ("12 monkeys", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(said: str, value: float | None) -> None:
    assert number(said) == (None if value is None else Fraction(str(value)))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("anderthalb", 1.5), ("eine halbe", 0.5), ("ein", 1), ("zwei hundert", 200), ("drei viertel", 0.75),
        ("einundzwanzig", 21), ("siebeneinhalb", 7.5), ("dos y media", 2.5), ("media docena", 6), ("menos tres", -3),
        ("mil doscientos", 1200), ("un demi", 0.5), ("trois quarts", 0.75), ("quatre-vingts", 80), ("1.250", 1250),
        ("1,250", 1.25), ("zwei und drei", None), ("Banane", None),
    ],
)  # fmt: skip
def test_numbers_where_the_comma_is_decimal(said: str, value: float | None) -> None:
    assert number(said, comma=True) == (None if value is None else Fraction(str(value)))
