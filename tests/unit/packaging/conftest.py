"""The steps of set-up are not installed; they are imported from packaging/, as bootstrap.py itself does."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(CHECKOUT / "packaging"))

from setup_steps.places import Places  # noqa: E402
from setup_steps.talk import Talk  # noqa: E402

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
[project]
name = "example"
dependencies = ["click>=8", "llama-cpp-python>=0.3"]
[project.optional-dependencies]
dev = ["pytest>=9"]
[tool.ruff]
line-length = 120
"""
CONSTRAINTS = "# runtime\nclick==8.5.1\nllama-cpp-python==0.3.36\npip==26.3\n"


@pytest.fixture
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture
def heard() -> io.StringIO:
    """What set-up said."""
    return io.StringIO()


@pytest.fixture
def talk(heard: io.StringIO) -> Talk:
    return Talk(heard, terminal=False)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout that holds only what decides the stamp, and an empty cache."""
    made = Places(root=tmp_path / "checkout", cache=tmp_path / "cache")
    made.constraints.parent.mkdir(parents=True)
    made.pyproject.write_text(PYPROJECT)
    made.constraints.write_text(CONSTRAINTS)
    return made


@pytest.fixture
def pretend_environment(places: Places) -> Callable[[str], None]:
    """Lays out a .venv as far as set-up looks at one."""

    def make(version: str = "3.12.1") -> None:
        places.python.parent.mkdir(parents=True, exist_ok=True)
        places.python.touch()
        (places.venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")

    return make
