"""Promises beside measured rows: pass, regress, insufficient, and nothing measured that nobody decided about."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import ContractBadError
from models.starter import contract as contracts
from models.starter import product as products
from models.starter.card import card_of, read
from models.starter.contract import Contract
from models.starter.product import join
from tests.unit.models.starter.sample_card import plain_card, sample


@pytest.fixture(scope="module")
def contract() -> Contract:
    return contracts.read()


def test_a_card_that_shows_every_floor_passes(contract: Contract) -> None:
    product = join(contract, sample(contract))
    assert product.verdict == "pass"
    assert product.titles("regress") == product.titles("insufficient") == ()
    assert product.counted.startswith(f"of {len(product.verdicts)} floors {len(product.verdicts)} shown")


def test_one_capability_below_its_floor_fails_the_whole(contract: Contract) -> None:
    product = join(contract, sample(contract, short=("asking_back",)))
    assert product.verdict == "regress"
    assert product.titles("regress") == ("Ask when something is missing",)


def test_too_few_cases_are_never_a_pass(contract: Contract) -> None:
    product = join(contract, sample(contract, few=("german",)))
    assert product.verdict == "insufficient"
    german = next(one for one in product.judged if one.capability.name == "german")
    assert german.why == "3 of the 60 cases that it takes."


def test_a_row_that_is_missing_is_insufficient(contract: Contract) -> None:
    card = sample(contract)
    product = join(contract, replace(card, rows=tuple(row for row in card.rows if row.name != "undo")))
    assert product.titles("insufficient") == ("Take back what was just done",)


def test_false_hand_offs_have_a_ceiling_and_need_cases(contract: Contract) -> None:
    for changed, verdict in (({"false_share": 0.2}, "regress"), ({"false_n": 10}, "insufficient")):
        plain = plain_card(contract)
        next(row for row in plain["capabilities"] if row["name"] == "handoff").update(changed)
        assert join(contract, card_of(plain)).verdict == verdict


def test_a_limit_that_is_missed_fails_and_a_goal_is_only_told(contract: Contract) -> None:
    plain = plain_card(contract)
    plain["floors"]["median_ms"] = 500.0
    product = join(contract, card_of(plain))
    assert product.titles("regress") == ("Time for a decision, in the middle case",)
    goal = next(one for one in product.costs if one.limit.goal)
    assert (goal.measured, goal.met, goal.verdict) == (0.021, False, None)


def test_what_was_measured_and_decided_by_nobody_blocks(contract: Contract) -> None:
    plain = plain_card(contract)
    plain["capabilities"].append({"name": "telepathy", "n": 5, "exact": 1.0, "outcome": 1.0})
    with pytest.raises(ContractBadError, match="'telepathy' was measured, and nobody decided"):
        join(contract, card_of(plain))


def test_a_card_of_another_product_does_not_fit(contract: Contract) -> None:
    with pytest.raises(ContractBadError, match="'starter'"):
        join(contract, replace(sample(contract), name="other"))


@pytest.mark.parametrize("damage", ["", "[]", '{"name": 1}', '{"name": "starter", "sha256": "", "capabilities": [{}]}'])
def test_a_damaged_card_is_told(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "card.json"
    file.write_text(damage)
    with pytest.raises(ContractBadError, match=r"card\.json"):
        read(file)


def test_the_card_that_ships_can_be_read_and_joined() -> None:
    product = products.read()
    assert product.card.sha256
    assert product.verdict in ("pass", "regress", "insufficient")


def test_a_row_that_is_no_share_is_refused(tmp_path: Path, contract: Contract) -> None:
    plain = plain_card(contract)
    plain["capabilities"][0]["exact"] = 97.0
    file = tmp_path / "card.json"
    file.write_text(json.dumps(plain))
    with pytest.raises(ContractBadError, match="shares that are none"):
        read(file)
