"""`carryon outbox`: what waits, what was delivered, and what the user decides about it."""

from typing import Any

import click

from agent.errors import BadRequestError
from agent.outbox.promised import in_words
from app.cli import outbox_deciding
from app.cli.flushing import flush
from app.cli.groups import Group
from app.cli.naming import named_once
from app.cli.opening import command, json_option, profile
from app.cli.outbox_filters import filters, wanted
from app.cli.outbox_rows import listed, row, whole
from app.cli.printing import moment, show, table

SHOWN_MAX = 1_000
_APART = ("timeline", "payload", "needs", "needed_by", "conflict")


@click.group(cls=Group)
def outbox() -> None:
    """What waits for the network, and what became of it."""


@outbox.command("list")
@filters
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN_MAX, show_default=True, help="So many at most.")
@click.option("--after", help="Go on behind this item, the last one of the page before.")
@json_option
@command
def list_items(limit: int, after: str | None, as_json: bool, **given: Any) -> None:
    """Every item, oldest first."""
    with profile() as runtime:
        chosen = wanted(runtime, given)
        behind = runtime.outbox_id(after) if after else None
        items = runtime.outbox.list(
            chosen.states, chosen.destination, limit, behind, conversation_id=chosen.conversation_id, tool=chosen.tool,
            text=chosen.text,
        )  # fmt: skip
    lines = table([listed(item) for item in items])
    if len(items) == limit:
        lines.append(f"There may be more: --after {items[-1].id[:8]}")
    nothing = "Nothing fits." if any(given.values()) or after else "Nothing waits and nothing was sent."
    show([row(item) for item in items], as_json=as_json, lines=lines or [nothing])


@outbox.command("show")
@click.argument("item_id")
@json_option
@command
def show_item(item_id: str, as_json: bool) -> None:
    """One item whole: what will be sent, to whom, when it expires, what it waits for, what was tried."""
    with profile() as runtime:
        item = runtime.outbox.get(runtime.outbox_id(item_id))
        timeline = runtime.outbox.timeline(item.id)
        document = whole(item, timeline, runtime.outbox.needs(item.id), runtime.outbox.needed_by(item.id))
    show(document, as_json=as_json, lines=_lines(document))


def _lines(document: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {_shown(name, value)}" for name, value in document.items() if name not in _APART]
    for name, title in (("needs", "waits for"), ("needed_by", "waited for by")):
        lines += [f"{title}: {other['id'][:8]} {other['state']}  {other['sentence']}" for other in document[name]]
    if both := document["conflict"]:
        lines += [f"conflict: {both['what']}", f"  when you decided: {both['then']}", f"  now: {both['now']}"]
    steps = document["timeline"]
    return [*lines, "timeline:", *(f"  {moment(step['at'])}  {step['state']}  {step['what']}" for step in steps)]


def _shown(name: str, value: Any) -> Any:
    return moment(value) if name.endswith("_at") and value is not None else value


for _decision in (
    outbox_deciding.approve, outbox_deciding.cancel, outbox_deciding.retry, outbox_deciding.resolve,
    outbox_deciding.free,
):  # fmt: skip
    outbox.add_command(_decision)


@outbox.command("edit")
@click.argument("item_id")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE...")
@json_option
@command
def edit(item_id: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Change what will be sent: carryon outbox edit ID body="the contract is signed and sealed"."""
    with profile() as runtime:
        item = runtime.edit_item(runtime.outbox_id(item_id), named_once(map(_pair, changes)))
    show(row(item), as_json=as_json, lines=[f"{item.state.value}: {in_words(item.sentence, item)}"])


def _pair(change: str) -> tuple[str, str]:
    name, equals, value = change.partition("=")
    if not equals:
        raise BadRequestError("A change needs a name and a value.", change, "Write NAME=VALUE.")
    return name, value


outbox.add_command(flush)
