"""What goes on beside a session: who hears of a change, and how all of it ends."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from agent.paths import Paths
from agent.protocol import commands
from agent.session import ending
from agent.session.laptops import LaptopsRoom
from agent.session.model_jobs import ModelJobs
from agent.session.opening import open_session
from agent.session.servers import ServerRoom
from agent.session.thread import CLOSE_SECONDS_MAX
from agent.session.timers import Timers
from sync.dispatcher import Dispatcher


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})


def note(monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str, heard: list[str]) -> None:
    does = getattr(kind, name)

    def noted(self: Any, *args: Any) -> None:
        heard.append(f"{kind.__name__}.{name}")
        does(self, *args)

    monkeypatch.setattr(kind, name, noted)


def test_all_are_told_to_end_before_one_is_waited_for(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = list[str]()
    ends = ((LaptopsRoom, "leave"), (ServerRoom, "end"), (ModelJobs, "end"), (Timers, "leave"))
    for kind, name in (*ends, (LaptopsRoom, "close")):
        note(monkeypatch, kind, name, heard)
    with open_session(paths, lambda _event: None, offline=True):
        pass
    assert heard.index("LaptopsRoom.close") == len(ends)
    assert set(heard[: len(ends)]) == {f"{kind.__name__}.{name}" for kind, name in ends}


def test_only_what_changes_the_library_or_the_settings_asks_for_an_exchange(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[str]()
    note(monkeypatch, LaptopsRoom, "nudge", heard)
    with open_session(paths, lambda _event: None, offline=True) as session:
        list(session.handle(commands.ListArtifacts()))
        list(session.handle(commands.ListItems()))
        assert heard == []
        list(session.handle(commands.SaveArtifact(artifact_id=None, title="t", text="x")))
        assert len(heard) == 1
        list(session.handle(commands.SetOption(key="model.decides", value="chosen")))
        assert len(heard) >= 2, "the watch of the file may say so, too"


def test_those_who_do_not_end_are_waited_for_together_and_not_one_after_the_other(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the window would go before the profile is closed (CLOSE_SECONDS_MAX)."""
    assert ending.ALL_SECONDS_MAX < CLOSE_SECONDS_MAX
    released = threading.Event()
    for kind, name in ((LaptopsRoom, "_run"), (Timers, "_run"), (Dispatcher, "run")):
        monkeypatch.setattr(kind, name, lambda *_: released.wait(30))
    monkeypatch.setattr(ending.Ending.__init__, "__defaults__", (0.3,))
    with open_session(paths, lambda _event: None, offline=True):
        began = time.monotonic()
    took = time.monotonic() - began
    released.set()
    assert 0.3 <= took < 2.0, "each of them alone may be waited for that long"


def test_of_the_time_there_is_each_gets_what_the_others_left() -> None:
    released = threading.Event()
    stuck = [threading.Thread(target=released.wait, daemon=True) for _ in range(3)]
    done = threading.Thread(target=lambda: None)
    for thread in (*stuck, done):
        thread.start()
    end, began = ending.Ending(0.3), time.monotonic()
    for thread, most_s in zip(stuck, (0.1, 5.0, 5.0), strict=True):
        end.wait_for(thread, most_s)
    end.wait_for(threading.Thread(target=lambda: None), 5.0)  # never begun
    end.wait_for(done, 5.0)
    assert 0.3 <= time.monotonic() - began < 1.0
    released.set()
