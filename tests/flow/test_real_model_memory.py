"""A real worker on a tiny model: its memory is measured, filled, folded; its death in mid-answer loses no word."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.loop.fitting import standing
from agent.loop.minds import STARTER
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import ContextMeasured, Event, NoticeAdded, TokenArrived, TurnEnded
from agent.protocol.records import Message, Role
from agent.runtime import Runtime
from models.catalog import Catalog
from models.contracts import ModelPort
from models.host import Limits, ModelHost, Settings
from models.scripted import Scripted
from tests.tiny_gguf import write_tiny_gguf

N_CTX = 2_048
SETTINGS = '[model]\ndefault = "{model}"\ndecides = "chosen"\n[tools]\n"*" = "deny"\n'
LONG = "a story about the journey to Lisbon and what happened on the way "


@pytest.fixture
def runtime(paths: Paths, tmp_path: Path) -> Iterator[Runtime]:
    model = write_tiny_gguf(tmp_path / "tiny.gguf", context=N_CTX)
    paths.agentrc.write_text(SETTINGS.format(model=model.as_posix()))

    def open_model(name: str) -> ModelPort:
        if name == STARTER:
            return Scripted([])
        known = Catalog(paths.data).resolve(name)
        return ModelHost(known.path, settings=Settings(n_ctx=N_CTX), limits=Limits(backoff_s=(0.0,)))

    with build(paths, environ={}, open_model=open_model, offline=True) as made:
        yield made


def say(runtime: Runtime, text: str, place: str | None) -> list[Event]:
    return list(runtime.turn(Request(text, place)))


def ended(events: list[Event]) -> Message:
    assert isinstance(events[-1], TurnEnded)
    return events[-1].message


def measured(events: list[Event]) -> ContextMeasured:
    (found,) = [event for event in events if isinstance(event, ContextMeasured)]
    return found


def test_it_is_filled_and_folded_and_goes_on(runtime: Runtime) -> None:
    place, used, folded = None, 0, 0
    for number in range(1, 8):
        events = say(runtime, f"part {number}: {LONG}", place)
        place = ended(events).conversation_id
        assert ended(events).text.strip(), "however full it is, it answers"
        found = measured(events)
        assert (found.limit, found.estimated) == (N_CTX, False)
        assert found.used <= N_CTX
        notices = [event for event in events if isinstance(event, NoticeAdded)]
        folded += len(notices)
        if not notices:
            assert found.used > used, "counted by the model, it grows"
        used = found.used
    assert place is not None
    assert folded >= 2
    own = [message.text for message in runtime.conversations.messages(place) if message.role is Role.USER]
    assert own == [f"part {number}: {LONG}" for number in range(1, 8)]
    summary = runtime.conversations.summary(place)
    assert summary is not None
    assert summary[0].text, "written by the model itself, in its own letters"
    looked_at = standing(place, runtime.ports)
    assert looked_at is not None
    assert abs(looked_at.used - used) < N_CTX * 0.15, "the estimate has learned what a letter costs here"


def test_a_worker_that_is_killed_in_mid_answer_loses_no_word(runtime: Runtime) -> None:
    heard: list[str] = []
    events: list[Event] = []
    killed = False
    for event in runtime.turn(Request("tell me of the sea")):
        events.append(event)
        if isinstance(event, TokenArrived):
            heard.append(event.text)
            if not killed:  # at the first word: what follows comes in lumps, and the second may hold all the rest
                killed = True
                pid = runtime.minds.model(runtime.settings.model_default).state().pid
                assert pid is not None
                os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    message = ended(events)
    assert not message.complete
    assert message.text.startswith("".join(heard))
    assert "The model stopped" in message.text
    after = ended(say(runtime, "and now?", message.conversation_id))
    assert after.complete, "another worker goes on"
    assert runtime.conversations.messages(message.conversation_id)[1].text == message.text
