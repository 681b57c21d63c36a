"""What goes on beside a session: who hears of a change, and how all of it ends."""

from pathlib import Path
from typing import Any

import pytest

from agent.paths import Paths
from agent.protocol import commands
from agent.session.laptops import LaptopsRoom
from agent.session.model_jobs import ModelJobs
from agent.session.opening import open_session
from agent.session.servers import ServerRoom
from agent.session.timers import Timers


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})


def note(monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str, heard: list[str]) -> None:
    does = getattr(kind, name)

    def noted(self: Any) -> None:
        heard.append(f"{kind.__name__}.{name}")
        does(self)

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
