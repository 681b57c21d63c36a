"""A start is written once, when everything is up, by a program that was started for good."""

import threading
import time
from pathlib import Path

import pytest

from agent.spans import Spans
from agent.starts import process
from agent.starts.ledger import Ledger
from agent.starts.record import Start, StartClass
from agent.starts.recording import recording
from agent.store import Store, open_store
from models.contracts import ModelInfo
from models.errors import ModelFileBadError
from models.scripted import Scripted

WAIT_S = 30.0


class Loads(Scripted):
    """A model that is up when it is told to be, or never."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__([])
        self.up = threading.Event()
        self._fails = fails

    def info(self) -> ModelInfo:
        assert self.up.wait(WAIT_S)
        if self._fails:
            raise ModelFileBadError("This is no model.", "x.gguf", "Choose another.")
        return super().info()


class Told:
    def __init__(self) -> None:
        self.starts: list[Start] = []
        self._came = threading.Event()

    def __call__(self, start: Start) -> None:
        self.starts.append(start)
        self._came.set()

    def wait(self) -> Start:
        assert self._came.wait(WAIT_S)
        return self.starts[-1]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "carryon.db")


@pytest.fixture
def spans() -> Spans:
    """Of a program that was started for good and has painted its window."""
    made = Spans()
    made.lap("interpreter")
    made.lap("first paint")
    return made


def test_it_waits_for_the_models_and_writes_the_whole(store: Store, spans: Spans) -> None:
    told, model = Told(), Loads()
    with recording(store.path, {"starter": model}, told, spans=spans):
        assert Ledger(store).last() is None
        model.up.set()
        start = told.wait()
        assert Ledger(store).last() == start
    assert start.ok
    assert start.kind is StartClass.AFTER_UPDATE, "nothing was kept before it"
    assert start.window_ms is not None
    assert 0 < start.window_ms <= start.ready_ms
    assert start.first_token_ms is None
    assert {"interpreter", "first paint"} <= {span.name for span in start.spans}
    last = Ledger(store).last()
    assert last is not None
    assert last.used_until >= start.used_until, "the orderly end is noted"
    assert spans.is_stopped


def kind_of_one(store: Store) -> StartClass:
    told, model, spans = Told(), Loads(), Spans()
    spans.lap("interpreter")
    model.up.set()
    with recording(store.path, {"starter": model}, told, spans=spans):
        return told.wait().kind


def test_the_second_of_the_same_build_is_no_update(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kind_of_one(store)
    monkeypatch.setattr(process, "born_ns", time.perf_counter_ns)  # a process that is born after it
    assert kind_of_one(store) is not StartClass.AFTER_UPDATE


def test_first_starts_at_the_same_time_are_all_the_first(store: Store) -> None:
    """This process was born before the first of them was over."""
    assert {kind_of_one(store) for _ in range(4)} == {StartClass.AFTER_UPDATE}


def test_a_first_word_is_asked_for_where_it_is_wanted(store: Store, spans: Spans) -> None:
    told, model, asked = Told(), Loads(), threading.Event()
    model.up.set()

    def ask() -> float:
        asked.set()
        return 0.0002  # less than it took

    with recording(store.path, {"starter": model}, told, ask, spans):
        start = told.wait()
    assert asked.is_set()
    assert start.first_token_ms is not None
    assert start.first_token_ms >= start.ready_ms
    prefix, first = start.spans[-2:]
    assert (prefix.name, first.name) == ("prefix", "first token"), "what the instructions took is told apart"
    assert prefix.ms == pytest.approx(0.0002, abs=1e-6)
    assert (first.begin_ms, first.end_ms) == pytest.approx((prefix.end_ms, start.first_token_ms))


def test_a_model_that_cannot_be_loaded_is_a_start_that_failed(store: Store, spans: Spans) -> None:
    told, model = Told(), Loads(fails=True)
    model.up.set()
    with recording(store.path, {"starter": model}, told, spans=spans):
        assert not told.wait().ok


def test_a_window_that_goes_before_everything_is_up_is_not_kept(store: Store, spans: Spans) -> None:
    told, model = Told(), Loads()
    with recording(store.path, {"starter": model}, told, spans=spans):
        pass
    model.up.set()
    while not spans.is_stopped:
        model.up.wait(0.01)
    assert Ledger(store).last() is None


def test_a_process_writes_one_start_and_a_command_none(store: Store, spans: Spans) -> None:
    told, model = Told(), Loads()
    model.up.set()
    for own in (spans, spans, Spans()):
        with recording(store.path, {"starter": model}, told, spans=own):
            told.wait()
    assert len(told.starts) == 1
    assert len(Ledger(store).recent()) == 1
