"""A model that this machine, or its limits, cannot hold is refused in words before any of it is loaded."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from models.errors import ModelTooLargeError
from models.host import ModelHost, Settings
from tests.shapes import SHAPES, write_shape
from tests.unit.models.host.driving import Watcher, posix, text_of

STARVED = Path(__file__).with_name("starved.py")
LONG = replace(SHAPES["llama-tiny"], kv_heads=2, context=1_000_000_000)  # a file of a megabyte, a memory without end


@pytest.fixture(scope="module")
def long_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shape(tmp_path_factory.mktemp("models") / "long.gguf", LONG)


def test_a_context_that_no_machine_holds_is_refused(host_of: Callable[..., ModelHost], long_model: Path) -> None:
    watcher = Watcher()
    host = host_of(long_model, settings=Settings(n_ctx=1_000_000_000), on_state=watcher)
    with pytest.raises(ModelTooLargeError) as caught:
        text_of(host)
    total = psutil.virtual_memory().total / 1e9
    assert caught.value.what.startswith("This model needs 2,0")
    assert f" GB of {total:,.1f} GB are free" in caught.value.what
    assert caught.value.where == str(long_model)
    assert "smaller" in caught.value.todo
    refused = watcher.wait_for(lambda state: state.phase == "refused")
    assert refused.restarts == 0
    assert "needs" in refused.reason


@posix
def test_a_limit_on_the_process_is_named(
    host_of: Callable[..., ModelHost], long_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-P", str(STARVED), "150000000"]
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: command)
    with pytest.raises(ModelTooLargeError, match="because of a limit that was set for this program"):
        text_of(host_of(long_model, settings=Settings(n_ctx=200_000)))


@posix
def test_with_the_same_limit_and_a_shorter_context_it_works(
    host_of: Callable[..., ModelHost], long_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-P", str(STARVED), "400000000"]
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: command)
    assert text_of(host_of(long_model, settings=Settings(n_ctx=512)))
