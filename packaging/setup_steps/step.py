"""Runs one command of set-up: what it says goes to a log, the reader sees progress, a failure is explained."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from setup_steps.errors import StepError
from setup_steps.talk import Progress, Talk

BEAT_S = 0.25
LOG_TAIL_BYTES = 65_536
LOG_TAIL_LINES = 12
KILL_AFTER_S = 10.0

NO_NETWORK = re.compile(
    "Temporary failure in name resolution|Name or service not known|Network is unreachable|getaddrinfo failed|"
    "Failed to establish a new connection|NewConnectionError|ConnectTimeoutError|nodename nor servname|"
    "Could not resolve|Temporary failure resolving|No route to host"
)
NOT_OFFERED = re.compile("No matching distribution found for (.*)")
# What is known to go wrong: what the log then holds, and what to tell the reader.
KNOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("No space left on device|ENOSPC|Disk quota exceeded"), "The disk is full. Free some space."),
    (NO_NETWORK, "There is no way to the network. Only the first set-up needs it: connect, then run the same again."),
    (re.compile("CERTIFICATE_VERIFY_FAILED"), "The network's certificate is not trusted here. Behind a company proxy, "
     "point PIP_CERT or SSL_CERT_FILE at its certificate."),
    (re.compile("cc1plus.*Killed|Killed signal terminated|out of memory|Cannot allocate memory|MemoryError"),
     "The machine ran out of memory. Close other programs, or set CMAKE_BUILD_PARALLEL_LEVEL=1, then run it again."),
    (re.compile("ensurepip is not available|No module named .?ensurepip"), "Python's venv module is incomplete. "
     "On Debian or Ubuntu install python3-venv."),
    (NOT_OFFERED, "The package index offers no fitting file for this Python and this system. "
     "Wanted are Python 3.11 or newer and, on Linux, glibc 2.34 (2.39 on ARM)."),
    (re.compile("Permission denied"), "A file may not be written. Check who owns the folder."),
)  # fmt: skip


OUT_OF_MEMORY = "The system ended the command, most often because memory ran out. Close other programs, try again."
UNKNOWN = "Read the log, correct what it names, then run the same command again; finished steps are kept."


@dataclass(frozen=True, slots=True)
class Step:
    """One command: its `title` in plain words, the `log` it writes, and a reader of that log for the progress line."""

    title: str
    argv: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    detail: Callable[[str], str] = lambda _tail: ""

    def run(self, talk: Talk) -> None:
        """Runs to the end. Raises StepError with the reason, the log's name and its last lines."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        progress = talk.begin(self.title)
        code = self._follow(progress)
        if code:
            progress.done("failed")
            raise explained(self, code)
        progress.done()

    def succeeds(self, talk: Talk, *, else_say: str) -> bool:
        """Runs to the end where failing is an answer and not an error."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        progress = talk.begin(self.title)
        code = self._follow(progress)
        progress.end(else_say) if code else progress.done()
        return code == 0

    def _follow(self, progress: Progress) -> int:
        with self.log.open("wb") as sink:
            process = self._start(sink.fileno())
            try:
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        return process.wait(BEAT_S)
                    progress.beat(self.detail(tail_of(self.log)))
            finally:
                stop(process)

    def _start(self, sink: int) -> subprocess.Popen[bytes]:
        argv = [str(part) for part in self.argv]
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                process_group=None if sys.platform == "win32" else 0,
            )
        except OSError as error:
            raise StepError(
                f"{self.title}: {argv[0]} could not be started ({error.strerror}).",
                where=argv[0],
                do="Install it or correct the path, then run the same command again.",
            ) from error


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a command that is still running, as after Ctrl-C, with all that it started: asked first, then made to."""
    if process.poll() is not None:
        return
    send(process, signal.SIGTERM)
    try:
        process.wait(KILL_AFTER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the whole group: a build has compilers below ninja below pip, and none of them may go on unseen."""
    if sys.platform == "win32":
        process.terminate()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):  # gone already, or root's, started with sudo
        os.killpg(process.pid, number)


def tail_of(log: Path) -> str:
    """The last part of a log that may still grow."""
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
        return source.read().decode(errors="replace")


def explained(step: Step, code: int) -> StepError:
    """The failure of a step in words: the known reason when the log shows one, else the log's last lines."""
    tail = tail_of(step.log)
    known = next(((found, words) for pattern, words in KNOWN if (found := pattern.search(tail))), None)
    if known:
        return StepError(f"{step.title}: failed.\n{line_around(tail, known[0])}", where=str(step.log), do=known[1])
    last = "\n".join(quoted(line) for line in tail.strip().splitlines()[-LOG_TAIL_LINES:])
    return StepError(
        f"{step.title}: failed with code {code}. Its last lines:\n{last}",
        where=str(step.log),
        do=OUT_OF_MEMORY if code == -9 else UNKNOWN,
    )


def line_around(text: str, found: re.Match[str]) -> str:
    """The one line of a log that gives the reason."""
    start = text.rfind("\n", 0, found.start()) + 1
    return quoted(text[start : found.end()].splitlines()[0] + text[found.end() :].split("\n", 1)[0])


def quoted(line: str) -> str:
    return f"  | {line[:200]}"
