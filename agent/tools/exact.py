"""Numbers that know whether they are exact: fractions, so that 0.1 + 0.2 is 0.3 and 1/3*3 is 1."""

import math
from dataclasses import dataclass
from fractions import Fraction

BITS_MAX = 8_192  # of a numerator or denominator: about 2,400 digits
PLACES = 12  # significant digits of what is not exact
WHOLE_DIGITS_MAX = 400  # longer whole numbers are shown in short
DECIMALS_MAX = 30


class TooLargeError(ArithmeticError):
    """The result has more digits than Carryon calculates with."""


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction
    exact: bool = True

    @classmethod
    def of_float(cls, value: float) -> "Number":
        if not math.isfinite(value):
            raise TooLargeError("is not a finite number")
        return cls(Fraction(value), exact=False)


def bounded(number: Number) -> Number:
    value = number.value
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS_MAX:
        if number.exact:
            raise TooLargeError("has too many digits")
        return Number(value.limit_denominator(10**60), exact=False)
    return number


def power(base: Number, exponent: Number) -> Number:
    """Exact for whole exponents, by real numbers otherwise. Bounded before it is calculated."""
    raised = exponent.value
    if base.value == 0 and raised < 0:
        raise ZeroDivisionError
    if raised.denominator == 1:
        bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
        if abs(raised) * bits > BITS_MAX and abs(base.value) != 1 and base.value != 0:
            raise TooLargeError("has too many digits")
        return Number(base.value ** int(raised), base.exact and exponent.exact)
    if base.value < 0:
        raise ValueError("a root of a negative number is no real number")
    if raised == Fraction(1, 2):
        return root(base)
    return _tidied(base, exponent)


def _tidied(base: Number, exponent: Number) -> Number:
    """27 ** (1/3) is 3: a root that turns out whole is exact."""
    result = float(base.value) ** float(exponent.value)
    nearest = Fraction(round(result)) if abs(result) < 1e15 else None
    whole = nearest is not None and exponent.exact and exponent.value.denominator <= 64
    if whole and nearest is not None and nearest**exponent.value.denominator == base.value**exponent.value.numerator:
        return Number(nearest, base.exact)
    return Number.of_float(result)


def root(number: Number) -> Number:
    """The square root; exact where it is rational."""
    value = number.value
    if value < 0:
        raise ValueError("a root of a negative number is no real number")
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if above * above == value.numerator and below * below == value.denominator:
        return Number(Fraction(above, below), number.exact)
    scale = 10**40
    return Number(Fraction(math.isqrt(value.numerator * scale * scale // value.denominator), scale), exact=False)


def shown(number: Number) -> tuple[str, bool]:
    """The number as text, and whether the text says all of it."""
    value = number.value
    if value.denominator == 1 and number.exact:
        digits = str(value.numerator)
        return (digits, True) if len(digits) <= WHOLE_DIGITS_MAX else (_scientific(value), False)
    decimals = _decimals(value.denominator) if number.exact else None
    if decimals is not None and decimals <= DECIMALS_MAX and abs(value) < 10**WHOLE_DIGITS_MAX:
        scaled = abs(value.numerator) * 10**decimals // value.denominator
        whole, part = divmod(scaled, 10**decimals)
        return f"{'-' if value < 0 else ''}{whole}.{part:0{decimals}d}", True
    return _rounded(value), False


def _decimals(denominator: int) -> int | None:
    """How many decimals write it out; None when it never ends."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _rounded(value: Fraction) -> str:
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 10**15 or size < Fraction(1, 10**9):
        return _scientific(value)
    text = f"{float(value):.{PLACES}g}"
    return text if "e" not in text else f"{float(value):.9f}".rstrip("0").rstrip(".")


def _scientific(value: Fraction) -> str:
    """Twelve digits and a power of ten, also past the range of floats."""
    exponent = _exponent(abs(value))
    scaled = value / Fraction(10) ** exponent
    return f"{float(scaled):.{PLACES - 1}f}".rstrip("0").rstrip(".") + f"e{exponent:+d}"


def _exponent(size: Fraction) -> int:
    guess = round((size.numerator.bit_length() - size.denominator.bit_length()) * math.log10(2))
    while Fraction(10) ** guess > size:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= size:
        guess += 1
    return guess
