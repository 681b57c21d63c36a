"""`carryon ask` killed at random moments: what was stored is whole, what was asked is there or was never accepted."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from agent.conversation import Conversations
from agent.paths import Paths
from agent.store import open_store
from agent.store.integrity import problems
from sync.outbox import Outbox

ROOT = Path(__file__).parents[2]
KILLS = 25
LONGEST_S = 1.2  # a whole turn, process start included, takes about this long
ASKED = "email dana@example.org that the contract is signed"


def test_a_killed_turn_leaves_the_profile_whole(paths: Paths) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(KILLS):
        _ask_and_kill(chance.uniform(0.1, LONGEST_S))
    store = open_store(paths.database)
    try:
        assert not problems(store, thorough=True)
        conversations = Conversations(store, time.time)
        conversations.recover()
        assert not conversations.unfinished_turns()
        _calls_and_items_agree(store)
        for conversation in conversations.list():
            messages = conversations.messages(conversation.id)
            assert messages[0].text == ASKED
            assert len(messages) == 2, "a question without an end would block its thread"
        assert {item.state.value for item in Outbox(store, time.time).list()} <= {"queued", "delivered"}
    finally:
        store.close()


def _ask_and_kill(after_s: float) -> None:
    words = [sys.executable, "-m", "app.cli", "ask", ASKED, "--approve", "--offline", "--json"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, _ = process.communicate(timeout=after_s)
        assert json.loads(out)["turn"]
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()


def _calls_and_items_agree(store: sqlite3.Connection) -> None:
    """A call's row and its outbox row are committed together or not at all."""
    promised = {row[0] for row in store.execute("SELECT outbox_id FROM tool_call WHERE outbox_id IS NOT NULL")}
    kept = {row[0] for row in store.execute("SELECT id FROM outbox_item")}
    assert promised == kept
