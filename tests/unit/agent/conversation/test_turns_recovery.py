"""A process that dies in the middle of a turn leaves a thread that goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.conversation.turns import INTERRUPTED
from agent.protocol.records import Role
from agent.store import Store
from sync.owner import new_owner

ROOT = Path(__file__).parents[4]
DIE = """
import os, signal, sys, time
from pathlib import Path
from agent.conversation import Conversations
from agent.store import open_store
conversations = Conversations(open_store(Path(sys.argv[1])), time.time)
asked = conversations.begin_turn(None, "a question")
conversations.keep_partial(asked.turn_id, "the answer so f")
print(asked.conversation_id, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def start(store: Store, how: str) -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen(
        [sys.executable, "-c", DIE, str(store.path), how], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_turn_of_a_dead_process_is_ended_with_what_had_arrived(store: Store, conversations: Conversations) -> None:
    process, place = start(store, "die")
    process.communicate(timeout=30)
    assert [turn.conversation_id for turn in conversations.unfinished_turns()] == [place]
    (said,) = conversations.recover()
    assert said.text == f"the answer so f\n\n{INTERRUPTED}"
    assert (said.role, said.complete) == (Role.AGENT, False)
    assert said.label is not None
    assert conversations.unfinished_turns() == conversations.recover() == ()
    assert conversations.messages(place)[0].text == "a question"
    conversations.begin_turn(place, "it goes on")


def test_a_turn_of_a_living_process_is_left_alone(store: Store, conversations: Conversations) -> None:
    process, place = start(store, "live")
    assert conversations.recover() == ()
    other = conversations.begin_turn(place, "meanwhile, from here")
    assert [turn.conversation_id for turn in conversations.unfinished_turns()] == [place, place]
    process.communicate("", timeout=30)
    assert len(conversations.recover()) == 2
    assert [said.role for said in conversations.messages(other.conversation_id)] == [
        Role.USER, Role.USER, Role.AGENT, Role.AGENT
    ]  # fmt: skip


def test_a_dead_turn_is_no_obstacle_to_reset_and_writing(store: Store, conversations: Conversations) -> None:
    process, place = start(store, "die")
    process.communicate(timeout=30)
    conversations.begin_turn(place, "without recovering first")
    assert len(conversations.unfinished_turns()) == 1
    assert conversations.reset(place).messages == 3
    conversations.undo(place)
    assert len(conversations.messages(place)) == 4


WRITE = """
import sys, time
from pathlib import Path
from agent.conversation import Conversations
from agent.store import open_store
conversations = Conversations(open_store(Path(sys.argv[1])), time.time)
for number in range(25):
    conversations.begin_turn(sys.argv[2], f"{sys.argv[3]} {number}")
"""


def test_two_processes_write_into_one_thread_and_lose_nothing(store: Store, conversations: Conversations) -> None:
    place = conversations.create().id
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(store.path), place, name], cwd=ROOT) for name in ("a", "b")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    said = [message.text for message in conversations.messages(place) if message.role is Role.USER]
    for name in ("a", "b"):
        assert [text for text in said if text.startswith(name)] == [f"{name} {number}" for number in range(25)]
    assert len(said) == 50


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a boot has no name")
def test_a_turn_that_a_power_cut_ended_blocks_nothing(store: Store, conversations: Conversations) -> None:
    """The machine was started anew since: no process of then can be seen any more, and none is there."""
    place = conversations.begin_turn(None, "a question").conversation_id
    node, _, namespace = new_owner().split("/")[0].rsplit("~", 2)
    store.execute("UPDATE turn SET owner = ?", (f"{node}~another-boot~{namespace}/1/1.00/x",))
    assert len(conversations.recover()) == 1
    conversations.reset(place)
