"""`carryon outbox`: what waits, what was delivered, and what the user decides about it."""

from collections import deque
from typing import Any

import click

from agent.errors import BadRequestError
from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, moment, show, table
from sync.item import Item
from sync.states import State

SHOWN_MAX = 1_000


def row(item: Item) -> dict[str, Any]:
    """The row that scripts rely on, and the sentence a person reads."""
    return {
        "id": item.id,
        "tool": item.tool,
        "args": item.args,
        "destination": item.destination,
        "state": item.state.value,
        "idempotency_key": item.idempotency_key,
        "created_at": item.created_at,
        "expires_at": item.expires_at,
        "attempts": item.attempts,
        "last_error": item.last_error,
        "receipt": item.receipt,
        "sentence": item.sentence,
    }


@click.group()
def outbox() -> None:
    """What waits for the network, and what became of it."""


@outbox.command("list")
@click.option("--state", "states", multiple=True, help="Only these states.")
@json_option
@command
def list_items(states: tuple[str, ...], as_json: bool) -> None:
    """Every item, oldest first."""
    with profile() as runtime:
        items = runtime.outbox.list(states=states, limit=SHOWN_MAX)
    lines = table([(item.id[:8], item.state.value, moment(item.created_at), item.sentence) for item in items])
    show([row(item) for item in items], as_json=as_json, lines=lines or ["Nothing waits and nothing was sent."])


@outbox.command("show")
@click.argument("item_id")
@json_option
@command
def show_item(item_id: str, as_json: bool) -> None:
    """One item whole: what will be sent, to whom, when it expires, what was tried."""
    with profile() as runtime:
        item = runtime.outbox.get(runtime.outbox_id(item_id))
        timeline = runtime.outbox.timeline(item.id)
    waits = item.state in (State.QUEUED, State.FAILED) and item.next_attempt_at > item.created_at
    again = {"next_attempt_at": item.next_attempt_at if waits else None}
    document = row(item) | again | {"payload": item.payload, "timeline": list(timeline)}
    shown = {name: value for name, value in document.items() if name not in ("timeline", "payload")}
    lines = [f"{name}: {_shown(name, value)}" for name, value in shown.items()]
    lines += ["timeline:", *(f"  {moment(step['at'])}  {step['state']}  {step['what']}" for step in timeline)]
    show(document, as_json=as_json, lines=lines)


def _shown(name: str, value: Any) -> Any:
    return moment(value) if name.endswith("_at") and value is not None else value


def _decision(name: str, about: str) -> None:
    @outbox.command(name, help=about)
    @click.argument("item_id")
    @json_option
    @command
    def decide(item_id: str, as_json: bool) -> None:
        with profile() as runtime:
            item = getattr(runtime.outbox, name)(runtime.outbox_id(item_id))
        show(row(item), as_json=as_json, lines=[f"{item.state.value}: {item.sentence}"])


_decision("approve", "Let an item go that waits for your yes.")
_decision("cancel", "Take an item back before it is sent.")
_decision("retry", "Try an item again that failed, was rejected, expired or was cancelled.")


@outbox.command("edit")
@click.argument("item_id")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE...")
@json_option
@command
def edit(item_id: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Change what will be sent: carryon outbox edit ID body="the contract is signed and sealed"."""
    with profile() as runtime:
        item = runtime.edit_item(runtime.outbox_id(item_id), dict(_pair(change) for change in changes))
    show(row(item), as_json=as_json, lines=[f"{item.state.value}: {item.sentence}"])


def _pair(change: str) -> tuple[str, str]:
    name, equals, value = change.partition("=")
    if not equals:
        raise BadRequestError("A change needs a name and a value.", change, "Write NAME=VALUE.")
    return name, value


@outbox.command("resolve")
@click.argument("item_id")
@click.argument("verdict", type=click.Choice(["delivered", "retry", "cancel"]))
@json_option
@command
def resolve(item_id: str, verdict: str, as_json: bool) -> None:
    """Say what became of an item whose outcome is unknown."""
    with profile() as runtime:
        item = runtime.outbox.resolve(runtime.outbox_id(item_id), verdict)
    show(row(item), as_json=as_json, lines=[f"{item.state.value}: {item.sentence}"])


@outbox.command("flush")
@click.option("--offline", is_flag=True, help="Deny the network: nothing is tried.")
@json_option
@command
def flush(offline: bool, as_json: bool) -> None:
    """Try everything that is due, now."""
    with profile(offline=offline) as runtime:
        items = runtime.flush()
        deque(runtime.resume(), maxlen=0)  # conversations that waited for one of these go on
        denied = runtime.connectivity.standing.manual
    rows = [row(item) for item in items]
    lines = [
        f"{item.state.value}: {item.sentence}" + (f"\n  {item.last_error}" if item.last_error else "") for item in items
    ]
    show(
        rows,
        as_json=as_json,
        lines=lines or ["The network is denied; everything waits." if denied else "Nothing was due."],
    )
    if any(item.state.value in ("rejected", "failed", "unknown", "conflict", "expired") for item in items):
        raise SystemExit(NEGATIVE)
