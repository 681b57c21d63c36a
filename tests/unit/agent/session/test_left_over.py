"""What a dead process was given comes back as drafts: once, where it belongs, and not if it is a message after all."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import Failed
from agent.runtime import Runtime
from agent.session.left_over import take_up
from models.contracts import Decision
from models.scripted import Scripted

ROOT = Path(__file__).parents[4]


@pytest.fixture
def runtime(paths: Paths) -> Iterator[Runtime]:
    with build(paths, open_model=lambda _name: Scripted([Decision("handoff", 0.9)])) as opened:
        yield opened


def died_with(paths: Paths, *sent: tuple[str, str, str | None]) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom agent.unsent import Unsent\n"
        f"unsent = Unsent(Path({str(paths.state)!r}))\nfor one in {list(sent)!r}: unsent.keep(*one)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)


def test_it_goes_before_what_stands_in_the_draft_in_the_order_it_was_sent(runtime: Runtime) -> None:
    runtime.conversations.save_draft(None, "half a thought")
    died_with(runtime.paths, ("a", "first", None), ("b", "second", None))
    (told,) = take_up(runtime)
    assert isinstance(told, Failed)
    assert "back in the box" in told.what
    assert runtime.conversations.draft(None) == "first\n\nsecond\n\nhalf a thought"
    assert list(take_up(runtime)) == [], "once"
    assert list(runtime.paths.state.glob("unsent-*")) == []


def test_it_goes_where_it_belongs_or_to_a_conversation_to_come(runtime: Runtime) -> None:
    known = runtime.conversations.create("Known").id
    died_with(runtime.paths, ("a", "here", known), ("b", "there", "gone"))
    list(take_up(runtime))
    assert (runtime.conversations.draft(known), runtime.conversations.draft(None)) == ("here", "there")


def test_what_became_a_message_or_a_draft_all_the_same_is_not_doubled(runtime: Runtime) -> None:
    died_with(runtime.paths, ("a", "stored after all", None), ("b", "a draft", None))
    list(runtime.turn(Request("stored after all")))
    runtime.conversations.save_draft(None, "a draft")
    assert list(take_up(runtime)) == []
    assert runtime.conversations.draft(None) == "a draft"


def test_the_same_words_said_long_ago_do_not_count(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    list(runtime.turn(Request("yes")))
    runtime.connection.execute("UPDATE message SET created_at = created_at - 600000")
    died_with(runtime.paths, ("a", "yes", None))
    assert len(list(take_up(runtime))) == 1
    assert runtime.conversations.draft(None) == "yes"
