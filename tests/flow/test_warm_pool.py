"""A session over real workers: the chosen model is warmed up, replaced when it dies or hangs, let go, brought back."""

import os
import queue
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agent.paths import Paths
from agent.pool import pool as pools
from agent.pool.bounds import Bounds
from agent.pool.report import FOLDER, reported
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.session.handling import Session
from agent.session.opening import open_session
from models.contracts import ChatRequest, Delta, Finished
from models.host import ModelHost, keeper, limits
from models.host.pressure import Reading
from tests.shapes import write_shape
from tests.unit.models.host.driving import posix

NAME = "parrot"
WAIT_S = 60.0
CALM = Reading(8 * 10**9, 16 * 10**9, 0.0, 90.0, True)
FLAT = replace(CALM, battery_percent=12.0, plugged=False)
BRISK = Bounds(look_s=0.0, calm_s=0.0, stay_s=0.0, out_stay_s=0.0, settle_s=0.0)


class House:
    """A session whose machine says what it is told."""

    def __init__(self, session: Session, heard: "queue.Queue[Event]") -> None:
        self.session = session
        self._heard = heard
        self.kept: list[Event] = []
        self.finished: list[Finished] = []

    @property
    def pool(self) -> pools.Pool:
        return self.session.runtime.pool

    @property
    def pid(self) -> int:
        pid = self.session.runtime.minds.model(NAME).state().pid
        assert pid is not None
        return pid

    def wait_for(self, state: str, words: str = "") -> events.ModelStateChanged:
        while True:
            event = self._heard.get(timeout=WAIT_S)
            self.kept.append(event)
            if isinstance(event, events.ModelStateChanged) and (event.name, event.state) == (NAME, state):
                assert words in event.why
                return event

    def say(self, text: str, conversation: str | None = None) -> events.TurnEnded:
        command = commands.SendMessage(text=text, conversation_id=conversation)
        (ended,) = [event for event in self.session.handle(command) if isinstance(event, events.TurnEnded)]
        return ended

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.session.tick()


@pytest.fixture
def parrot(paths: Paths, tmp_path: Path) -> Path:
    """The chosen model, asked before the starter so that what it reads is known."""
    file = write_shape(tmp_path / f"{NAME}.gguf", "llama-tiny")
    paths.agentrc.write_text(f'[model]\ndefault = "{NAME}"\ndecides = "chosen"\n')
    from models.catalog import Catalog

    Catalog(paths.data).add(file, NAME)
    return file


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Reading], None]:
    said = [CALM]
    monkeypatch.setattr(pools, "Bounds", lambda: BRISK)
    monkeypatch.setattr(pools.Pool.__init__, "__kwdefaults__", {
        **(pools.Pool.__init__.__kwdefaults__ or {}), "reading": lambda: said[0],
    })  # fmt: skip

    def say(reading: Reading) -> None:
        said[0] = reading

    return say


@contextmanager
def opened(paths: Paths, monkeypatch: pytest.MonkeyPatch | None = None) -> Iterator[House]:
    heard: queue.Queue[Event] = queue.Queue()
    with open_session(paths, heard.put, offline=True) as session:
        yield House(session, heard)


