"""Laws of the tools: sums agree with fractions, no path leaves its folder, no text breaks a parser."""

import ast
import operator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.tools.addresses import normal_url
from agent.tools.calc import calculate
from agent.tools.confined import find_allowed
from agent.tools.errors import ToolRefusedError
from agent.tools.exact import shown
from agent.tools.outgoing import plain_name
from agent.tools.preference_words import wishes
from agent.tools.quantities import number
from agent.tools.titles import first_words, one_line

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
NUMBERS = st.decimals(0, 10_000, places=3, allow_nan=False).map(lambda value: f"{value:f}")


@given(NUMBERS, st.lists(st.tuples(st.sampled_from("+-*/"), NUMBERS), max_size=6))
def test_sums_are_exact(first: str, rest: list[tuple[str, str]]) -> None:
    text, expected = f"({first})", Fraction(first)
    for sign, value in rest:
        if sign == "/" and Fraction(value) == 0:
            continue
        text, expected = f"({text} {sign} {value})", OPERATORS[sign](expected, Fraction(value))
    found = calculate(text)
    assert (found.value, found.exact) == (expected, True)
    written, exact = shown(found)
    assert not exact or Fraction(written) == expected


@given(st.text(alphabet="0123456789+-*/%().,^!esqrtpi of=x√ ", max_size=80))
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    try:
        shown(calculate(text))
    except (ArithmeticError, ValueError):
        return


PIECES = st.sampled_from(
    ["..", ".", "~", "/", "inside", "secret.txt", "link", "a.txt", "~root", "\\", "proc", "dev", "C:"]
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    (house / "inside").mkdir()
    (house / "inside" / "a.txt").write_text("x", "utf-8")
    (house / "secret.txt").write_text("x", "utf-8")
    (house / "inside" / "link").symlink_to(house)
    return house


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=40), st.lists(PIECES, max_size=8).map("/".join), st.lists(PIECES, max_size=8).map("".join)
    )
)
def test_no_path_leaves_the_folder(house: Path, said: str) -> None:
    folder = (house / "inside").resolve()
    try:
        found = find_allowed(said.replace("\0", ""), [folder])
    except ToolRefusedError:
        return
    assert found.is_relative_to(folder)


@given(st.text(max_size=200))
def test_no_text_breaks_what_reads_it(text: str) -> None:
    wishes(text)
    number(text)
    assert len(plain_name(text).splitlines()) <= 1
    assert len(one_line(text).splitlines()) <= 1
    assert len(first_words(text)) <= 61
    try:
        url = normal_url(text)
    except ToolRefusedError:
        return
    assert url.startswith(("http://", "https://"))
    assert url.isprintable() or not url.isascii()


def test_the_calculator_cannot_run_anything() -> None:
    """It holds no way to run code: it parses, and walks what it parsed."""
    source = Path(calculate.__code__.co_filename).read_text("utf-8")
    called = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__", "getattr"}
