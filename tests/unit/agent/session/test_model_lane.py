"""A lane and a job of it: one after the other, a bound, stopping, and telling no more than four times a second."""

import threading
from collections.abc import Callable, Iterator

import pytest

from agent.protocol.events import Event, ModelJobChanged
from agent.protocol.records import ModelJob
from agent.session.ending import Ending
from agent.session.lane import WAITING_MAX, Lane
from agent.session.model_job import Finish, Job
from models.downloads import Step
from models.errors import ModelError

WAIT_S = 20.0


class Gated:
    """Works until it is let go or stopped."""

    def __init__(self, done: list[str], name: str) -> None:
        self._done, self._name = done, name
        self.began, self.gate = threading.Event(), threading.Event()

    def run(self) -> None:
        self.began.set()
        self.gate.wait(WAIT_S)
        self._done.append(self._name)

    def stop(self) -> None:
        self._name += " stopped"
        self.gate.set()


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    lane.end()
    lane.join(Ending())


def test_one_at_a_time_and_in_order(lane: Lane) -> None:
    done: list[str] = []
    first, second = Gated(done, "first"), Gated(done, "second")
    assert lane.put(first)
    assert lane.put(second)
    assert first.began.wait(WAIT_S)
    assert not second.began.is_set()
    first.gate.set()
    assert second.began.wait(WAIT_S)
    assert done == ["first"]
    second.gate.set()


def test_the_line_has_an_end_and_what_waits_can_be_taken_out(lane: Lane) -> None:
    done: list[str] = []
    going = Gated(done, "going")
    lane.put(going)
    assert going.began.wait(WAIT_S)
    waiting = [Gated(done, str(number)) for number in range(WAITING_MAX)]
    assert all(lane.put(one) for one in waiting)
    late = Gated(done, "late")
    assert not lane.put(late)
    assert lane.take_out(waiting[3])
    assert not lane.take_out(going)
    assert lane.put(late)
    lane.end()
    lane.join(Ending())
    assert done == ["going stopped"], "what waits is forgotten, what goes on is stopped"
    assert not lane.put(late)


def job(do: Callable[[Job], Finish], told: list[ModelJob], over: list[Job], **more: object) -> Job:
    def emit(event: Event) -> None:
        assert isinstance(event, ModelJobChanged)
        told.append(event.job)

    return Job(ModelJob("fetch:a", "fetch", "a", "a"), do, emit, over.append, **more)  # type: ignore[arg-type]


def test_a_thousand_steps_are_told_as_few_and_the_last_one_counts() -> None:
    told: list[ModelJob] = []
    over: list[Job] = []

    def work(job: Job) -> Finish:
        for done in range(1_000):
            assert job.stepped(Step("fetching", done, 1_000, 5.0, 7.0))
        return finish

    def finish(job: Job) -> Iterator[Event]:
        job.ends("done")
        yield from ()

    made = job(work, told, over)
    made.run()
    assert over == [made]
    assert made.face.done == 999
    assert len(told) < 50, "told a few times, however fast it goes"
    assert made.finish is not None
    list(made.finish(made))
    assert (told[-1].state, told[-1].bytes_per_second) == ("done", None)


def test_a_step_that_comes_late_is_not_heard() -> None:
    told: list[ModelJob] = []
    made = job(lambda _job: lambda _over: iter(()), told, [])
    made.run()
    heard = len(told)
    assert not made.stepped(Step("fetching", 1, 2))
    assert len(told) == heard


def test_a_denied_network_holds_and_a_failure_is_in_words() -> None:
    told: list[ModelJob] = []

    def held(job: Job) -> Finish:
        from models.errors import CancelledError

        assert not job.stepped(Step("fetching", 1, 2))
        raise CancelledError

    made = job(held, told, [], is_denied=lambda: True)
    made.run()
    assert made.finish is not None
    list(made.finish(made))
    assert (told[-1].state, made.held) == ("held", True)

    def fails(_job: Job) -> Finish:
        raise ModelError("The disk is full.", "/disk", "Free some.")

    broken = job(fails, told, [])
    broken.run()
    assert broken.finish is not None
    list(broken.finish(broken))
    assert (told[-1].state, told[-1].why, told[-1].where, told[-1].todo) == (
        "failed", "The disk is full.", "/disk", "Free some.",
    )  # fmt: skip
