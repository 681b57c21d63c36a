"""`carryon product`: one document or plain lines, verdicts as exit codes, a contract that is signed line by line."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent import compose
from agent.compose import build
from agent.corrections import How
from agent.errors import BadRequestError
from agent.paths import Paths
from app.cli import main
from app.cli.signing import sign
from models.catalog import Catalog
from models.contracts import PointedCall
from models.starter import card as cards
from models.starter import contract as contracts
from models.starter import product as products
from models.starter.product import Product, join
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.starter.sample_card import sample

Run = Callable[..., Result]


@pytest.fixture
def run(paths: Paths) -> Run:
    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["product", *words])
        assert result.exit_code == code, result.output
        return result

    return invoke


def document(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def carded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Product]:
    """Put a made card in place of the one that ships."""

    def put(**changes: tuple[str, ...]) -> Product:
        product = join(contracts.read(), sample(contracts.read(), **changes))
        monkeypatch.setattr(products, "read", lambda: product)
        return product

    return put


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"short": ("undo",)}, 1),
        ({"few": ("undo",)}, 2),
        ({"short": ("undo",), "few": ("fill",)}, 1),
    ],
)
def test_show_ends_with_its_verdict(run: Run, carded, changes: dict[str, tuple[str, ...]], code: int) -> None:
    carded(**changes)
    shown = document(run("show", "--json", code=code))
    assert shown["verdict"] == ("pass", "regress", "insufficient")[code]
    assert {"name", "decision", "floor", "measured", "verdict", "why", "who", "when"} <= set(shown["capabilities"][0])
    assert [one["name"] for one in shown["limits"]] == list(contracts.LIMITS)
    assert shown["measured_here"] is None
    words = run("show", code=code).stdout
    assert "What it does not do, and where that goes" in words
    assert "Translate: a larger model" in words
    assert "Write an e-mail" in words


def test_ls_lists_every_capability(run: Run, carded) -> None:
    carded()
    rows = document(run("ls", "--json"))
    assert {row["name"] for row in rows} == set(contracts.CAPABILITIES)
    assert len(run("ls").stdout.splitlines()) == len(rows)


def test_the_report_is_the_same_bytes_and_goes_to_a_file(run: Run, carded, tmp_path: Path) -> None:
    carded()
    file = tmp_path / "loss.md"
    run("report", "--out", str(file))
    assert file.read_text("utf-8") == document(run("report", "--json"))["report"] == run("report").stdout
    first = file.read_bytes()
    run("report", "--out", str(file))
    assert file.read_bytes() == first


def test_a_contract_that_leaves_something_open_is_bad_input(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "contract.toml"
    file.write_text(contracts.FILE.read_text("utf-8").replace('name = "typos"', 'name = "telepathy"'))
    monkeypatch.setattr(products, "read", partial(products.read, file))
    error = document(run("show", "--json", code=2))["error"]
    assert "'typos'" in error["what"]
    assert "blocks the release" in error["todo"]


# On this machine


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The catalogue's starter is a tiny model: a real process, quick to load."""
    path = write_tiny_gguf(tmp_path / "starter.gguf", starter=True)
    monkeypatch.setattr(compose, "Catalog", partial(Catalog, starter_file=path))
    monkeypatch.setattr("models.measuring.sample", lambda: ("what time is it",) * 6)
    return path


def test_measure_keeps_a_row_and_says_which_limits_are_met(run: Run, tiny: Path, paths: Paths) -> None:
    measured = document(run("measure", "--json"))
    assert measured["verdict"] == "pass"
    assert {one["name"]: one["met"] for one in measured["limits"]} == {
        "disk_bytes": True, "median_ms": True, "memory_bytes": True,
    }  # fmt: skip
    row = measured["measured"]
    assert row["measured_at"].endswith("Z")
    assert row["first_token_ms_median"] > 0
    assert row["first_token_ms_p95"] >= row["first_token_ms_median"]
    assert row["requests_per_second"] > 0
    assert row["memory_bytes"] > 0
    assert row["cpu_seconds"] >= 0
    assert len(json.loads((paths.data / "measured.json").read_text())["rows"]) == 1
    assert "most memory" in run("measure").stdout


