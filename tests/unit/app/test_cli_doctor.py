"""`carryon doctor` on memory, graphics cards and the chosen model: what there is, what fails, none."""

from pathlib import Path

import pytest

from agent.paths import Paths
from app.cli.doctor import CHECKS, _chosen_model, _graphics_card, _memory
from models.catalog import Catalog
from models.devices.memory import Memory
from models.host.devices import DeviceReport
from tests.shapes.search import write_search_gguf
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.devices.made_up import GIGABYTE, REPORTS


def reported(monkeypatch: pytest.MonkeyPatch, report: DeviceReport) -> None:
    monkeypatch.setattr("models.host.devices.ask_devices", lambda: report)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("rtx-4070-super", "NVIDIA GeForce RTX 4070 SUPER (CUDA0), 11.6 GB of 12.9 GB free."),
        ("apple-m1-8gb", "Apple M1 (MTL0), 5.7 GB of 5.7 GB of the machine's own memory free."),
        ("silent-driver", "its driver does not say how much memory it has."),
        ("processor-only", "none that this build of llama.cpp can use."),
    ],
)
def test_the_card_is_named(monkeypatch: pytest.MonkeyPatch, report: str, words: str) -> None:
    reported(monkeypatch, DeviceReport(REPORTS[report]))
    finding = _graphics_card()
    assert finding.ok
    assert finding.says.endswith(words)


def test_a_driver_that_fails_is_a_finding_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    reported(monkeypatch, DeviceReport(problem="A driver did not answer within 20 seconds."))
    finding = _graphics_card()
    assert not finding.ok
    assert finding.says == "A driver did not answer within 20 seconds."
    assert "CARRYON_ACCEL=cpu" in finding.todo


@pytest.mark.parametrize(("free", "ok"), [(4 * GIGABYTE, True), (100_000_000, False)])
def test_memory_is_told_and_too_little_is_a_finding(monkeypatch: pytest.MonkeyPatch, free: int, ok: bool) -> None:
    monkeypatch.setattr("models.devices.memory.look", lambda: Memory(free, 8 * GIGABYTE, "a limit of the container"))
    finding = _memory()
    assert finding.ok == ok
    assert finding.says.endswith("of 8.0 GB free, because of a limit of the container.")
    assert bool(finding.todo) != ok


def test_a_program_that_may_not_be_run_is_no_drivers_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "python"
    blocked.write_text("no program")
    blocked.chmod(0o600)
    monkeypatch.setattr("models.host.devices.worker_command", lambda: [str(blocked)])
    finding = _graphics_card()
    assert not finding.ok
    assert str(blocked) in finding.says
    assert "driver" not in f"{finding.says} {finding.todo}"


@pytest.mark.parametrize("damage", ["none", "cut", "missing", "unknown", "search"])
def test_the_chosen_model_is_looked_at(paths: Paths, damage: str) -> None:
    file = (write_search_gguf if damage == "search" else write_tiny_gguf)(paths.data / "parrot.gguf")
    name = "nobody" if damage == "unknown" else "parrot"
    Catalog(paths.data).add(file)
    paths.agentrc.write_text(f'schema = 1\n[model]\ndefault = "{name}"\n')
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:20_000])
    if damage == "missing":
        file.unlink()
    finding = _chosen_model()
    assert finding.ok == (damage == "none")
    assert finding.says.startswith(name)
    assert ("carryon models use starter" in finding.todo) != finding.ok


def test_the_starter_needs_no_other(paths: Paths) -> None:
    assert _chosen_model().ok


def test_all_are_looked_at() -> None:
    assert {"memory", "graphics card", "chosen model"} <= set(CHECKS)
