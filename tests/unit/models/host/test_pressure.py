"""Levels of memory and battery, judged from readings as machines gave them."""

import psutil
import pytest

from models.devices.groups import GroupLimit
from models.host.pressure import Level, Reading, Thresholds, battery_level, memory_level
from models.host.readings import read

LIMITS = Thresholds()
GB = 1_000_000_000


@pytest.mark.parametrize(
    ("total", "available", "swap", "level"),
    [
        (16 * GB, 9 * GB, 3.0, Level.CALM),
        (16 * GB, 1.5 * GB, 3.0, Level.FAIR),
        (16 * GB, 0.9 * GB, 3.0, Level.LOW),
        (16 * GB, 0.3 * GB, 3.0, Level.OUT),
        (16 * GB, 1.5 * GB, 96.0, Level.LOW),  # nothing is left to swap into
        (16 * GB, 1.5 * GB, None, Level.FAIR),  # no swap at all says nothing
        (4 * GB, 0.5 * GB, None, Level.FAIR),  # a small machine is used fuller
        (4 * GB, 0.3 * GB, None, Level.LOW),
        (4 * GB, 0.1 * GB, None, Level.OUT),
        (128 * GB, 1.5 * GB, 0.0, Level.FAIR),
    ],
)
def test_memory(total: float, available: float, swap: float | None, level: Level) -> None:
    assert memory_level(Reading(int(available), int(total), swap), 0, LIMITS) is level


def test_what_would_come_back_needs_its_room() -> None:
    reading = Reading(int(4 * GB), int(16 * GB))
    assert memory_level(reading, int(1.9 * GB), LIMITS) is Level.CALM
    assert memory_level(reading, int(3 * GB), LIMITS) is Level.FAIR, "it would press again at once"


@pytest.mark.parametrize(
    ("percent", "plugged", "level"),
    [
        (80, False, Level.CALM),
        (22, False, Level.FAIR),
        (20, False, Level.LOW),
        (3, False, Level.LOW),
        (3, True, Level.CALM),
        (None, True, Level.CALM),
        (3, None, None),  # it may be plugged in
        (None, False, None),
        (float("nan"), False, None),
        (-1, False, None),
        (255, False, None),
    ],
)
def test_battery(percent: float | None, plugged: bool | None, level: Level | None) -> None:
    assert battery_level(Reading(battery_percent=percent, plugged=plugged), LIMITS) is level


@pytest.mark.parametrize("reading", [Reading(), Reading(1, None), Reading(None, 1), Reading(5, 0), Reading(-1, 100)])
def test_what_a_system_does_not_say_is_not_judged(reading: Reading) -> None:
    assert memory_level(reading, 0, LIMITS) is None
    assert battery_level(reading, LIMITS) is None


def test_this_machine_is_read() -> None:
    reading = read()
    assert reading.total_bytes
    assert 0 < (reading.available_bytes or 0) <= reading.total_bytes
    assert reading.battery_percent is None or 0 <= reading.battery_percent <= 100


def test_a_system_that_says_nothing_is_heard_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("not here")

    def warn() -> None:
        raise RuntimeWarning("no swap in here")

    def broken() -> None:
        raise psutil.Error

    monkeypatch.setattr(psutil, "virtual_memory", refuse)
    monkeypatch.setattr(psutil, "swap_memory", warn)
    monkeypatch.setattr(psutil, "sensors_battery", broken, raising=False)
    assert read(list) == Reading()
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert read(list) == Reading()


def test_in_a_container_its_limit_is_what_counts() -> None:
    """Most of the machine is free, and this process may have nothing of it."""
    machine = psutil.virtual_memory()
    reading = read(lambda: [GroupLimit(50_000_000, 2_000_000_000), GroupLimit(machine.total * 2, machine.total * 3)])
    assert (reading.available_bytes, reading.total_bytes) == (50_000_000, 2_000_000_000)
    assert memory_level(reading, 0, LIMITS) is Level.OUT


def test_a_limit_above_what_the_machine_has_is_none() -> None:
    reading = read(lambda: [GroupLimit(0, psutil.virtual_memory().total * 2)])
    assert reading.total_bytes == psutil.virtual_memory().total