@pytest.fixture
def house(paths: Paths, parrot: Path, machine: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    finished: list[Finished] = []
    chat = ModelHost.chat

    def noted(self: ModelHost, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
        for piece in chat(self, request):
            if isinstance(piece, Finished):
                finished.append(piece)
            yield piece

    monkeypatch.setattr(ModelHost, "chat", noted)
    with opened(paths) as made:
        made.finished = finished
        yield made


def read_anew(finished: Finished) -> int:
    return finished.prompt_tokens - finished.reused


def test_the_first_message_finds_the_beginning_read_and_costs_what_a_later_one_does(house: House) -> None:
    house.wait_for("ready")
    warm_up = house.finished[-1]
    assert warm_up.tokens == 1, "nobody is kept waiting by its answer"
    for text in ("tell me of the sea", "tell me of the hills"):
        house.say(text)
    first, settled = house.finished[-2:]
    assert read_anew(first) <= 1.3 * read_anew(settled)
    assert first.reused > 0.8 * warm_up.prompt_tokens


def test_a_message_that_comes_while_it_warms_up_is_answered(house: House) -> None:
    ended = house.say("tell me of the sea")
    assert ended.message.complete
    assert ended.message.text.strip()
    house.wait_for("ready")


@posix
def test_killed_while_it_waits_it_is_replaced_and_warmed_up_again(house: House) -> None:
    house.wait_for("ready")
    before, warmed = house.pid, len(house.finished)
    os.kill(before, signal.SIGKILL)
    house.wait_for("restarting", "killed by the system")
    house.wait_for("ready")
    assert house.pid != before
    assert len(house.finished) > warmed
    assert house.say("tell me of the sea").message.complete


@posix
def test_killed_the_moment_before_a_message_the_message_is_answered(house: House) -> None:
    house.wait_for("ready")
    os.kill(house.pid, signal.SIGKILL)
    assert house.say("tell me of the sea").message.complete


@posix
def test_a_worker_that_stands_still_fails_its_probe_and_is_replaced(
    paths: Paths, parrot: Path, machine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = limits.Limits(probe_idle_s=0.05, answer_s=6.0, backoff_s=(0.0,))
    monkeypatch.setattr("models.host.host.Limits", lambda: quick)
    with opened(paths) as house:
        house.wait_for("ready")
        before = house.pid
        os.kill(before, signal.SIGSTOP)
        house.wait_for("restarting", "no longer answered")
        house.wait_for("ready")
        assert not psutil.pid_exists(before)
        assert house.say("tell me of the sea").message.complete


def test_a_low_battery_lets_it_go_visibly_and_writing_brings_it_back(
    house: House, machine: Callable[[Reading], None], paths: Paths
) -> None:
    house.wait_for("ready")
    before = house.pid
    machine(FLAT)
    house.look()
    house.wait_for("resting", "Resting to save battery; wakes when you write.")
    assert not psutil.pid_exists(before)
    (row,) = [worker for worker in reported(paths.state / FOLDER) if worker.name == NAME]
    assert (row.state, row.pid) == ("resting", None)
    list(house.session.handle(commands.WakeModels()))
    house.wait_for("starting")
    house.wait_for("ready")


def test_a_message_to_one_that_rests_is_answered(house: House, machine: Callable[[Reading], None]) -> None:
    house.wait_for("ready")
    machine(FLAT)
    house.look()
    house.wait_for("resting")
    assert house.say("tell me of the sea").message.complete


def test_it_comes_back_by_itself_when_the_machine_has_room_again(
    house: House, machine: Callable[[Reading], None]
) -> None:
    house.wait_for("ready")
    machine(replace(CALM, available_bytes=10**8))
    house.look()
    house.wait_for("resting", "free memory")
    house.look()
    assert house.session.runtime.minds.model(NAME).state().pid is None
    machine(CALM)
    house.look()
    house.wait_for("ready")


def test_it_is_not_let_go_during_an_answer(house: House, machine: Callable[[Reading], None]) -> None:
    house.wait_for("ready")
    machine(replace(CALM, available_bytes=1))
    looked = []

    def look() -> None:
        house.look(4)
        looked.append(house.session.runtime.minds.model(NAME).state().phase)

    seen = 0
    for event in house.session.handle(commands.SendMessage(text="tell me of the sea")):
        if isinstance(event, events.TokenArrived) and seen < 3:
            seen += 1
            beside = threading.Thread(target=look)  # the session's own thread is at the answer
            beside.start()
            beside.join(WAIT_S)
    assert looked == ["busy"] * 3
    house.look(4)
    house.wait_for("resting")


def test_never_kept_warm_it_comes_with_the_first_message(paths: Paths, parrot: Path, machine: object) -> None:
    paths.agentrc.write_text(paths.agentrc.read_text() + 'keep_warm = "never"\n')
    with opened(paths) as house:
        assert [worker.name for worker in house.pool.workers()] == ["starter"]
        assert house.say("tell me of the sea").message.complete
        house.wait_for("ready")


def test_at_the_end_nothing_is_left(paths: Paths, parrot: Path, machine: object) -> None:
    with opened(paths) as house:
        house.wait_for("ready")
        house.look()
        pids = [worker.pid for worker in reported(paths.state / FOLDER)]
        assert len(pids) == 2
    assert reported(paths.state / FOLDER) == ()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert keeper.TRIAL == 0, "no request has this number"
