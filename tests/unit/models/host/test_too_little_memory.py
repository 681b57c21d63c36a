"""A model that this machine, or its limits, cannot hold is refused in words before any of it is loaded."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.contracts import Finished
from models.errors import ModelTooLargeError
from models.host import ModelHost, Settings
from tests.shapes import SHAPES, write_shape
from tests.unit.models.host.driving import HELLO, Watcher, posix, text_of

STARVED = Path(__file__).with_name("starved.py")
LONG = replace(SHAPES["llama-tiny"], kv_heads=2, context=1_000_000_000)  # a file of a megabyte, a memory without end

HUNGRY = replace(LONG, layers=8, heads=32, kv_heads=32)  # 64 kB for each token


@pytest.fixture(scope="module")
def long_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shape(tmp_path_factory.mktemp("models") / "long.gguf", LONG)


def test_a_context_that_no_machine_holds_is_cut_to_one_that_does(
    host_of: Callable[..., ModelHost], long_model: Path
) -> None:
    """Said once in the thread, and wherever the number is shown."""
    host = host_of(long_model, settings=Settings(n_ctx=1_000_000_000))
    first, second = (list(host.chat(HELLO))[-1] for _ in range(2))
    assert isinstance(first, Finished)
    assert first.note == "There was no room in memory for 1,000,000,000 tokens, so the model holds 16,384."
    assert isinstance(second, Finished)
    assert second.note == ""
    assert host.info().n_ctx == 16_384
    assert host.info().n_ctx_why == "there is no memory for the 1,000,000,000 that the settings ask for"


@posix
def test_a_model_that_does_not_fit_at_all_is_refused(
    host_of: Callable[..., ModelHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the limit on the process is named."""
    command = [sys.executable, "-P", str(STARVED), "150000000"]
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: command)
    watcher = Watcher()
    path = write_shape(tmp_path / "hungry.gguf", HUNGRY)
    host = host_of(path, settings=Settings(n_ctx=200_000), on_state=watcher)
    with pytest.raises(ModelTooLargeError, match="because of a limit that was set for this program") as caught:
        text_of(host)
    assert caught.value.what.startswith("This model needs ")
    assert caught.value.where == str(path)
    assert "smaller" in caught.value.todo
    refused = watcher.wait_for(lambda state: state.phase == "refused")
    assert refused.restarts == 0
    assert "needs" in refused.reason


@posix
def test_with_the_same_limit_and_a_shorter_context_it_works(
    host_of: Callable[..., ModelHost], long_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-P", str(STARVED), "400000000"]
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: command)
    assert text_of(host_of(long_model, settings=Settings(n_ctx=512)))
