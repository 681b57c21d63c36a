"""The pure parts of the host: when to restart, when a worker hangs, why it ended, how it is started."""

import sys
from pathlib import Path

import pytest

from models.host.command import FROZEN_SWITCH, worker_command, worker_environment
from models.host.limits import Limits
from models.host.reason import why
from models.host.restarts import Restarts
from models.host.watch import Watch

LIMITS = Limits()


def test_restarts_wait_longer_each_time_and_then_stop() -> None:
    restarts = Restarts(LIMITS)
    assert [restarts.pause(float(second), loaded=True) for second in range(5)] == [0.0, 0.5, 2.0, None, None]
    assert restarts.total == 3


def test_the_window_moves_on() -> None:
    restarts = Restarts(LIMITS)
    for second in range(4):
        restarts.pause(float(second), loaded=True)
    assert not restarts.rested(50.0)
    assert restarts.pause(60.5, loaded=True) == 2.0
    assert restarts.rested(500.0)


def test_a_model_that_never_came_up_gets_one_second_chance() -> None:
    restarts = Restarts(LIMITS)
    assert [restarts.pause(0.0, loaded=False) for _ in range(3)] == [0.0, None, None]
    restarts.forgive()
    assert restarts.pause(1.0, loaded=False) == 0.0


def test_an_unanswered_ping_is_a_hang() -> None:
    watch = Watch(LIMITS, 0.0)
    assert watch.verdict(2.0, 0.0, busy=True) is None
    assert watch.wants_ping(2.0, busy=True)
    assert not watch.wants_ping(2.1, busy=True)
    assert watch.verdict(11.9, 0.0, busy=True) is None
    assert "no longer answered" in (watch.verdict(12.1, 0.0, busy=True) or "")


def test_anything_heard_counts_as_an_answer() -> None:
    watch = Watch(LIMITS, 0.0)
    watch.wants_ping(2.0, busy=True)
    assert watch.verdict(12.1, 11.0, busy=True) is None


def test_work_that_stands_still_is_a_hang_only_while_there_is_work() -> None:
    watch = Watch(LIMITS, 0.0)
    for second in range(0, 200, 10):
        watch.pong(7, float(second))
        assert watch.verdict(float(second), float(second), busy=False) is None
    assert "did not get on" in (watch.verdict(200.0, 200.0, busy=True) or "")
    watch.pong(8, 200.0)
    assert watch.verdict(200.0, 200.0, busy=True) is None


def test_a_trial_that_is_not_passed_is_a_hang_although_pings_are_answered() -> None:
    watch = Watch(LIMITS, 0.0)
    assert watch.wants_trial(30.0)
    assert not watch.wants_trial(60.0), "one at a time"
    for second in range(30, 220, 10):
        watch.pong(7, float(second))
        wrong = watch.verdict(float(second), float(second), busy=False)
        assert (wrong is not None) == (second > 30 + LIMITS.stuck_s)
    watch.passed()
    assert watch.verdict(220.0, 220.0, busy=False) is None
    assert watch.wants_trial(240.0)


def test_a_host_that_slept_starts_its_patience_anew() -> None:
    watch = Watch(LIMITS, 0.0)
    watch.wants_ping(2.0, busy=True)
    assert watch.verdict(5000.0, 1.0, busy=True) is None
    assert watch.verdict(5005.0, 1.0, busy=True) is None
    assert watch.verdict(5011.0, 1.0, busy=True) is not None


def test_a_cancelled_request_must_end() -> None:
    watch = Watch(LIMITS, 0.0)
    assert watch.verdict(9.0, 9.0, busy=True, cancelled=0.0) is None
    assert "let go" in (watch.verdict(10.5, 10.5, busy=True, cancelled=0.0) or "")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "killed by the system (signal 9), often because memory ran out"),
        (-11, "crashed while reading memory"),
        (-6, "gave up"),
        (-4, "processor lacks an instruction"),
        (-63, "signal 63"),
        (0, "ended by itself"),
        (4, "chat template did not end"),
        (77, "code 77"),
        (0xC0000005, "crashed while reading memory"),
        (None, "was lost"),
    ],
)
def test_every_end_has_words(code: int | None, words: str) -> None:
    assert words in why(code, ())


def test_last_words_are_kept_and_name_a_lack_of_memory() -> None:
    assert "Its last words: ggml: it went wrong" in why(-6, ["", "ggml: it went wrong"])
    assert "not enough memory" in why(-6, ["terminate called after throwing 'std::bad_alloc'"])


def test_a_worker_gets_no_secret() -> None:
    given = {"PATH": "/bin", "SMTP_PASSWORD": "hunter2", "AWS_SECRET_ACCESS_KEY": "x", "LC_ALL": "C", "GGML_X": "1"}
    kept = worker_environment(given)
    assert {"PATH", "LC_ALL", "GGML_X"} <= set(kept)
    assert not {"SMTP_PASSWORD", "AWS_SECRET_ACCESS_KEY"} & set(kept)


def test_a_source_tree_is_put_on_the_path_and_a_users_choice_of_spinning_is_kept() -> None:
    kept = worker_environment({"PYTHONPATH": "/elsewhere", "GOMP_SPINCOUNT": "7"})
    assert kept["PYTHONPATH"].split(":" if sys.platform != "win32" else ";")[1:] == ["/elsewhere"]
    assert (Path(kept["PYTHONPATH"].split(":")[0]) / "models" / "worker").is_dir()
    assert kept["GOMP_SPINCOUNT"] == "7"


def test_a_frozen_bundle_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_command()[1:] == ["-P", "-m", "models.worker"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_command() == [sys.executable, FROZEN_SWITCH]
