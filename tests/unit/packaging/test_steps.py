"""Running a command of set-up: progress while it works, the reason when it fails, nothing left when it is stopped."""

import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from setup_steps import step as step_module
from setup_steps.errors import StepError
from setup_steps.lock import only_one
from setup_steps.step import Step, explained, stop
from setup_steps.talk import Talk, minutes


def python_step(tmp_path: Path, code: str) -> Step:
    return Step("Doing it", (sys.executable, "-c", code), tmp_path / "logs" / "step.log")


def test_a_good_step_says_so_and_keeps_its_log(tmp_path: Path, talk: Talk, heard: StringIO) -> None:
    step = python_step(tmp_path, "print('hello')")
    step.run(talk)
    assert step.log.read_text() == "hello\n"
    assert heard.getvalue().splitlines()[0] == "Doing it …"
    assert "Doing it · done in" in heard.getvalue()


def test_a_failed_step_shows_its_last_words_and_the_log(tmp_path: Path, talk: Talk) -> None:
    step = python_step(tmp_path, "print('the reason'); raise SystemExit(7)")
    with pytest.raises(StepError) as failed:
        step.run(talk)
    assert "failed with code 7" in failed.value.what
    assert "the reason" in failed.value.what
    assert failed.value.where == str(step.log)
    assert failed.value.do


def test_failing_may_be_an_answer(tmp_path: Path, talk: Talk, heard: StringIO) -> None:
    assert not python_step(tmp_path, "raise SystemExit(1)").succeeds(talk, else_say="not here")
    assert "not here" in heard.getvalue()
    assert python_step(tmp_path, "").succeeds(talk, else_say="not here")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError(': Failed to establish a new connection: [Errno -3]", "no way to the network"),
        ("Temporary failure resolving 'example'", "no way to the network"),
        ("ERROR: No matching distribution found for pyside6", "glibc"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "out of memory"),
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "certificate"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "python3-venv"),
        ("[Errno 13] Permission denied: '/x'", "who owns"),
    ],
)
def test_known_reasons_are_put_into_words(tmp_path: Path, said: str, advice: str) -> None:
    step = Step("It", ("true",), tmp_path / "log")
    step.log.write_text(f"noise before\n{said} and its end\nnoise after\n")
    error = explained(step, 1)
    assert advice in error.do
    assert f"{said} and its end" in error.what
    assert "noise" not in error.what


def test_a_killed_command_hints_at_memory(tmp_path: Path) -> None:
    step = Step("It", ("true",), tmp_path / "log")
    step.log.write_text("no words")
    assert "memory" in explained(step, -9).do


def test_a_program_that_is_not_there_is_named(tmp_path: Path, talk: Talk) -> None:
    with pytest.raises(StepError, match="could not be started") as failed:
        Step("It", ("/no/such/program",), tmp_path / "log").run(talk)
    assert failed.value.where == "/no/such/program"


def test_stopping_ends_the_command_and_what_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_module, "KILL_AFTER_S", 0.2)
    stubborn = (
        "import signal, subprocess, sys; signal.signal(15, signal.SIG_IGN);"
        "child = subprocess.Popen(['sleep', '600'], restore_signals=True, preexec_fn=lambda: signal.signal(15, 0));"
        "print('up', flush=True); child.wait(); print('child ended', flush=True); signal.pause()"
    )
    argv = [sys.executable, "-c", stubborn]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, process_group=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        stop(process)
        assert process.returncode == -9
        assert process.stdout.readline() == b"child ended\n"
        stop(process)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_away_from_a_terminal_a_line_comes_now_and_then(heard: StringIO) -> None:
    clock = Clock()
    progress = Talk(heard, terminal=False, clock=clock).begin("Building")
    for _ in range(31):
        clock.now += 1
        progress.beat("file 1 of 2")
    assert heard.getvalue().splitlines() == [
        "Building …",
        "  Building · 0:15 · file 1 of 2",
        "  Building · 0:30 · file 1 of 2",
    ]


def test_on_a_terminal_one_line_moves(heard: StringIO) -> None:
    clock = Clock()
    progress = Talk(heard, terminal=True, clock=clock).begin("Building")
    for _ in range(4):
        clock.now += 0.5
        progress.beat()
    progress.done()
    assert heard.getvalue().count("\r") == 5
    assert heard.getvalue().count("\n") == 1
    assert heard.getvalue().rstrip().endswith("done in 2.0 s")


def test_minutes() -> None:
    assert [minutes(value) for value in (0.04, 9.94, 10, 75.2, 3600)] == ["0.0 s", "9.9 s", "0:10", "1:15", "60:00"]


def test_two_set_ups_take_turns(tmp_path: Path, heard: StringIO) -> None:
    talk = Talk(heard, terminal=False)
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with only_one(tmp_path / "deep" / "lock", talk):
            order.append("second")

    with only_one(tmp_path / "deep" / "lock", talk):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
