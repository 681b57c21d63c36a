"""`carryon story`: the product's story in the terminal, on a profile of its own; `make run` without a screen."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.protocol.records import Message
from app.cli.opening import command, json_option
from app.cli.printing import show

if TYPE_CHECKING:
    from agent.compose import Runtime

REQUEST = "email Dana that the contract is signed, and remind me on Friday to invoice her"


@click.command()
@json_option
@command
def story(as_json: bool) -> None:
    """Offline request, reset, undo, delivery, a change of tone: for real, and nothing of yours is touched."""
    with tempfile.TemporaryDirectory(prefix="carryon-story-") as folder:
        os.environ["CARRYON_HOME"] = folder
        os.environ["AGENTRC"] = str(Path(folder) / "agentrc")
        if as_json:
            return show({"told": list(_told())}, as_json=True)
        for line in _told():
            click.echo(line)
    return None


def _told() -> Iterator[str]:
    from agent.compose import build
    from agent.paths import Paths

    with build(Paths.of()) as runtime:
        runtime.set_practice(enabled=True)
        runtime.change_settings({"contacts.Dana": "dana@example.org"})
        runtime.set_offline(True)
        yield from ("You are on a plane. You type:", f"  > {REQUEST}")
        answer = _asked(runtime, REQUEST)
        yield from _indented(answer.text)
        for item in runtime.outbox.list(states=("waiting_approval",), limit=10):
            yield f"You look at what will be sent and say yes:\n  {item.sentence}"
            runtime.outbox.approve(item.id)
        kept = runtime.conversations.reset(answer.conversation_id)
        yield (
            f"You press Reset: {kept.messages} messages go, {len(kept.keeps_artifacts)} piece of work and "
            f"{kept.keeps_outbox} waiting item stay."
        )
        runtime.conversations.undo(answer.conversation_id)
        back = len(runtime.conversations.messages(answer.conversation_id))
        yield f"You press Undo: the thread is back, {back} messages."
        runtime.set_offline(False)
        yield "You land. The outbox delivers, once:"
        for item in runtime.flush():
            yield f"  {item.state.value}: {item.sentence}"
        for message in runtime.practice_messages():
            yield f"  in the practice mailbox of {message.to}: {message.body.strip()}"
        runtime.change_settings({"tone": "terse"})
        yield 'You write tone = "terse" into ~/.agentrc and ask again:'
        yield from _indented(_asked(runtime, "remind me tomorrow at 9 to call the bank").text)


def _asked(runtime: "Runtime", text: str) -> Message:
    from agent.loop.ports import Request
    from agent.protocol.events import TurnEnded

    (ended,) = [event for event in runtime.turn(Request(text)) if isinstance(event, TurnEnded)]
    return ended.message


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())
