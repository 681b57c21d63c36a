"""The outbox room: what waits, what the user decides about it, the network, the practice destinations."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from agent.errors import BadRequestError
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.network_commands import AwaitSignIn, ReportNetworkHint, SetOffline
from agent.session import outbox_many

if TYPE_CHECKING:
    from agent.compose import Runtime
    from sync.item import Item

ITEMS_SHOWN_MAX = 500
DOUBTS_SHOWN_MAX = 100


def list_items(runtime: "Runtime", command: commands.ListItems) -> Iterator[Event]:
    limit = min(command.limit, ITEMS_SHOWN_MAX)
    items = runtime.outbox.list(states=command.states, limit=limit, newest_first=True)
    yield events.ItemsListed(
        cause=command.id, items=tuple(items), counts=runtime.outbox.counts(),
        doubts=runtime.conversations.doubts(DOUBTS_SHOWN_MAX),
    )  # fmt: skip


def show(runtime: "Runtime", command: commands.ShowItem) -> Iterator[Event]:
    outbox = runtime.outbox
    item = outbox.get(command.item_id)
    plan = tuple(outbox.plan(item.id))
    yield events.ItemShown(
        cause=command.id, item=item, timeline=tuple(outbox.timeline(item.id)), needs=tuple(outbox.needs(item.id)),
        plan=plan if len(plan) > 1 else (),
    )  # fmt: skip


def approve(runtime: "Runtime", command: commands.ApproveItem) -> Iterator[Event]:
    yield from _changed(runtime, command.id, runtime.outbox.approve(command.item_id))


def edit(runtime: "Runtime", command: commands.EditItem) -> Iterator[Event]:
    yield from _changed(runtime, command.id, runtime.edit_item(command.item_id, command.args))


def cancel(runtime: "Runtime", command: commands.CancelItem) -> Iterator[Event]:
    yield from _changed(runtime, command.id, runtime.outbox.cancel(command.item_id))


def retry(runtime: "Runtime", command: commands.RetryItem) -> Iterator[Event]:
    runtime.dispatcher.thrift.waive(command.item_id)
    yield from _changed(runtime, command.id, runtime.outbox.retry(command.item_id, at_once=command.at_once))


def resolve(runtime: "Runtime", command: commands.ResolveItem) -> Iterator[Event]:
    resolved = runtime.outbox.resolve(command.item_id, command.verdict, command.receipt)
    yield from _changed(runtime, command.id, resolved)


def _changed(runtime: "Runtime", cause: str, item: "Item") -> Iterator[Event]:
    """It, and what changed because it did: items that wait for it."""
    runtime.nudge()
    for changed in (item, *runtime.outbox.touched()):
        yield events.ItemChanged(cause=cause, item=changed)
    yield events.StoreChanged(cause=cause, areas=frozenset({"outbox"}))


def hand_to_mail_program(runtime: "Runtime", command: commands.HandToMailProgram) -> Iterator[Event]:
    item = runtime.outbox.get(command.item_id)
    if item.payload.get("attached"):
        raise BadRequestError(
            "A mail program cannot be handed what is attached.", item.sentence[:80],
            "Export it from the library and attach it there by hand.",
        )  # fmt: skip
    yield events.MailProgramRequested(cause=command.id, item_id=item.id, mailto=mailto(item.payload))


def mailto(payload: Any) -> str:
    """RFC 6068: only the address, subject and body go in, each percent-encoded whole."""
    subject, body = quote(str(payload.get("subject", ""))), quote(str(payload.get("body", "")))
    return f"mailto:{quote(str(payload.get('to', '')), safe='@')}?subject={subject}&body={body}"


def flush(runtime: "Runtime", command: commands.FlushOutbox) -> Iterator[Event]:
    if command.destination:
        yield from _try_place(runtime, command)
    else:
        runtime.nudge(try_now=True)


def _try_place(runtime: "Runtime", command: commands.FlushOutbox) -> Iterator[Event]:
    """The next one holds back the others, so that one is made due; what follows it goes by itself."""
    head = runtime.outbox.head(command.destination)
    if head is None:
        raise BadRequestError("Nothing waits to go there.", command.destination)
    if head.held_until > runtime.outbox.now_ms():
        until = datetime.fromtimestamp(head.held_until / 1_000).astimezone()
        raise BadRequestError(
            f"It asked to be left alone until {until:%H:%M:%S}.", command.destination,
            "It is tried by itself then. The item itself can be sent all the same.",
        )  # fmt: skip
    runtime.dispatcher.thrift.waive_place(command.destination)
    if head.state == "sending":  # it is being tried just now
        runtime.nudge()
    else:
        yield from _changed(runtime, command.id, runtime.outbox.retry(head.id))


def list_practice(runtime: "Runtime", command: commands.ListPractice) -> Iterator[Event]:
    yield events.PracticeListed(
        cause=command.id, enabled=runtime.settings.practice_enabled, messages=runtime.practice_messages()
    )


def set_practice(runtime: "Runtime", command: commands.SetPractice) -> Iterator[Event]:
    runtime.set_practice(enabled=command.enabled)
    yield from list_practice(runtime, commands.ListPractice(id=command.id))
    yield events.StoreChanged(cause=command.id, areas=frozenset({"settings", "outbox"}))


def set_offline(runtime: "Runtime", command: SetOffline) -> Iterator[Event]:
    runtime.set_offline(command.offline)
    yield runtime.connectivity_event(command.id)


def report_hint(runtime: "Runtime", command: ReportNetworkHint) -> Iterator[Event]:
    if command.moved:
        runtime.connectivity.moved()
    runtime.connectivity.hint(command.reachable)
    runtime.dispatcher.thrift.hint(metered=command.metered, low_battery=command.low_battery)
    runtime.nudge()
    yield runtime.connectivity_event(command.id)


def await_sign_in(runtime: "Runtime", command: AwaitSignIn) -> Iterator[Event]:
    runtime.dispatcher.sign_in_opened()
    yield runtime.connectivity_event(command.id)


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.ListItems: list_items,
    commands.ShowItem: show,
    commands.ApproveItem: approve,
    commands.EditItem: edit,
    commands.CancelItem: cancel,
    commands.RetryItem: retry,
    commands.ResolveItem: resolve,
    commands.HandToMailProgram: hand_to_mail_program,
    commands.FlushOutbox: flush,
    commands.ListPractice: list_practice,
    commands.SetPractice: set_practice,
    SetOffline: set_offline,
    ReportNetworkHint: report_hint,
    AwaitSignIn: await_sign_in,
    **outbox_many.HANDLERS,
}
