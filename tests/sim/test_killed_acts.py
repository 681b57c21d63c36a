"""Another program does something on this machine, and Carryon dies by SIGKILL before, while or after it: a real server
of tools, effects counted in the file that it writes. What may have been done is not done again without the user's word.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from agent.compose import build
from agent.conversation.turns import INTERRUPTED
from agent.errors import BadRequestError
from agent.loop.ahead import Ahead
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled, Event, Failed
from agent.protocol.records import Call, CallStatus
from agent.runtime import Runtime
from agent.session.opening import open_session
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from sync import owner
from tests.sim.mortal import Death, child, wait

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deaths need fork and SIGKILL")

CARVER = Path(__file__).parents[1] / "mcp_servers" / "carver.py"
CARVE = Decision("called", 0.99, (PointedCall("carver.carve", {"words": "hello"}),))
CLASS = {"class": "local", "touches": "files", "repeat": "none", "fresh": "0s"}
DEATHS_AT_STATEMENTS, STATEMENTS_APART = 14, 2
BY_SERVER = ("listing", "asked", "done")
# The moment of death, effects by then, and how the row stands afterwards; None: there is none, nothing was begun.
DEATHS = [
    ("listing", 0, None),  # its declaration is looked at again
    ("act: begun", 0, CallStatus.UNKNOWN),
    ("asked", 0, CallStatus.UNKNOWN),
    ("done", 1, CallStatus.UNKNOWN),
    ("act: answered", 1, CallStatus.UNKNOWN),
    ("act: settled", 1, CallStatus.DONE),
]
AFTER_BEGIN = [death for death in DEATHS if death[2] is CallStatus.UNKNOWN]


class Bench:
    """A profile with the server, and the file of its effects."""

    def __init__(self, paths: Paths, home: Path) -> None:
        self.paths, self._done, self._order = paths, home / "done", home / "order"
        paths.agentrc.write_text(
            f'schema = 1\n[servers.carver]\ncommand = ["{sys.executable}", "{CARVER}"]\ntimeout = "20s"\n'
            f'[servers.carver.env]\nDONE = "{self._done}"\nORDER = "{self._order}"\n'
        )
        with self.open() as runtime:
            runtime.servers.front.refresh("carver")
            self.say(runtime)

    def say(self, runtime: Runtime, **parts: str) -> None:
        """What the tool is."""
        front = runtime.servers.front
        front.accept(
            front.classes("carver", {"carve": front.classing(front.shown("carver"), "carve", {**CLASS, **parts})})
        )

    def effects(self) -> int:
        return len(self.carved())

    def carved(self) -> list[str]:
        return self._done.read_text().splitlines() if self._done.exists() else []

    def order(self, moment: str) -> None:
        self._order.write_text(moment)

    def allow(self) -> None:
        self.paths.agentrc.write_text(self.paths.agentrc.read_text() + '[tools]\n"carver.*" = "allow"\n')

    @contextmanager
    def open(self, death: Death | None = None) -> Iterator[Runtime]:
        with build(self.paths, environ={}, starter=Scripted([CARVE] * 4)) as runtime:
            if death:
                death.armed = True
                runtime.hands.ahead = Ahead(
                    runtime.connection, runtime.conversations, runtime.hands.settling, time.time, death.passes
                )
            yield runtime

    def die(self, moment: str, work: Callable[[Runtime], object]) -> None:
        """A process that does this, and is killed at that moment of it."""
        self.order(moment if moment in BY_SERVER else "")

        def live(_: int) -> None:
            with self.open(Death(moment)) as runtime:
                work(runtime)

        assert wait(*child(live))[1], "it was to be killed"
        self.order("")

    def reopened(self) -> tuple[Call, ...]:
        """As every start does it: what is told to the user."""
        with self.open() as runtime:
            left = runtime.settle_left()
            runtime.conversations.recover()
            assert runtime.settle_left() == (), "told once"
            return left


@pytest.fixture
def bench(paths: Paths, home: Path) -> Bench:
    return Bench(paths, home)


def ask(runtime: Runtime, place: str | None = None, replaces: str = "") -> Call:
    request = Request("carve hello", place, replaces=replaces)
    (call,) = [event.call for event in runtime.turn(request) if isinstance(event, CallSettled)]
    return call


def stored(runtime: Runtime) -> list[Call]:
    (conversation,) = runtime.conversations.list()
    return [call for message in runtime.conversations.messages(conversation.id) for call in message.calls]


@pytest.mark.parametrize(("moment", "effects", "status"), DEATHS)
def test_a_yes_counts_once_whenever_carryon_dies(
    bench: Bench, moment: str, effects: int, status: CallStatus | None
) -> None:
    with bench.open() as runtime:
        proposed = ask(runtime)
    assert (proposed.status, bench.effects()) == (CallStatus.PROPOSED, 0)
    bench.die(moment, lambda runtime: runtime.decide_proposal(proposed, accept=True))
    left = bench.reopened()
    assert [call.id for call in left] == ([proposed.id] if status is CallStatus.UNKNOWN else [])
    with bench.open() as runtime:
        (call,) = stored(runtime)
        assert (call.status, bench.effects()) == (status or CallStatus.PROPOSED, effects)
        if status is None:  # nothing was begun, so the yes is still to be given
            assert runtime.decide_proposal(call, accept=True).status is CallStatus.DONE
            assert bench.effects() == 1
            return
        for seen in (proposed, call):  # the card as it was, and as it is
            with pytest.raises(BadRequestError, match="decided before"):
                runtime.decide_proposal(seen, accept=True)
    assert bench.effects() == effects


@pytest.mark.parametrize(("moment", "effects", "status"), DEATHS)
def test_what_was_allowed_is_not_done_again_by_itself(
    bench: Bench, moment: str, effects: int, status: CallStatus | None
) -> None:
    bench.allow()
    bench.die(moment, ask)
    bench.reopened()
    with bench.open() as runtime:
        (conversation,) = runtime.conversations.list()
        assert [call.status for call in stored(runtime)] == ([status] if status else [])
        assert bench.effects() == effects
        if status is not CallStatus.UNKNOWN:
            return
        again = ask(runtime, conversation.id)
        assert again.status is CallStatus.PROPOSED, "the rule allows it, and yet it may have been done before"
        assert again.result.startswith("The very same may have been done already")
        first = runtime.conversations.messages(conversation.id)[0]
        assert ask(runtime, replaces=first.id).status is CallStatus.PROPOSED, "nor after the message was edited"
    assert bench.effects() == effects


@pytest.mark.parametrize(("moment", "effects", "status"), AFTER_BEGIN)
def test_the_user_decides_what_became_of_it(bench: Bench, moment: str, effects: int, status: CallStatus) -> None:
    bench.allow()
    bench.die(moment, ask)
    (left,) = bench.reopened()
    assert left.result.startswith("This may have been done: carver.carve. Carryon ended before the answer came.")
    assert "have it done again" in left.result
    with bench.open() as runtime:
        assert runtime.resolve_call(left, "again").status is CallStatus.DONE
        assert bench.effects() == effects + 1
        for verdict in ("again", "happened"):
            with pytest.raises(BadRequestError, match="decided before"):
                runtime.resolve_call(left, verdict)
    assert bench.effects() == effects + 1


def test_a_death_during_the_second_try_is_a_doubt_again(bench: Bench) -> None:
    bench.allow()
    bench.die("done", ask)
    (left,) = bench.reopened()
    bench.die("done", lambda runtime: runtime.resolve_call(left, "again"))
    (once_more,) = bench.reopened()
    assert (once_more.id, once_more.tries, bench.effects()) == (left.id, 2, 2)
    with bench.open() as runtime:
        with pytest.raises(BadRequestError, match="decided before"):  # the card of the first doubt was pressed twice
            runtime.resolve_call(left, "again")
        said = runtime.resolve_call(once_more, "happened")
        assert (said.status, said.result) == (CallStatus.DONE, "You said that it happened.")
        assert runtime.conversations.in_doubt() == ()
    assert bench.effects() == 2


def test_a_death_at_any_statement_never_makes_two_of_one_yes(bench: Bench) -> None:
    """The row knows of every effect: whoever says yes again is refused, unless nothing was begun."""
    seen = set[tuple[CallStatus, int]]()
    for number in range(DEATHS_AT_STATEMENTS):
        with bench.open() as runtime:
            place = runtime.conversations.create().id
            proposed = ask(runtime, place)
        before = bench.effects()
        killed = wait(
            *child(lambda _, call=proposed, n=number: _approve_and_die(bench, call, 1 + n * STATEMENTS_APART))
        )[1]
        bench.reopened()
        with bench.open() as runtime:
            call = runtime.conversations.call(proposed.id)
            effects = bench.effects() - before
            seen.add((call.status, effects))
            assert killed or call.status is CallStatus.DONE
            if call.status is CallStatus.PROPOSED:
                assert effects == 0
                continue
            assert call.status in (CallStatus.DONE, CallStatus.UNKNOWN)
            assert effects == 1 or call.status is CallStatus.UNKNOWN
            with pytest.raises(BadRequestError, match="decided before"):
                runtime.decide_proposal(proposed, accept=True)
        assert bench.effects() - before == effects
    assert {(CallStatus.PROPOSED, 0), (CallStatus.UNKNOWN, 1)} <= seen, "deaths fell on different moments"


def _approve_and_die(bench: Bench, call: Call, statements: int) -> None:
    death = Death("sql", statements)
    with bench.open() as runtime:
        runtime.connection.set_trace_callback(lambda _: death.passes("sql"))
        death.armed = True
        runtime.decide_proposal(call, accept=True)
        death.armed = False


def test_a_window_that_opens_tells_it(bench: Bench) -> None:
    bench.allow()
    bench.die("done", ask)
    told = list[Event]()
    with open_session(bench.paths, told.append, starter=Scripted([])) as session:
        (conversation,) = session.runtime.conversations.list()
        answer = session.runtime.conversations.messages(conversation.id)[-1]
    (failed,) = [event for event in told if isinstance(event, Failed)]
    assert failed.what.startswith("This may have been done: carver.carve.")
    assert (answer.text, [call.status for call in answer.calls]) == (INTERRUPTED, [CallStatus.UNKNOWN])
    assert bench.effects() == 1


def test_where_a_repeat_is_recognised_it_is_the_same_one(bench: Bench) -> None:
    with bench.open() as runtime:
        bench.say(runtime, repeat="key")
        proposed = ask(runtime)
    bench.die("done", lambda runtime: runtime.decide_proposal(proposed, accept=True))
    (left,) = bench.reopened()
    assert "carver knows a repeat by its number, so it happens once" in left.result
    with bench.open() as runtime:
        assert runtime.resolve_call(left, "again").status is CallStatus.DONE
    assert bench.carved() == [f"hello {proposed.id}"] * 2, "both under the number of the call"


def test_another_copy_of_carryon_that_lives_is_left_alone(bench: Bench) -> None:
    with bench.open() as runtime:
        proposed = ask(runtime)
    bench.order("waits")

    def approve(pipe: int) -> None:
        with bench.open() as runtime:
            os.write(pipe, runtime.decide_proposal(proposed, accept=True).status.encode())

    working = child(approve)
    with bench.open() as runtime:
        wait_until(lambda: bench.effects() == 1)
        assert runtime.settle_left() == ()
        assert runtime.conversations.call(proposed.id).status is CallStatus.BEGUN
        with pytest.raises(BadRequestError, match="decided before"):
            runtime.decide_proposal(proposed, accept=True)
        context = runtime.context(Request("carve hello", approve=True), "", proposed.turn_id, proposed.id)
        with pytest.raises(BadRequestError, match="decided before"):  # who had looked before the other one began
            runtime.hands.run_approved(proposed, context)
        bench.order("")
        assert wait(*working) == (b"done", False)
        assert runtime.conversations.call(proposed.id).status is CallStatus.DONE
    assert bench.effects() == 1


@pytest.mark.parametrize("clock_s", [-5, 5, 7_200])
def test_while_it_lives_no_clock_calls_it_left(bench: Bench, clock_s: float) -> None:
    """Whoever looks may have another clock, or the machine have slept in between."""
    with bench.open() as runtime:
        proposed = ask(runtime)
    bench.order("waits")
    working = child(lambda _: _approve(bench, proposed))
    with build(bench.paths, environ={}, clock=lambda: time.time() + clock_s, starter=Scripted([])) as other:
        wait_until(lambda: bench.effects() == 1)
        assert other.settle_left() == ()
        bench.order("")
        wait(*working)
        assert other.conversations.call(proposed.id).status is CallStatus.DONE


@pytest.mark.parametrize(("clock_s", "left"), [(-5, 0), (5, 0), (7_200, 1), (-7_200, 1)])
def test_where_it_cannot_be_seen_whether_it_lives_its_time_decides(bench: Bench, clock_s: float, left: int) -> None:
    with bench.open() as runtime:
        proposed = ask(runtime)
    bench.order("waits")
    working = child(lambda _: _approve_unseen(bench, proposed))
    with build(bench.paths, environ={}, clock=lambda: time.time() + clock_s, starter=Scripted([])) as other:
        wait_until(lambda: bench.effects() == 1)
        assert len(other.settle_left()) == left
        bench.order("")
        wait(*working)


def test_an_answer_that_comes_late_ends_the_doubt_and_never_the_users_word(bench: Bench) -> None:
    """A machine that slept: its other copy, which cannot see it, takes it for gone, and it is not."""
    bench.order("waits")
    with bench.open() as runtime:
        first, second = ask(runtime), ask(runtime, None)
    for proposed, verdict in ((first, ""), (second, "not_happened")):
        working = child(lambda _, call=proposed: _approve_unseen(bench, call))
        with build(bench.paths, environ={}, starter=Scripted([]), clock=lambda: time.time() + 7_200) as later:
            wait_until(lambda call=proposed: later.conversations.call(call.id).status is CallStatus.BEGUN)
            (left,) = later.settle_left()
            assert left.status is CallStatus.UNKNOWN
            if verdict:
                later.resolve_call(left, verdict)
            bench.order("")
            wait(*working)
            bench.order("waits")
            became = later.conversations.call(proposed.id)
            assert became.status is (CallStatus.REFUSED if verdict else CallStatus.DONE)


def wait_until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not there() and time.monotonic() < deadline:
        os.sched_yield()
    assert there()


def _approve_unseen(bench: Bench, call: Call) -> None:
    """From another container: neither sees the other's processes. In a process that ends with it."""
    owner._namespace = lambda: "pid:[1]"
    _approve(bench, call)


def _approve(bench: Bench, call: Call) -> None:
    with bench.open() as runtime:
        runtime.decide_proposal(call, accept=True)


def test_a_server_that_ends_without_an_answer_leaves_a_doubt_too(bench: Bench) -> None:
    bench.allow()
    bench.order("silent")
    with bench.open() as runtime:
        call = ask(runtime)
        assert (call.status, bench.effects()) == (CallStatus.UNKNOWN, 1)
        assert runtime.conversations.call(call.id).status is CallStatus.UNKNOWN
        with suppress(BadRequestError):
            runtime.resolve_call(call, "again")
        assert runtime.conversations.call(call.id).status is CallStatus.UNKNOWN
    assert bench.effects() == 2
