"""A worker killed at any moment of a stream, again and again: what had arrived is kept, the next one answers."""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import ChatRequest, Delta, Message, State
from models.errors import WorkerDiedError
from models.host import Limits, ModelHost
from tests.shapes import write_shape
from tests.unit.models.host.driving import Watcher, pid_of, posix, read, text_of

KILLS = 24
SEED = 20_261_126
CHARACTERS_MAX = 1_600  # some 400 tokens
LONG = ChatRequest((Message("user", "tell me of the sea " * 30),), max_tokens=8_000, temperature=0, now=0.0)
SHORT = ChatRequest(LONG.messages, max_tokens=5, temperature=0, now=0.0)

pytestmark = posix


@pytest.fixture(scope="module", params=["llama-tiny", "mixture-tiny", "mamba-tiny"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shape(tmp_path_factory.mktemp("models") / "model.gguf", str(request.param))


def test_killed_at_random_tokens(host_of: Callable[..., ModelHost], model: Path) -> None:
    watcher = Watcher()
    host = host_of(model, on_state=watcher, limits=Limits(restarts_max=KILLS + 1, backoff_s=(0.0,)))
    rng = random.Random(SEED)
    whole = ""
    for kills in range(1, KILLS // 3 + 1):
        stream = host.chat(LONG)
        said = read(stream, rng.randint(1, CHARACTERS_MAX))
        os.kill(pid_of(host), signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match=r"killed by the system \(signal 9\)") as caught:
            said.extend(stream)
        arrived = "".join(piece.text for piece in said if isinstance(piece, Delta))
        assert caught.value.partial == arrived
        assert caught.value.restarted
        assert caught.value.todo
        whole = max(whole, arrived, key=len)
        assert whole.startswith(arrived)  # the same request, the same words, however often it is begun
        assert host.state().restarts == kills
    assert text_of(host, SHORT)
    assert whole.startswith(text_of(host, SHORT))
    assert sum(state.phase == "restarting" and "signal 9" in state.reason for state in watcher.states) == KILLS // 3


@pytest.mark.parametrize("moment", ["starting", "ready", "busy"])
def test_killed_before_anything_came_the_asker_never_learns_of_it(
    host_of: Callable[..., ModelHost], model: Path, moment: str
) -> None:
    killed: list[int] = []

    def kill(state: State) -> None:
        if killed or state.pid is None:
            return
        if state.phase == "ready":
            os.kill(state.pid, signal.SIGSTOP)  # so that nothing comes of the request before it is killed
        if state.phase == moment:
            os.kill(state.pid, signal.SIGKILL)
            killed.append(state.pid)

    host = host_of(model, on_state=kill, limits=Limits(backoff_s=(0.0,)))
    assert text_of(host, SHORT)
    assert len(killed) == 1
    assert host.state().restarts == 1
