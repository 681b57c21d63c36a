"""Options that narrow the outbox down, the same for the list and for decisions about many."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from agent.protocol.outbox_records import ItemFilter

if TYPE_CHECKING:
    from agent.compose import Runtime

_OPTIONS = (
    click.option("--state", "states", multiple=True, help="Only these states."),
    click.option("--destination", help="Only what goes there: smtp:work."),
    click.option("--tool", help="Only of this tool: email.send."),
    click.option("--conversation", help="Only what comes from this conversation."),
    click.option("--search", "text", default="", help="Only where these words stand in the sentence."),
)
NAMES = ("states", "destination", "tool", "conversation", "text")


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wanted(runtime: "Runtime", given: dict[str, Any]) -> ItemFilter:
    conversation = given["conversation"]
    return ItemFilter(
        states=tuple(given["states"]),
        destination=given["destination"],
        tool=given["tool"],
        conversation_id=runtime.conversation_id(conversation) if conversation else None,
        text=given["text"],
    )


def is_given(given: dict[str, Any]) -> bool:
    return any(given[name] for name in NAMES)
