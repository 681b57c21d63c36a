"""Runs git: a fixed list of arguments, nobody is ever asked, output and time are bounded, and what it started ends with
it. Works in the user's own clone with the user's own set-up (credentials, ssh keys, hooks)."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sync.transports.outcomes import NotConfiguredError

OUTPUT_BYTES_MAX = 200_000
_FLAGS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
PROTOCOLS = "file:git:http:https:ssh"  # what a remote may be; "ext" would run any command
ASKS_NOBODY = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never", "GIT_ALLOW_PROTOCOL": PROTOCOLS, "LC_ALL": "C", "LANGUAGE": "C", "GIT_PAGER": "cat",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ran:
    """`code` None: it took too long and was ended."""

    code: int | None
    out: str
    err: str

    @property
    def said(self) -> str:
        """The last words of what went wrong, on one line."""
        lines = [line for line in self.err.splitlines() if line.strip() and not line.startswith("hint:")]
        return " ".join(" ".join(lines[-3:]).split())[:300]


class Git:
    """`folder`: the user's clone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *arguments: str, within_s: float) -> Ran:
        """Raises NotConfiguredError where there is no git, or no such folder."""
        if not self._folder.is_dir():
            raise NotConfiguredError(
                f"There is no folder {self._folder}.",
                "~/.agentrc, repositories",
                "Correct the path of this repository.",
            )
        program = shutil.which("git")
        if program is None:
            raise NotConfiguredError("There is no git on this machine.", "repository.push", "Install git.")
        return _run([program, "-C", str(self._folder), *arguments], self._environment(), within_s)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_DIR", "GIT_WORK_TREE"))}
        ssh = kept.get("GIT_SSH_COMMAND") or self._ssh_of_the_clone(kept)
        return {**kept, **ASKS_NOBODY, "GIT_SSH_COMMAND": f"{ssh} -oBatchMode=yes"}

    def _ssh_of_the_clone(self, environment: dict[str, str]) -> str:
        command = [shutil.which("git") or "git", "-C", str(self._folder), "config", "core.sshCommand"]
        return _run(command, {**environment, **ASKS_NOBODY}, 5.0).out.strip() or "ssh"


def _run(command: Sequence[str], environment: dict[str, str], within_s: float) -> Ran:
    """In a group of its own, without a terminal, so that it can be ended whole and can ask nobody."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
        start_new_session=sys.platform != "win32", creationflags=_FLAGS,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [_Reader(process.stdout), _Reader(process.stderr)]
    code: int | None = None
    try:
        code = process.wait(within_s)
    except subprocess.TimeoutExpired:
        _end(process)
    out, err = (reader.text() for reader in readers)
    return Ran(code, out, err)


class _Reader:
    """Reads to the end, so that the program never waits, and keeps the beginning."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join(2.0)
        return self._kept.decode("utf-8", "replace")

    def _read(self) -> None:
        with self._pipe, contextlib.suppress(OSError, ValueError):
            while piece := os.read(self._pipe.fileno(), 65_536):
                self._kept += piece[: OUTPUT_BYTES_MAX - len(self._kept)]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """One that still runs: its group, or on Windows the program and its children."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5.0)
