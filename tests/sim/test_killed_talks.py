"""The program dies while a chat model talks and calls: what was said and done by then is there, whole, and goes on."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.library import Library
from agent.loop.prompt import Retelling, pasts
from agent.loop.tool_names import ToolNames
from agent.paths import Paths
from agent.protocol.records import CallStatus, Role
from agent.store import Store, open_store
from sync.outbox import Outbox
from tests.flow.chatting import CHOSEN, Chatty, chat_with, do

ASKED = "note milk, mail Dana, and tell me"
DEATHS = 14
STATEMENTS_MAX = 400

forks = pytest.mark.skipif(sys.platform == "win32", reason="deaths need fork and SIGKILL")


def answers() -> list[list[object]]:
    return [
        ["Let me see. ", do("note_create", body="milk"), do("email_send", to="Dana", body="It is signed.")],
        ["And one more. ", do("task_add", title="call Ivo")],
        ["That is all. " * 40],
    ]


def talk(paths: Paths, die_at: int) -> int:
    """One turn in this process, which kills itself at its n-th statement; how many there were."""
    with chat_with(paths, Chatty(answers()), CHOSEN) as chat:  # type: ignore[arg-type]
        begun = 0

        def count(_: str) -> None:
            nonlocal begun
            begun += 1
            if begun == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        chat.runtime.connection.set_trace_callback(count)
        chat.say(ASKED)
        chat.runtime.connection.set_trace_callback(None)
        return begun


def in_child(paths: Paths, die_at: int) -> bool:
    """Whether the child came to the end alive."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            talk(paths, die_at)
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0, "it failed otherwise than by its death"
    return os.WIFEXITED(ended)


@forks
def test_a_death_at_any_statement_keeps_text_and_calls(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    statements = talk(profile(home, monkeypatch, "whole"), 0)
    assert 20 < statements < STATEMENTS_MAX
    seen = set()
    for number, die_at in enumerate(spread(statements, random.Random(seed))):
        paths = profile(home, monkeypatch, f"death-{number}")
        assert not in_child(paths, die_at)
        seen.add(check(paths))
    assert len(seen) > 3, "deaths fell on different moments"


def spread(statements: int, chance: random.Random) -> list[int]:
    """A moment in each part of the turn, so that all that can be made by then is seen; the last is the last."""
    parts = [range(1 + statements * n // DEATHS, 1 + statements * (n + 1) // DEATHS) for n in range(DEATHS - 1)]
    return [*(chance.choice(part) for part in parts), statements - 1]


def profile(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> Paths:
    monkeypatch.setenv("CARRYON_HOME", str(home / name))
    return Paths.of().make()


def check(paths: Paths) -> int:
    """All agree; how many calls there were."""
    store = open_store(paths.database)
    try:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        conversations = Conversations(store, time.time)
        conversations.recover()
        found = conversations.list()
        return sum(_whole(store, conversations, one.id) for one in found)
    finally:
        store.close()


def _whole(store: Store, conversations: Conversations, place: str) -> int:
    asked, said = (one for one in conversations.messages(place) if one.role is not Role.NOTICE)
    assert asked.text == ASKED
    calls = said.calls
    done = [call for call in calls if call.status is CallStatus.DONE]
    titles = Library(store, time.time).titles(10)
    assert len(titles) == len(done), "a call and its work are there together or not at all"
    promised = {call.outbox_id for call in calls if call.outbox_id}
    assert promised == {item.id for item in Outbox(store, time.time).list()}
    if calls:
        assert said.text.startswith("Let me see."), "what was said before a call is there when the call is"
    if len(calls) > 2:
        assert "And one more." in said.text
    retold = pasts(conversations.messages_for_model(place), Retelling(ToolNames(()), lambda call: call.status.value))
    told = [call.name for past in retold for message in past.said for call in message.calls]
    assert sorted(told) == sorted(ToolNames(()).written(call.tool) for call in calls), "and a model hears of each"
    return len(calls)
