"""The scene of every attack: a real profile, a real mail server, a real web server and a real server of tools
on loopback."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.paths import Paths
from agent.store import open_store
from tests.any_port import AnyPort
from tests.flow.person import Mailbox, Post
from tests.injection.attacker import Attacker, attacking
from tests.injection.scene import SECRET, TOKEN, Outside, Scene, scene
from tests.sim.repositories import bare, cloned, commit

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="module")
def _post() -> Iterator[Mailbox]:
    post = Post()
    controller = AnyPort(post)
    controller.start()
    yield Mailbox(post, controller.port)
    controller.stop()


@pytest.fixture(scope="module")
def _outside() -> Iterator[Outside]:
    with Outside() as outside:
        yield outside


@pytest.fixture(scope="module")
def _attacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacker]:
    with attacking(tmp_path_factory.mktemp("attacker") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def _clones(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A clone with a commit that was never pushed, and where it would go."""
    folder = tmp_path_factory.mktemp("repositories")
    origin = bare(folder / "there.git")
    clone = cloned(origin.as_uri(), folder / "clone")
    commit(clone, "plan.txt", SECRET, "My plan")
    return clone, origin


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has had all its steps: each case begins with a copy."""
    file = tmp_path_factory.mktemp("made") / "carryon.db"
    opened = open_store(file)
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    return file


@pytest.fixture
def at(
    paths: Paths, _post: Mailbox, _outside: Outside, _attacker: Attacker, _clones: tuple[Path, Path], _made: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:  # fmt: skip
    _post.letters.clear()
    _outside.requests.clear()
    _attacker.as_before()
    monkeypatch.setenv("REPORT_TOKEN", TOKEN)
    shutil.copy(_made, paths.database)
    with scene(paths, _outside, _post, paths.data / "inbox", _attacker, *_clones) as made:
        yield made
