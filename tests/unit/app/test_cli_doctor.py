"""`carryon doctor` on memory and graphics cards: what there is, a driver that fails, none."""

import pytest

from app.cli.doctor import CHECKS, _graphics_card, _memory
from models.devices.memory import Memory
from models.host.devices import DeviceReport
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


def test_both_are_looked_at() -> None:
    assert {"memory", "graphics card"} <= set(CHECKS)
