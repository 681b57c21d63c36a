"""The house's law: which floor may lean on which, and how large a room may grow."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE_LINES_MAX = 400
PACKAGES = ("app", "agent", "sync", "models", "packaging", "tests")


def sources() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"a floor was crossed; see [tool.importlinter] in pyproject.toml\n{run.stdout}"


def test_no_room_outgrows_the_fence() -> None:
    large = {
        str(path.relative_to(ROOT)): n
        for path in sources()
        if (n := len(path.read_text().splitlines())) > FENCE_LINES_MAX
    }
    assert not large, "split these: one idea a file"


def test_packaging_never_shadows_the_real_one() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("name", ["utils", "helpers", "manager", "common", "misc"])
def test_no_room_without_a_name(name: str) -> None:
    assert not [path for path in sources() if path.stem == name]


@pytest.mark.parametrize("package", ["app", "agent", "sync", "models", "packaging"])
def test_every_package_has_its_map(package: str) -> None:
    assert (ROOT / package / "README.md").is_file()
