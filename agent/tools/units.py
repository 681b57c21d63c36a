"""units.convert: pint does the converting, here is what people call units and how the result is written.

Degrees mean what the other side is: beside fahrenheit they are celsius, beside radians an angle. Ounces beside a volume
are fluid ounces. Fuel use converts between distance per volume and volume per distance.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Any

from agent.times.foreign import without_accents
from agent.tools.context import ToolContext
from agent.tools.quantities import number
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.unit_names import KINDS, NAMES
from agent.tools.unit_names_abroad import DEFINITIONS
from agent.tools.unit_names_abroad import NAMES as ABROAD
from models.starter import numerals

DIGITS = 9  # of a result
UNIT_CHARACTERS_MAX = 40
_SAFE = re.compile(r"[^\W\d_](?:[^\W\d]|[°%./ -])*(?:(?:\^|\*\*)?[23])?")
_FEET_AND_INCHES = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:'|′|ft|feet|foot|fu(?:ß|ss)|pies|pieds)\s*(?:(?:and|und|y|et)\s+)?"
    r"(\d+(?:\.\d+)?)\s*(?:\"|″|''|in|inches|inch|zoll|pulgadas|pouces)?",
    re.IGNORECASE,
)
_LINKS = re.compile(r"^(?:de|en|a|la|las|los|le|les|der|die|den)_|^[dl]'")  # the word before a unit in those languages
_BOTH = {"feet_and_inches", "foot_and_inches", "ft_and_in", "feet_inches"}


def convert(args: Mapping[str, str], context: ToolContext) -> Result:
    source, target = _plain(args["from"]), _plain(args["to"])
    value, source = _amount(args["value"], source, comma=_has_decimal_comma(args["from"], context))
    if value is None:
        return NeedsClarification("expression", {"expression": args["value"], "why": "that is no number"})
    source, target = _in_view_of(source, target), _in_view_of(target, source)
    for said, name in ((args["from"], source), (args["to"], target)):
        if _unit("foot" if name in _BOTH else name) is None:
            return NeedsClarification("unit", {"unit": said, "why": "unknown"}, _close(said))
    result = _converted(value, source, "foot" if target in _BOTH else target)
    if result is None:
        return NeedsClarification("unit", {"unit": args["to"], "why": "other kind"}, _of_kind(source))
    text, exact = (_feet_and_inches(result), False) if target in _BOTH else written(result)
    return Done({"value": args["value"], "from": args["from"], "to": args["to"], "result": text, "exact": exact})


def _plain(said: str) -> str:
    """The unit's name as the table has it: small letters, one underscore between words."""
    name = re.sub(r"\s+", "_", said.strip().rstrip(".?!").casefold())
    name = re.sub(r"^(?:the|a|an|of|in)_", "", name)
    return name if name in NAMES else _from_abroad(name) or name


def _from_abroad(name: str) -> str | None:
    plain = without_accents(name.replace("’", "'"))
    return ABROAD.get(plain) or ABROAD.get(_LINKS.sub("", plain))


def _has_decimal_comma(unit: str, context: ToolContext) -> bool:
    """Whether 1.250 is a thousand and more: the user's language says so, or the unit's name, when it is not English."""
    name = re.sub(r"\s+", "_", unit.strip().casefold())
    return context.settings.language[:2] in numerals.LANGUAGES or (name not in NAMES and name in ABROAD)


def _amount(said: str, source: str, *, comma: bool) -> tuple[Fraction | None, str]:
    """5'11" is 71 inches, whatever was said to be the unit."""
    if both := _FEET_AND_INCHES.fullmatch(said.strip()):
        return Fraction(both[1]) * 12 + Fraction(both[2]), "inch"
    return number(said, comma=comma), "foot" if source in _BOTH else source


def _in_view_of(name: str, other: str) -> str:
    """What a name with two meanings means beside the other unit."""
    temperature = {"degC": "degF", "degF": "degC", "kelvin": "degC"}
    if NAMES.get(name) == "degree" and NAMES.get(other, other) in temperature:
        return temperature[NAMES.get(other, other)]
    beside = _unit(other)
    if NAMES.get(name) == "ounce" and beside is not None and dict(beside.dimensionality) == {"[length]": 3}:
        return "fluid_ounce"
    return name


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    for definition in ("liter_per_100_kilometers = liter / (100 * kilometer)", *DEFINITIONS):
        registry.define(definition)
    return registry


def _unit(name: str) -> Any:
    """The library's unit, or None."""
    import pint

    known = NAMES.get(name)
    if known is None and (len(name) > UNIT_CHARACTERS_MAX or not _SAFE.fullmatch(name)):
        return None
    for candidate in (known,) if known else (name, name.removesuffix("s"), name.removesuffix("es")):
        try:
            return _registry().parse_units(candidate)
        except (pint.errors.PintError, AttributeError, ValueError, TypeError, KeyError, RecursionError):
            continue  # the next spelling; none at all is answered with a question
    return None


def _converted(value: Fraction, source: str, target: str) -> float | None:
    """None when the two are not of one kind."""
    import pint

    amount = _registry().Quantity(float(value), _unit(source))
    for quantity in (amount, 1 / amount) if value else (amount,):
        try:
            return float(quantity.to(_unit(target)).magnitude)
        except pint.errors.PintError:
            continue  # miles per gallon and litres per 100 km are each other's inverse
    return None


def written(value: float) -> tuple[str, bool]:
    """The number as text, and whether it says all of it."""
    text = f"{value:.{DIGITS}g}"
    exact = abs(float(text) - value) <= 1e-12 * abs(value)
    if "e" in text and 1e-6 <= abs(value) < 1e15:
        text = f"{value:.0f}" if abs(value) >= 1 else f"{value:.12f}".rstrip("0").rstrip(".")
    return text, exact


def _feet_and_inches(feet: float) -> str:
    whole, inches = divmod(round(abs(feet) * 12, 1), 12)
    return f"{'-' if feet < 0 else ''}{whole:g} ft {round(inches, 1):g} in"


def _close(said: str) -> tuple[str, ...]:
    known = {name for kind in KINDS for name in kind} | {name for name in NAMES if len(name) > 3}
    return tuple(name.replace("_", " ") for name in get_close_matches(_plain(said), sorted(known), n=3, cutoff=0.6))


def _of_kind(source: str) -> tuple[str, ...]:
    """Everyday units of the kind that `source` is."""
    wanted = _unit(source).dimensionality
    kind = next((kind for kind in KINDS if _unit(kind[0]).dimensionality == wanted), ())
    return tuple(name.replace("_", " ") for name in kind if NAMES.get(name) != NAMES.get(source))[:5]
