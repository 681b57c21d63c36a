"""A suite is read strictly: a misspelt word is told, never a case that checks nothing."""

from pathlib import Path

import pytest

from agent.evals import cases
from agent.evals.errors import SuiteBadError
from agent.evals.gate import read as budgets

GOOD = """[[case]]
id = "a"
stratum = "kept here"
about = "x"
[[case.step]]
run = ["ask", "hello"]
want = { outcome = "answered" }
"""


def read(folder: Path, text: str) -> tuple[cases.Case, ...]:
    file = folder / "suite.toml"
    file.write_text(text)
    return cases.read(file)


def test_a_good_one_is_read(tmp_path: Path) -> None:
    (case,) = read(tmp_path, GOOD)
    assert case.steps[0].run == ("ask", "hello")
    assert case.steps[0].wanted("offline") == {"outcome": "answered"}


def test_what_holds_in_one_condition_is_added_to_what_holds_in_both(tmp_path: Path) -> None:
    (case,) = read(tmp_path, GOOD + 'want_offline = { level = "local" }\n')
    assert case.steps[0].wanted("offline") == {"outcome": "answered", "level": "local"}
    assert case.steps[0].wanted("online") == {"outcome": "answered"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("about", "abuot", "Unknown here: abuot"),
        ("want =", "wnat =", "Unknown here: wnat"),
        ('{ outcome = "answered" }', "{ outcome = { contains = 1 } }", "No such check"),
        ('run = ["ask", "hello"]', "", "A step is one thing"),
        ("run =", 'file = "x"\nrun =', "A step is one thing"),
        ("want =", 'when = "later"\nwant =', "No such time"),
        ('want = { outcome = "answered" }', "", "something that is wanted"),
        ("about", 'needs = "luck"\nabout', "Nobody can give"),
        ("id =", "=", "Mend it"),
        ('stratum = "kept here"', "", "Mend it"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SuiteBadError, match=says):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_two_of_one_id_are_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteBadError, match="one id"):
        read(tmp_path, GOOD + GOOD)


def test_the_shipped_suite_has_a_budget_for_each_stratum_and_enough_cases() -> None:
    agreed = budgets()
    suite = cases.read()
    counts = {stratum: sum(case.stratum == stratum for case in suite) for stratum in {case.stratum for case in suite}}
    assert counts.keys() <= agreed.keys()
    assert {stratum: n for stratum, n in counts.items() if n < agreed[stratum].cases_min} == {}
    assert sum(case.quick for case in suite) >= 5
