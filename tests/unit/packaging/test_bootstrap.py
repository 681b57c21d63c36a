"""The script itself: it parses on old Pythons, explains the wrong one, and plans without doing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_bootstrap(checkout: Path, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    script = str(checkout / "packaging" / "bootstrap.py")
    environment = {**os.environ, **environ}
    return subprocess.run([sys.executable, script, *argv], capture_output=True, text=True, env=environment, check=False)


def test_parses_on_a_python_long_out_of_date(checkout: Path) -> None:
    source = (checkout / "packaging" / "bootstrap.py").read_text()
    tree = ast.parse(source, feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arg)]
    assert not [one for one in arguments if one.annotation]


def test_an_old_python_gets_a_sentence(checkout: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); sys.platform = 'win32'; sys.argv = ['bootstrap.py', 'run']\n"
    run = f"import runpy; runpy.run_path({str(checkout / 'packaging' / 'bootstrap.py')!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend + run], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "needs Python 3.11 or newer" in done.stderr
    assert "this is Python 3.9.2" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_python_hands_over_to_a_newer_one(checkout: Path, tmp_path: Path) -> None:
    newer = tmp_path / "python3.13"
    newer.write_text("#!/bin/sh\necho handed over: $2 $3\n")
    newer.chmod(0o755)
    pretend = "import sys; sys.version_info = (3, 9, 2); sys.argv = ['bootstrap.py', 'setup', '--dry-run']\n"
    run = f"import runpy; runpy.run_path({str(checkout / 'packaging' / 'bootstrap.py')!r}, run_name='__main__')"
    environment = {**os.environ, "PATH": str(tmp_path)}
    argv = [sys.executable, "-c", pretend + run]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.strip() == "handed over: setup --dry-run"


def test_dry_run_says_what_is_missing_and_makes_nothing(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text((checkout / "pyproject.toml").read_text())
    copy = tmp_path / "packaging"
    copy.mkdir()
    for name in ("bootstrap.py", "constraints.txt", "setup_steps"):
        (copy / name).symlink_to(checkout / "packaging" / name)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'packaging'); import setup_steps.places as places;"
        "places.CHECKOUT = Path.cwd(); from setup_steps.commands import main; sys.exit(main(['setup', '--dry-run']))"
    )
    environment = {**os.environ, "CARRYON_SETUP_CACHE": str(tmp_path / "cache")}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "to be made" in done.stdout
    assert "to be built" in done.stdout
    assert "PySide6-Essentials" in done.stdout
    assert "llama-cpp-python" not in done.stdout
    assert not (tmp_path / ".venv").exists()
    assert not (tmp_path / "cache").exists()


def test_usage_errors_are_code_2(checkout: Path) -> None:
    assert run_bootstrap(checkout, "no-such-command").returncode == 2
    assert run_bootstrap(checkout).returncode == 2
    assert run_bootstrap(checkout, "clean", "--", "more").returncode == 2


@pytest.mark.parametrize("target", ["setup", "run", "story", "test", "check", "bench", "screenshots", "train", "fresh"])
def test_each_make_target_is_a_command(checkout: Path, target: str) -> None:
    makefile = (checkout / "Makefile").read_text()
    assert f"\n{target}: " in makefile
    assert f"$(bootstrap) {target}" in makefile
    assert run_bootstrap(checkout, target, "--help").returncode == 0


def test_packaging_never_shadows_the_real_packaging(checkout: Path) -> None:
    assert not (checkout / "packaging" / "__init__.py").exists()


def test_standard_library_only(checkout: Path) -> None:
    allowed = sys.stdlib_module_names | {"setup_steps"}
    for path in sorted((checkout / "packaging" / "setup_steps").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(name.split(".")[0] in allowed for name in names), f"{path.name} imports {names}"
