"""A home of its own for every test: nothing of this machine's settings counts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.paths import Paths

MakeRc = Callable[..., Agentrc]


@pytest.fixture
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setattr(Paths, "system_agentrc", tmp_path / "etc" / "agentrc")
    return folder


@pytest.fixture
def make_rc(user_home: Path) -> MakeRc:
    """An Agentrc of this home; `environ`, `sets` and `folder` as given."""

    def make(**options: object) -> Agentrc:
        environ = {"CARRYON_HOME": str(user_home / "profile"), **options.pop("environ", {})}  # type: ignore[dict-item]
        return Agentrc(Paths.of(environ), environ=environ, clock=lambda: 1_700_000_000.0, **options)  # type: ignore[arg-type]

    return make
