"""calc.evaluate: reads an expression as a syntax tree and walks it by a list of what is allowed. Nothing is run.

Exact where that is possible (exact.py); functions of real numbers go through floats and say so.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from agent.tools.context import ToolContext
from agent.tools.exact import Number, TooLargeError, bounded, power, root, shown
from agent.tools.results import Done, NeedsClarification, Result

DEPTH_MAX = 60
NODES_MAX = 400
FACTORIAL_MAX = 500
DIGITS_MAX = 60  # of a number as typed
ALMOST = 1e-15  # sin(pi) is 0, whatever floats make of it


class NotArithmeticError(ValueError):
    """The text is not an expression that Carryon calculates."""


def evaluate(args: Mapping[str, str], context: ToolContext) -> Result:
    said = args["expression"]
    try:
        text, exact = shown(calculate(said))
    except ZeroDivisionError:
        return _unclear(said, "a division by zero has no result")
    except (ArithmeticError, ValueError) as error:
        return _unclear(said, str(error))
    return Done({"expression": said, "value": text, "exact": exact})


def _unclear(said: str, why: str) -> NeedsClarification:
    return NeedsClarification("expression", {"expression": said, "why": why})


def calculate(said: str) -> Number:
    """The value of an expression in symbols, or as people say it. Raises ValueError or ArithmeticError that say why."""
    try:
        return _walked(symbols(said))
    except NotArithmeticError:
        from models.starter.arithmetic import to_symbols

        spoken = to_symbols(said)
        if spoken.strip() == said.strip() or not _WORD.search(said):
            raise
        return _walked(symbols(spoken))


_SYMBOLS: tuple[tuple[str, str], ...] = (
    (r"\s*(?:=|\?)+\s*\??$", ""),
    (r"(?<=\d)[_'’](?=\d)", ""),
    (r"[×✕·∙]", "*"),
    (r"[÷∶]", "/"),
    (r"[−–—]", "-"),
    (r"\^", "**"),
    (r"²", "**2"),
    (r"³", "**3"),
    (r"√\s*(\d+(?:\.\d+)?)", r"sqrt(\1)"),
    (r"√", "sqrt"),
    (r"π", "pi"),
    (r"(?<=[\d)])\s*[xX]\s*(?=[\d(])", "*"),
    (r"(?<=\d)\s+of\s+(?=\d)|(?<=%)\s*of\s+(?=[\d(])", "*"),
    (r"^(.+?)\s*([-+])\s*(\d+(?:\.\d+)?)\s*%$", r"(\1)*(1\2\3/100)"),  # 100 - 20% is 80, as calculators have it
    (r"(\d+(?:\.\d+)?)\s*%(?=\s*(?:$|[-+*/)]))", r"(\1/100)"),
    (r"(\d+)\s*!(?!=)", r"factorial(\1)"),
    (r"(?<=[\d)])\s*(?=\()", "*"),
    (r"\)\s*(?=\d|[a-z])", ")*"),
    (r"[€$£]\s*(?=\d)", ""),
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_LISTING = re.compile(r"\b(?:min|max|round|log|gcd|lcm|hypot)\b")
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?|\.\d+(?:[eE][-+]?\d{1,3})?")


def symbols(said: str) -> str:
    """Signs of everyday as signs of the syntax; thousands separators go."""
    text = said.strip()
    if not _LISTING.search(text):
        text = re.sub(r"(?<!\d)0,(?=\d)", "0.", text)
        text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
        text = re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", text)  # 2,5 is 2.5
    for pattern, plain in _SYMBOLS:
        text = re.sub(pattern, plain, text)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", text).strip()  # 007 is 7


def _walked(source: str) -> Number:
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotArithmeticError("this does not read as a sum") from error
    if sum(1 for _ in ast.walk(tree)) > NODES_MAX:
        raise NotArithmeticError("the sum has too many parts")
    return _value(tree, source, 0)


def _value(tree: ast.expr, source: str, depth: int) -> Number:
    if depth > DEPTH_MAX:
        raise NotArithmeticError("the sum is nested too deeply")
    match tree:
        case ast.Constant():
            return _number(ast.get_source_segment(source, tree) or "")
        case ast.Name(id=name) if name.lower() in CONSTANTS:
            return CONSTANTS[name.lower()]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            number = _value(inner, source, depth + 1)
            return Number(-number.value, number.exact) if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            sides = (_value(side, source, depth + 1) for side in (left, right))
            return bounded(OPERATORS[type(operator)](*sides))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name.lower() in FUNCTIONS:
            return bounded(_called(name.lower(), [_value(inner, source, depth + 1) for inner in given]))
    raise NotArithmeticError("it holds something that is no number, sign or function")


def _number(text: str) -> Number:
    """As typed, not as a float would have it: 0.1 is one tenth."""
    if not _NUMBER.fullmatch(text) or len(text) > DIGITS_MAX:
        raise NotArithmeticError(f"{text[:DIGITS_MAX]!r} is no number of up to {DIGITS_MAX} digits")
    return bounded(Number(Fraction(text)))


def _called(name: str, given: list[Number]) -> Number:
    function, least, most = FUNCTIONS[name]
    if not least <= len(given) <= most:
        raise NotArithmeticError(f"{name} takes {least if least == most else f'{least} to {most}'} numbers")
    return function(*given)


def _plain(function: Callable[[Fraction, Fraction], Fraction]) -> Callable[[Number, Number], Number]:
    return lambda left, right: Number(function(left.value, right.value), left.exact and right.exact)


def _real(function: Callable[..., float]) -> Callable[..., Number]:
    def on_numbers(*given: Number) -> Number:
        try:
            result = function(*(float(number.value) for number in given))
        except OverflowError as error:
            raise TooLargeError("has too many digits") from error
        except ValueError as error:
            raise ValueError("has no result among the real numbers") from error
        nearest = round(result) if math.isfinite(result) else result
        return Number.of_float(nearest if abs(result - nearest) < ALMOST else result)

    return on_numbers


def _whole(function: Callable[[Fraction], int]) -> Callable[[Number], Number]:
    return lambda number: Number(Fraction(function(number.value)), number.exact)


def _rounded(number: Number, places: Number | None = None) -> Number:
    """Half away from zero, as people do it."""
    digits = max(-20, min(20, int(places.value))) if places else 0
    scaled = abs(number.value) * Fraction(10) ** digits
    nearest = math.floor(scaled + Fraction(1, 2)) / Fraction(10) ** digits
    return Number(-nearest if number.value < 0 else nearest, number.exact)


def _factorial(number: Number) -> Number:
    if number.value.denominator != 1 or not 0 <= number.value <= FACTORIAL_MAX:
        raise ValueError(f"a factorial needs a whole number from 0 to {FACTORIAL_MAX}")
    return Number(Fraction(math.factorial(int(number.value))), number.exact)


def _log(number: Number, base: Number | None = None) -> Number:
    return _real(math.log)(number, base) if base else _real(math.log10)(number)


CONSTANTS = {name: Number.of_float(value) for name, value in (("pi", math.pi), ("e", math.e), ("tau", math.tau))}

OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: _plain(lambda left, right: left + right),
    ast.Sub: _plain(lambda left, right: left - right),
    ast.Mult: _plain(lambda left, right: left * right),
    ast.Div: _plain(lambda left, right: left / right),
    ast.FloorDiv: _plain(lambda left, right: Fraction(left // right)),
    ast.Mod: _plain(lambda left, right: left % right),
    ast.Pow: power,
}

MANY = 50
FUNCTIONS: dict[str, tuple[Callable[..., Number], int, int]] = {
    "sqrt": (root, 1, 1),
    "cbrt": (lambda number: power(number, Number(Fraction(1, 3))), 1, 1),
    "abs": (lambda number: Number(abs(number.value), number.exact), 1, 1),
    "round": (_rounded, 1, 2),
    "floor": (_whole(math.floor), 1, 1),
    "ceil": (_whole(math.ceil), 1, 1),
    "min": (lambda *given: min(given, key=lambda number: number.value), 1, MANY),
    "max": (lambda *given: max(given, key=lambda number: number.value), 1, MANY),
    "factorial": (_factorial, 1, 1),
    "sin": (_real(math.sin), 1, 1),
    "cos": (_real(math.cos), 1, 1),
    "tan": (_real(math.tan), 1, 1),
    "asin": (_real(math.asin), 1, 1),
    "acos": (_real(math.acos), 1, 1),
    "atan": (_real(math.atan), 1, 1),
    "exp": (_real(math.exp), 1, 1),
    "ln": (_real(math.log), 1, 1),
    "log": (_log, 1, 2),
    "log2": (_real(math.log2), 1, 1),
    "log10": (_real(math.log10), 1, 1),
    "degrees": (_real(math.degrees), 1, 1),
    "radians": (_real(math.radians), 1, 1),
}
