"""`carryon outbox flush`: what it tells while it works, what it says when it cannot, and what is left."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from click.testing import CliRunner, Result

from agent.compose import build
from agent.errors import BrokenError
from agent.paths import Paths
from agent.runtime import Runtime
from agent.store import connection as store_connection
from app.cli import flushing, main, outbox_flush
from sync.events import Event, ItemChanged
from sync.item import Item
from sync.leases import Leases
from sync.outbox import Outbox
from tests.sim.profiles import intent
from tests.sim.receiving import Receiver, Reply


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def runtime(paths: Paths, receiver: Receiver) -> Iterator[Runtime]:
    settings(paths, receiver)
    with build(paths, environ={}) as made:
        yield made


def settings(paths: Paths, receiver: Receiver, more: str = "") -> None:
    channel = f'[channels.ops]\nkind = "webhook"\nurl = "{receiver.url}/in"\n{more}'
    paths.agentrc.write_text(f"schema = 1\n{channel}")


def put(outbox: Outbox, text: str = "landing", destination: str = "webhook:ops") -> Item:
    return outbox.enqueue(intent(text, destination, payload={"text": text, "channel": "ops"}), approval=False)


def flush(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["outbox", "flush", *words])
    assert done.exit_code == code, done.output
    return done


def test_a_database_that_another_process_holds_is_no_success(
    runtime: Runtime, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(runtime.outbox)
    brief = tuple("PRAGMA busy_timeout = 50" if "busy" in one else one for one in store_connection.PRAGMAS)
    monkeypatch.setattr(store_connection, "PRAGMAS", brief)
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = flush(code=3)
        assert "Nothing was due" not in done.output
        assert "busy" in done.stderr
        error = json.loads(flush("--json", code=3).stdout)["error"]
        assert error["what"]
        assert error["todo"]
    assert flush().stdout.startswith("delivered: ")


def test_a_fault_of_one_delivery_is_raised_each_time(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    item = put(runtime.outbox)
    with monkeypatch.context() as patched:
        patched.setattr(Leases, "lease", breaks)
        for _ in range(2):
            with pytest.raises(BrokenError, match="could not be worked on: database is locked"):
                runtime.flush()
    assert [one.id for one in runtime.flush()] == [item.id]


def test_what_is_delivered_is_told_beside_the_answer(runtime: Runtime) -> None:
    item = put(runtime.outbox)
    done = flush()
    assert done.stderr == f"Delivering to webhook:ops: {item.sentence}\n"
    assert done.stdout == f"delivered: {item.sentence}\n"
    put(runtime.outbox)
    assert flush("--json").stderr == ""


@pytest.fixture
def _ctrl_c() -> Iterator[None]:
    """As in a program of its own, whatever ran in this process before."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to itself")
@pytest.mark.usefixtures("_ctrl_c")
def test_a_destination_that_stalls_is_told_and_ctrl_c_says_what_is_safe(
    runtime: Runtime, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(flushing.Telling):
        """Presses Ctrl-C once it is told that nothing comes."""

        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if isinstance(event, ItemChanged) and event.item.last_error and not pressed:
                pressed.append(True)
                os.kill(os.getpid(), signal.SIGINT)

    pressed: list[bool] = []
    receiver.script = [Reply(cut="stall")] * 2
    monkeypatch.setattr(flushing, "Telling", Impatient)
    item, behind = put(runtime.outbox), put(runtime.outbox, "second")
    done = flush(code=1)
    assert "No answer from 127.0.0.1" in done.stderr
    assert done.stdout.startswith("Stopped. What was not tried waits as it was;")
    assert "so it may have arrived. You are asked about it" in done.stdout
    assert behind.sentence not in done.output
    assert [runtime.outbox.get(one.id).state for one in (item, behind)] == ["sending", "queued"]


def test_what_was_under_way_stands_in_the_document(capsys: pytest.CaptureFixture[str], runtime: Runtime) -> None:
    item = put(runtime.outbox)
    flushing._show_stopped([item], as_json=True)
    (told,) = json.loads(capsys.readouterr().out)["stopped"]["under_way"]
    assert (told["id"], told["may_have_arrived"]) == (item.id, False)


def test_what_still_waits_is_told_with_the_reason(paths: Paths, receiver: Receiver, runtime: Runtime) -> None:
    settings(paths, receiver, 'secret = "env:NOBODY_SET_THIS"\n')
    put(runtime.outbox), put(runtime.outbox, "second")
    assert "NOBODY_SET_THIS" in flush().stdout
    again = flush().stdout.splitlines()
    assert again[0] == "Nothing was due."
    assert again[1].startswith("2 wait for webhook:ops: ")
    assert "NOBODY_SET_THIS" in again[1]


def test_what_waits_for_a_yes_is_told(runtime: Runtime) -> None:
    runtime.outbox.enqueue(intent("contract"), approval=True)
    assert "1 waits for your yes" in flush().stdout


def test_a_dry_run_shows_the_first_of_each_place_and_how_many_are_behind(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_flush, "SHOWN_MAX", 4)
    for number in range(6):
        put(runtime.outbox, f"{number}")
    put(runtime.outbox, "elsewhere", "webhook:other")
    lines = flush("--dry-run").stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["webhook:ops", "webhook:ops", "webhook:other"]
    assert lines[-1] == "and 4 more behind these"
    document = json.loads(flush("--dry-run", "--json").stdout)
    assert [step.get("destination") for step in document] == ["webhook:ops", "webhook:ops", "webhook:other", None]
    assert document[-1] == {"more": 4}
