"""`carryon story`: the product's story in the terminal, on a profile of its own; `make run` without a screen."""

import os
import tempfile
from pathlib import Path

import click

from app.cli.opening import command

REQUEST = "email Dana that the contract is signed, and remind me on Friday to invoice her"


@click.command()
@command
def story() -> None:
    """Offline request, reset, undo, delivery, a change of tone: for real, and nothing of yours is touched."""
    with tempfile.TemporaryDirectory(prefix="carryon-story-") as folder:
        os.environ["CARRYON_HOME"] = folder
        os.environ["AGENTRC"] = str(Path(folder) / "agentrc")
        _tell()


def _tell() -> None:
    from agent.compose import build
    from agent.loop.ports import Request
    from agent.paths import Paths
    from agent.protocol.events import TurnEnded

    def say(text: str = "") -> None:
        click.echo(text)

    with build(Paths.of()) as runtime:
        runtime.set_practice(enabled=True)
        runtime.change_settings({"contacts.Dana": "dana@example.org"})
        runtime.set_offline(True)
        say("You are on a plane. You type:")
        say(f"  > {REQUEST}")
        (ended,) = [event for event in runtime.turn(Request(REQUEST)) if isinstance(event, TurnEnded)]
        _indent(ended.message.text)
        for item in runtime.outbox.list(states=("waiting_approval",), limit=10):
            say(f"You look at what will be sent and say yes:\n  {item.sentence}")
            runtime.outbox.approve(item.id)
        conversation = ended.message.conversation_id
        kept = runtime.conversations.reset(conversation)
        say(f"You press Reset: {kept.messages} messages go, {len(kept.keeps_artifacts)} piece of work and "
            f"{kept.keeps_outbox} waiting item stay.")  # fmt: skip
        runtime.conversations.undo(conversation)
        say("You press Undo: the thread is back, "
            f"{len(runtime.conversations.messages(conversation))} messages.")  # fmt: skip
        runtime.set_offline(False)
        say("You land. The outbox delivers, once:")
        for item in runtime.flush():
            say(f"  {item.state.value}: {item.sentence}")
        for message in runtime.practice_messages():
            say(f"  in the practice mailbox of {message.to}: {message.body.strip()}")
        runtime.change_settings({"tone": "terse"})
        say('You write tone = "terse" into ~/.agentrc and ask again:')
        (ended,) = [event for event in runtime.turn(Request("remind me tomorrow at 9 to call the bank"))
                    if isinstance(event, TurnEnded)]  # fmt: skip
        _indent(ended.message.text)


def _indent(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"  {line}")