def test_a_missed_limit_ends_with_one(run: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "contract.toml"
    file.write_text(contracts.FILE.read_text("utf-8").replace("most = 150_000_000", "most = 1_000_000"))
    agreed = contracts.read(file)
    monkeypatch.setattr(contracts, "read", lambda: agreed)
    measured = document(run("measure", "--json", code=1))
    assert {one["name"]: one["met"] for one in measured["limits"]}["memory_bytes"] is False
    assert "MISSED" in run("measure", code=1).stdout


# Signing


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A source checkout with the contract where it belongs."""
    root = tmp_path / "carryon"
    (root / "models" / "starter").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    file = root / "models" / "starter" / "contract.toml"
    file.write_bytes(contracts.FILE.read_bytes())
    return file


def test_a_decision_changes_its_own_lines_alone(checkout: Path) -> None:
    before = checkout.read_text("utf-8").splitlines()
    changed = sign(checkout, "drafting", "sacrifice", why="Nobody asked for it.", who="Mira", where="nowhere")
    one = changed.capability("drafting")
    assert (one.decision, one.why, one.who, one.where) == ("sacrifice", "Nobody asked for it.", "Mira", "nowhere")
    assert one.when == datetime.now(UTC).date()
    assert contracts.read(checkout) == changed
    after = checkout.read_text("utf-8").splitlines()
    assert len(after) == len(before)
    differing = [new for old, new in zip(before, after, strict=True) if old != new]
    assert {line.partition(" =")[0] for line in differing} <= {"decision", "why", "who", "when", "where"}


def test_what_is_no_longer_kept_has_no_floor(checkout: Path) -> None:
    one = sign(checkout, "french", "redirect", why="Too few read it.", who="Mira", where="a larger model")
    assert one.capability("french").floor is None
    assert one.capability("handoff").floor, "recall is still held"
    handoff = sign(checkout, "handoff", "redirect", why="As before.", who="Mira").capability("handoff")
    assert handoff.floor
    assert handoff.where


def test_a_decision_that_leaves_something_open_writes_nothing(checkout: Path) -> None:
    before = checkout.read_bytes()
    with pytest.raises(contracts.ContractBadError, match="without a floor"):
        sign(checkout, "drafting", "keep", why="We can.", who="Mira")
    with pytest.raises(contracts.ContractBadError, match="does not say 'where'"):
        sign(checkout, "typos", "sacrifice", why="Too hard.", who="Mira")
    with pytest.raises(contracts.ContractBadError, match="no capability 'telepathy'"):
        sign(checkout, "telepathy", "keep", why="We can.", who="Mira")
    assert checkout.read_bytes() == before


def test_an_installed_contract_is_not_signed(tmp_path: Path) -> None:
    file = tmp_path / "site-packages" / "models" / "starter" / "contract.toml"
    file.parent.mkdir(parents=True)
    file.write_bytes(contracts.FILE.read_bytes())
    with pytest.raises(BadRequestError, match="installed"):
        sign(file, "drafting", "sacrifice", why="x", who="y", where="z")


def test_decide_takes_a_reason_and_a_name(run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "FILE", checkout)
    run("decide", "drafting", "sacrifice", "--why", "No.", code=2)
    run("decide", "drafting", "perhaps", "--why", "No.", "--who", "Mira", code=2)
    told = document(run("decide", "drafting", "sacrifice", "--why", "No.", "--who", "Mira", "--json"))
    assert (told["decision"], told["who"]) == ("sacrifice", "Mira")
    assert contracts.read(checkout).capability("drafting").decision == "sacrifice"


def test_a_quantised_copy_is_held_against_its_parent(run: Run, tmp_path: Path) -> None:
    def cases(name: str, wrong: int) -> str:
        file = tmp_path / name
        lines = [
            {"id": f"{one.name}{at}", "capabilities": [one.name], "exact": one.name != "undo" or at >= wrong,
             "outcome": True}
            for one in contracts.read().held for at in range(200)
        ]  # fmt: skip
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return str(file)

    assert document(run("gate", cases("a", 0), cases("b", 0), "--json"))["verdict"] == "pass"
    told = document(run("gate", cases("a", 0), cases("c", 90), "--json", code=1))
    assert [one["name"] for one in told["changes"] if one["verdict"] == "regress"] == ["undo"]
    run("gate", cases("a", 0), str(tmp_path / "none"), code=2)


# Corrections


@pytest.fixture
def corrected(paths: Paths) -> str:
    paths.agentrc.write_text("[learning]\ncorrections = true\n")
    call = PointedCall("email.send", {"to": "dana@halden.example", "body": "it is signed"})
    with build(paths, offline=True) as runtime:
        kept = runtime.corrections.record(
            "email dana@halden.example that it is signed", (call,), None, how=How.SAID_WRONG
        )
    assert kept
    return kept.id


def test_corrections_are_listed_taken_along_and_deleted(run: Run, corrected: str, tmp_path: Path) -> None:
    (row,) = document(run("corrections", "list", "--json"))
    assert (row["id"], row["how"]) == (corrected, "said_wrong")
    assert "not that" in run("corrections", "list").stdout
    file = tmp_path / "pairs.jsonl"
    assert document(run("corrections", "export", str(file), "--json"))["written"] == 1
    assert "halden" not in file.read_text()
    run("corrections", "export", str(file), "--raw", code=2)
    assert "halden" not in file.read_text(), "nothing is written over without being told to"
    run("corrections", "export", str(file), "--raw", "--replace")
    assert "dana@halden.example" in file.read_text()
    run("corrections", "delete", code=2)
    run("corrections", "delete", "0000-none", code=2)
    assert document(run("corrections", "delete", corrected[:8], "--json")) == {"deleted": 1}
    assert document(run("corrections", "delete", "--all", "--json")) == {"deleted": 0}
    assert run("corrections", "list").stdout.strip() == "Nothing is kept."


def test_without_consent_the_list_says_so(run: Run) -> None:
    assert "learning.corrections is off" in run("corrections", "list").stdout


def test_the_card_that_ships_can_be_shown(run: Run) -> None:
    result = CliRunner().invoke(main, ["product", "show", "--json"])
    assert result.exit_code in (0, 1, 2)
    assert json.loads(result.stdout)["sha256"] == cards.read().sha256
