"""The contract is read strictly: what is undecided, unknown or unsigned blocks the release by name."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.errors import ContractBadError
from models.starter import contract as contracts
from models.starter.contract import CAPABILITIES, check, read
from models.starter.vocabulary import TOOLS

Change = Callable[[dict[str, Any]], object]


def plain() -> dict[str, Any]:
    return tomllib.loads(contracts.FILE.read_text("utf-8"))


def entry(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["capability"] if one["name"] == name)
    return found


def test_the_contract_that_ships_is_whole() -> None:
    agreed = read()
    assert {one.name for one in agreed.capabilities} == set(CAPABILITIES)
    assert set(TOOLS) <= {one.name for one in agreed.held}
    assert all(one.floor for one in agreed.capabilities if one.decision == "keep")
    assert agreed.capability("handoff").decision == "redirect"
    limits = {one.name: one.most for one in agreed.limits}
    assert limits == {"disk_bytes": 24e6, "median_ms": 120, "memory_bytes": 150e6, "wrong_action": 0.01}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: entry(d, "typos").pop("decision"), "Nobody decided about 'typos'"),
        (lambda d: d["capability"].remove(entry(d, "typos")), "Nobody decided about the capability 'typos'"),
        (lambda d: entry(d, "typos").update(name="telepathy"), "'typos'"),
        (lambda d: d["capability"].append({**entry(d, "typos"), "name": "telepathy"}), "no capability 'telepathy'"),
        (lambda d: d["capability"].append(entry(d, "typos")), "'typos' is decided twice"),
        (lambda d: entry(d, "typos").pop("floor"), "'typos' is kept without a floor"),
        (lambda d: entry(d, "typos").update(floor={"cases": 30}), "'typos' is kept without a floor"),
        (lambda d: entry(d, "typos").update(floor={"exact": 0.7}), "'typos' does not say how many cases"),
        (lambda d: entry(d, "typos")["floor"].update(exact=1.0), "'typos' must be a share"),
        (lambda d: entry(d, "typos")["floor"].update(recall=0.9), "'recall' that means nothing"),
        (lambda d: entry(d, "typos").update(why=" "), "'typos' does not say 'why'"),
        (lambda d: entry(d, "typos").pop("who"), "'typos' does not say 'who'"),
        (lambda d: entry(d, "typos").update(when="today"), "'typos' does not say when"),
        (lambda d: entry(d, "typos").update(decision="maybe"), "'typos' is decided as 'maybe'"),
        (lambda d: entry(d, "drafting").pop("where"), "'drafting' does not say 'where'"),
        (
            lambda d: entry(d, "typos").update(decision="sacrifice", where="nowhere"),
            "'typos' is given up and has a floor",
        ),
        (lambda d: d["limit"].pop(), "limit 'wrong_action'"),
        (lambda d: d.update(limit=["disk_bytes"]), "'limit' must be tables"),
        (lambda d: d.update(capability="all of them"), "'capability' must be tables"),
        (lambda d: d.update(schema=2), "schema is 2"),
    ],
)
def test_what_is_left_open_is_named(change: Change, named: str) -> None:
    document = plain()
    change(document)
    with pytest.raises(ContractBadError, match="blocks the release") as refused:
        check(document)
    assert named in refused.value.what


def test_a_file_that_is_no_contract_is_told(tmp_path: Path) -> None:
    file = tmp_path / "contract.toml"
    for text in ("schema = ", "\udcff", "x = 1\n" * 60_000):
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(ContractBadError, match=r"contract\.toml"):
            read(file)
    with pytest.raises(ContractBadError):
        read(tmp_path / "none.toml")
