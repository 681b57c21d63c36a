"""`carryon` as it is installed: the window without a word, the command line with one."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

SECONDS = 60
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def carryon(*words: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in SCREENS}
    argv = [sys.executable, *options, "-m", "app.entry", *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, env=environ, check=False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a screen")
def test_without_a_word_the_window_is_opened_and_no_command_line_imported() -> None:
    done = carryon(options=["-X", "importtime"])
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 3
    assert "there is no screen here" in done.stderr
    assert "app.boot" in imported
    assert not imported & {"click", "app.cli"}


def test_with_a_word_it_is_the_command_line() -> None:
    done = carryon("--help")
    assert done.returncode == 0
    assert "Usage: carryon" in done.stdout
    assert "outbox" in done.stdout
    assert carryon("no-such-command").returncode == 2
