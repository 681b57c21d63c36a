"""Compares a decision with what was expected, as a fair reader would.

Tool names exactly; strings after case folding, trimming, dropping a leading article or "my" and a final full stop;
`calc.evaluate` by the value of the expression; `rc.set`, `reply`, `handoff` and `clarify` by name alone.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

BY_NAME = frozenset({"rc.set", "reply", "handoff", "clarify"})
_ARTICLE = re.compile(r"^(?:the|an?|my)\s+")
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.Pow: operator.pow, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
POWER_MAX = 64


@dataclass(frozen=True, slots=True)
class Call:
    """A tool, or reply, handoff, clarify, with its arguments."""

    tool: str
    args: Mapping[str, str]


def same_outcome(got: Sequence[Call], wanted: Sequence[Call]) -> bool:
    return [call.tool for call in got] == [call.tool for call in wanted]


def same(got: Sequence[Call], wanted: Sequence[Call]) -> bool:
    return same_outcome(got, wanted) and all(_same_args(mine, theirs) for mine, theirs in zip(got, wanted, strict=True))


def _same_args(got: Call, wanted: Call) -> bool:
    if wanted.tool in BY_NAME and not wanted.args:
        return True
    if got.args.keys() != wanted.args.keys():
        return False
    if wanted.tool == "calc.evaluate":
        return _same_value(got.args["expression"], wanted.args["expression"])
    return all(plain(got.args[name]) == plain(value) for name, value in wanted.args.items())


def plain(text: str) -> str:
    return _ARTICLE.sub("", text.casefold().strip()).removesuffix(".").strip()


def _same_value(got: str, wanted: str) -> bool:
    try:
        return math.isclose(value(got), value(wanted), rel_tol=1e-9)
    except (ValueError, SyntaxError, ZeroDivisionError, OverflowError):
        return False


def value(expression: str) -> float:
    """The value of an expression of numbers, + - * / % ** and sqrt(); ValueError for anything else."""
    return _value(ast.parse(expression.strip(), mode="eval").body)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            second = _value(right)
            if isinstance(op, ast.Pow) and abs(second) > POWER_MAX:
                raise ValueError(f"power too large: {second}")
            return _BINARY[type(op)](_value(left), second)
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            return math.sqrt(_value(inner))
    raise ValueError(f"not plain arithmetic: {ast.unparse(node)}")
