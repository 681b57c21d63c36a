"""What was given up is told from rows alone, and no average saves a student that lost a rare capability."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.errors import ContractBadError
from models.starter import contract as contracts
from models.starter import gate, loss
from models.starter.card import Row
from models.starter.contract import Contract
from models.starter.gate import Case, compare, rows_of
from models.starter.product import join
from tests.unit.models.starter.sample_card import sample

OFTEN = 2_000  # cases of a frequent capability


@pytest.fixture(scope="module")
def contract() -> Contract:
    return contracts.read()


def row(name: str, n: int, right: int) -> Row:
    return Row(name, n, right / n, right / n, false_n=2_000 if name == "handoff" else 0)


def student(contract: Contract, **changed: tuple[int, int]) -> list[Row]:
    """A student that is right nearly always; `changed`: (cases, right) of single capabilities."""
    return [row(one.name, *changed.get(one.name, (OFTEN, OFTEN - 20))) for one in contract.held]


def test_a_good_student_is_accepted(contract: Contract) -> None:
    assert loss.refuse(student(contract), contract) == ()


def test_a_student_that_never_asks_back_is_refused_however_good_it_is(contract: Contract) -> None:
    rows = student(contract, asking_back=(120, 0))
    assert loss.micro(rows) > 0.98
    (refusal,) = loss.refuse(rows, contract)
    assert (refusal.name, refusal.verdict) == ("asking_back", "regress")
    assert "0.0%" in refusal.why


def test_the_macro_average_shows_what_the_micro_average_hides(contract: Contract) -> None:
    whole, dead = student(contract), student(contract, asking_back=(120, 0))
    assert loss.micro(whole) - loss.micro(dead) < 0.005
    assert loss.macro(whole) - loss.macro(dead) > 0.02


def test_a_student_that_was_asked_too_little_is_refused(contract: Contract) -> None:
    (refusal,) = loss.refuse(student(contract, undo=(5, 5)), contract)
    assert (refusal.name, refusal.verdict) == ("undo", "insufficient")
    assert "5 of the 20 cases" in refusal.why


def test_a_capability_without_a_row_is_refused(contract: Contract) -> None:
    rows = [one for one in student(contract) if one.name != "french"]
    assert [one.name for one in loss.refuse(rows, contract)] == ["french"]


def test_the_statement_is_the_same_bytes_each_time_and_of_any_order(contract: Contract) -> None:
    card = sample(contract, short=("asking_back",), few=("german",))
    text = loss.statement(join(contract, card))
    shuffled = list(card.rows)
    random.Random(7).shuffle(shuffled)
    assert loss.statement(join(contracts.read(), replace(card, rows=tuple(shuffled)))).encode() == text.encode()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_the_statement_tells_every_capability_with_what_it_lost(contract: Contract) -> None:
    product = join(contract, sample(contract, short=("asking_back",), few=("german",)))
    text = loss.statement(product)
    for one in contract.held:
        assert f"(`{one.name}`)" in text
    for one in contract.capabilities:
        assert one.floor or one.where in text
    email = next(line for line in text.splitlines() if "`email.send`" in line)
    assert [cell.strip() for cell in email.split("|")[2:8]] == [
        "180", "97.2%", "−2.8 (−6.8 to −0.8)", "97.2%", "kept", "pass",
    ]  # fmt: skip
    assert "**below**" in next(line for line in text.splitlines() if "`asking_back`" in line)
    assert "not shown" in next(line for line in text.splitlines() if "`german`" in line)
    assert "by definition" in text


def test_a_teacher_is_named_with_its_licence(contract: Contract) -> None:
    card = replace(sample(contract), teacher={"name": "granite", "licence": "Apache-2.0", "sha256": "cd" * 32})
    assert "granite (Apache-2.0, cdcdcdcdcdcd)" in loss.statement(join(contract, card))


# Quantising


def cases(contract: Contract, n: int = 400, wrong: Sequence[tuple[str, int]] = ()) -> list[Case]:
    """`n` cases of each capability; of those in `wrong` the first so many are not right."""
    failing = dict(wrong)
    return [
        Case(f"{one.name}-{at}", (one.name,), at >= failing.get(one.name, 0), True)
        for one in contract.held for at in range(n)
    ]  # fmt: skip


def test_a_copy_that_answers_alike_passes(contract: Contract) -> None:
    found = compare(cases(contract), cases(contract, wrong=[("typos", 3)]), contract)
    assert found.verdict == "pass"


def test_a_copy_that_loses_a_rare_capability_fails_by_name(contract: Contract) -> None:
    found = compare(cases(contract), cases(contract, wrong=[("undo", 120)]), contract)
    assert found.verdict == "regress"
    assert [(one.name, one.lost, one.gained) for one in found.changes if one.verdict == "regress"] == [("undo", 120, 0)]


def test_the_same_answers_to_few_cases_prove_nothing(contract: Contract) -> None:
    few = cases(contract, 12)
    assert compare(few, few, contract).verdict == "insufficient"


def test_other_cases_are_refused(contract: Contract) -> None:
    with pytest.raises(ContractBadError, match="same cases"):
        compare(cases(contract, 30), cases(contract, 31), contract)
    with pytest.raises(ContractBadError, match="same cases"):
        compare(cases(contract, 30) * 2, cases(contract, 30), contract)


def test_rows_of_cases_are_a_cards_rows(contract: Contract) -> None:
    rows = {one.name: one for one in rows_of(cases(contract, 100, wrong=[("typos", 10)]))}
    assert (rows["typos"].n, rows["typos"].exact, rows["typos"].outcome) == (100, 0.9, 1.0)
    low, high = rows["typos"].exact_interval
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)


def test_cases_are_read_line_by_line(tmp_path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": "a", "capabilities": ["typos"], "exact": true, "outcome": true}\n\n')
    assert gate.read(file) == (Case("a", ("typos",), True, True),)
    for bad in (
        "{}",
        '{"id": "a", "capabilities": ["typos"], "exact": 1, "outcome": true}',
        '{"id": "a", "capabilities": "typos", "exact": true, "outcome": true}',
    ):
        file.write_text(f"{bad}\n")
        with pytest.raises(ContractBadError, match="cannot be read"):
            gate.read(file)
