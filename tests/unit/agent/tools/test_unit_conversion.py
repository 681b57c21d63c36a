"""units.convert: what people call units."""

from fractions import Fraction
from typing import Any

import pytest

from agent.tools.quantities import number
from agent.tools.unit_names import KINDS, NAMES
from agent.tools.units import _unit

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
