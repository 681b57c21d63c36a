"""The verdict on made-up samples: what is broken, what is kept, what cannot be told."""

import json
import random

import pytest

from agent.starts.record import StartClass
from tests.coldstart import budgets as agreed
from tests.coldstart.budgets import Budget, Budgets
from tests.coldstart.gate import Gathered, Plan, conclude
from tests.coldstart.judging import judge, ratio, worst
from tests.coldstart.prefix import Prefix
from tests.coldstart.prefix import conclude as conclude_prefix
from tests.coldstart.report import document, lines

BUDGETS = Budgets(20, 5, (), {"": {"*": 3.0}})
BUDGET = Budget("window", "warm_disk", "window", p50=1.5, p95=3.0, goal=1.2)


def around(middle: float, starts: int, spread: float = 0.05, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [middle * (1 + chance.uniform(-spread, spread)) for _ in range(starts)]


@pytest.mark.parametrize(
    ("ours", "starts", "spread", "verdict"),
    [
        (130.0, 20, 0.05, "pass"),
        (180.0, 20, 0.05, "regress"),
        (180.0, 6, 0.05, "regress"),  # few starts suffice to show it
        (130.0, 6, 0.05, "insufficient"),  # but not to acquit
        (180.0, 4, 0.05, "insufficient"),
    ],
)
def test_a_budget_is_kept_broken_or_open(ours: float, starts: int, spread: float, verdict: str) -> None:
    found = judge(BUDGET, around(ours, starts, spread), around(100.0, 20, spread, seed=2), BUDGETS)
    assert found.verdict == verdict, found
    assert bool(found.why) == (verdict != "pass")


def test_over_the_budget_but_within_the_noise_is_no_verdict() -> None:
    two_kinds = [140.0] * 9 + [170.0] * 11
    found = judge(BUDGET, two_kinds, [100.0] * 20, BUDGETS)
    assert (found.p50.value, found.p50.low, found.verdict) == (1.7, 1.4, "insufficient")


def test_a_bad_tail_breaks_it_whatever_the_middle() -> None:
    tail = around(120.0, 40) + [900.0] * 8
    found = judge(BUDGET, tail, around(100.0, 20, seed=2), BUDGETS)
    assert found.verdict == "regress"
    assert "95 of 100" in found.why


def test_one_slow_start_of_twenty_breaks_nothing() -> None:
    assert judge(BUDGET, [*around(120.0, 24), 900.0], around(100.0, 20, seed=2), BUDGETS).verdict == "pass"


def test_a_machine_that_is_slow_throughout_is_no_regress() -> None:
    slow = judge(BUDGET, around(130.0 * 9, 20), around(100.0 * 9, 20, seed=2), BUDGETS)
    assert slow.verdict == "pass"


def test_the_ratio_lies_within_its_interval_and_is_the_same_each_time() -> None:
    found = [ratio(around(150, 20), around(100, 20, seed=2), lambda values: sorted(values)[9]) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].low <= found[0].value <= found[0].high


def test_the_worst_verdict_speaks() -> None:
    assert worst(["pass", "infra", "regress"]) == "regress"
    assert worst(["pass", "insufficient"]) == "insufficient"
    assert worst([]) == "infra"


def gathered(tool_ms: float = 5.0, starts: int = 20) -> tuple[Gathered, Plan]:
    found, plan = Gathered(), Plan(classes=("warm_disk",), windows=(), runs=starts)
    found.bare["python"] = around(15.0, 20)
    for name, ms in (("span database", 9.0), ("span tool note.create", tool_ms), ("span unaccounted", 2.0)):
        found.ours[name, "warm_disk"] = around(ms, starts, seed=3)
    found.accounted["warm_disk"] = [0.98] * starts
    found.modules["note.create"] = "agent.tools.notes:create"
    return found, plan


def test_the_part_that_broke_its_budget_is_named_with_its_module() -> None:
    found, plan = gathered(tool_ms=500.0)
    outcome = conclude(found, plan, BUDGETS)
    assert outcome.verdict == "regress"
    told = "\n".join(lines(outcome, None))
    assert "regress: First use of note.create [tool note.create, agent.tools.notes:create]: 5" in told
    assert "database" not in told.split("\n\n")[0], "what kept its budget is not accused"


def test_all_within_their_budgets_pass_and_say_so() -> None:
    outcome = conclude(*gathered(), BUDGETS)
    assert outcome.verdict == "pass"
    assert next(lines(outcome, None)) == "cold start: pass"
    assert document(outcome, None)["verdict"] == "pass"


def test_time_that_nobody_accounts_for_is_a_regress() -> None:
    found, plan = gathered()
    found.accounted["warm_disk"] = [0.9] * 20
    assert conclude(found, plan, BUDGETS).verdict == "regress"


@pytest.mark.parametrize("what", ["failed", "strayed"])
def test_starts_that_failed_or_were_of_another_class_are_the_machinery_s_fault(what: str) -> None:
    found, plan = gathered()
    getattr(found, what)["warm_disk"] = ["it ended with 1"] * 5
    outcome = conclude(found, plan, BUDGETS)
    assert outcome.verdict == "infra"
    assert any("it ended with 1" in line for line in lines(outcome, None))


def test_too_few_starts_are_no_pass() -> None:
    assert conclude(*gathered(starts=8), BUDGETS).verdict == "insufficient"


def test_a_saved_state_that_was_not_taken_up_is_a_regress() -> None:
    """However fast it was: then something else is being measured."""
    prefix = Prefix(2_000, bare=around(300, 20), with_snapshot=around(310, 20), restored=[0] * 20, notes=["hybrid"])
    judged, _parts, troubles = conclude_prefix(prefix, agreed.read())
    assert judged.verdict == "pass"
    assert [verdict for verdict, _ in troubles] == ["regress"]
    assert "hybrid" in troubles[0][1]


def test_what_broke_the_prefix_is_named() -> None:
    spans = {"model snapshot": around(600, 20), "model map": around(150, 20)}
    prefix = Prefix(2_000, around(300, 20), [], around(900, 20), [1_990] * 20, [], around(10, 20), spans)
    judged, parts, troubles = conclude_prefix(prefix, agreed.read())
    assert (judged.verdict, troubles) == ("regress", ())
    assert judged.why.endswith("over its own budget: model snapshot")
    assert [part.verdict for part in parts] == ["regress", "pass"]
    outcome = conclude(*gathered(), BUDGETS)
    assert json.loads(json.dumps(document(outcome, prefix)))["prefix"]["spans"] == spans


def test_the_file_of_budgets_has_one_for_every_class_and_any_part() -> None:
    read = agreed.read()
    assert (read.starts_min, read.of_span("anything", "warm_disk").p50 > 0) == (20, True)
    for kind in StartClass:
        window = read.of_mark("window", kind)
        assert window
        assert window.goal == 1.5
        assert read.of_mark("first_token", kind)
    assert read.of_span("tool note.create", "warm_disk").p50 < read.of_span("tool note.create", "after_update").p50
    assert read.of_span("migration x_001", "after_update").p50 < 20
