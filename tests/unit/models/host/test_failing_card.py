"""A graphics card whose driver fails: the model runs on the processor the next time, and says so."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.devices.verdict import verdict
from models.errors import WorkerDiedError
from models.host import Limits, ModelHost
from tests.unit.models.host.driving import ENDLESS, Watcher, pid_of, posix, text_of

SCRIPT = Path(__file__).with_name("pretended_card.py")
ON_PROCESSOR = "On the processor: an earlier start with the graphics card failed."

pytestmark = posix


@pytest.fixture
def with_card(host_of: Callable[..., ModelHost], monkeypatch: pytest.MonkeyPatch, tiny_chat: Path) -> object:
    def make(failure: str, watcher: Watcher) -> ModelHost:
        command = [sys.executable, "-P", str(SCRIPT), failure]
        monkeypatch.setattr("models.host.keeper.worker_command", lambda: command)
        return host_of(tiny_chat, on_state=watcher, limits=Limits(backoff_s=(0.0,)))

    return make


def test_a_card_that_works_is_used_and_told(with_card: Callable[..., ModelHost]) -> None:
    host = with_card("never", Watcher())
    assert len(text_of(host)) == 6
    placement = host.placement()
    assert placement is not None
    assert placement.words.startswith("All 2 layers on the NVIDIA GeForce RTX 4070 SUPER, 11.")
    assert placement.words == verdict(placement.plan)
    assert [device.kind for device in placement.devices] == ["gpu", "cpu"]
    assert host.state().restarts == 0


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("dies while loading", "CUDA error: out of memory"),
        ("refuses to load", "the graphics card could not be used, so it is started again without"),
    ],
)
def test_a_card_that_fails_at_the_start_is_left_out(
    with_card: Callable[..., ModelHost], failure: str, reason: str
) -> None:
    watcher = Watcher()
    host = with_card(failure, watcher)
    assert len(text_of(host)) == 6
    assert any(state.phase == "restarting" and reason in state.reason for state in watcher.states)
    placement = host.placement()
    assert placement is not None
    assert placement.words == ON_PROCESSOR
    assert host.state().restarts == 1


def test_a_card_that_fails_at_work_is_left_out_from_then_on(with_card: Callable[..., ModelHost]) -> None:
    """The request had brought nothing yet: it is given to the next worker, and the asker sees only the answer."""
    watcher = Watcher()
    host = with_card("dies at work", watcher)
    assert len(text_of(host)) == 6
    reasons = [state.reason for state in watcher.states if state.phase == "restarting"]
    assert len(reasons) == 1
    assert "CUDA error: out of memory" in reasons[0]
    assert reasons[0].endswith("It goes on without the graphics card.")
    placement = host.placement()
    assert placement is not None
    assert placement.words == ON_PROCESSOR


def test_a_death_that_is_not_the_cards_does_not_cost_it(with_card: Callable[..., ModelHost]) -> None:
    host = with_card("never", Watcher())
    stream = host.chat(ENDLESS)
    next(stream)
    os.kill(pid_of(host), signal.SIGKILL)
    with pytest.raises(WorkerDiedError):
        list(stream)
    assert len(text_of(host)) == 6
    placement = host.placement()
    assert placement is not None
    assert placement.plan.on_card == 2


def test_a_small_model_has_no_placement(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    assert len(text_of(host)) == 6
    assert host.placement() is None
