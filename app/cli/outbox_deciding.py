"""`carryon outbox approve`, `cancel`, `retry`, `resolve`: about one item, several, or all that options leave in.

About one, the answer is its row, as ever. About several it says which were decided, which could not be and why, and
which are to be looked at one by one, since strangers' words were read before them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadRequestError
from agent.outbox.promised import in_words
from app.cli.going_on import go_on
from app.cli.opening import command, json_option, profile
from app.cli.outbox_filters import filters, is_given, wanted
from app.cli.outbox_rows import listed, row
from app.cli.printing import NEGATIVE, moment, show, table
from sync.item import Item
from sync.outbox import Outbox
from sync.pauses import asked_for_until_ms
from sync.states import ACTIVE

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.outbox.deciding import Decided

VERDICTS = {"delivered": "delivered", "retry": "send_again", "cancel": "cancel", "send": "send_all_the_same"}
_DONE = {"approve": "approved", "cancel": "cancelled", "retry": "to be tried again",
         "retry_at_once": "to be sent at once", "delivered": "settled as arrived",
         "send_again": "to be sent again", "send_all_the_same": "to be sent all the same"}  # fmt: skip
_WOULD = {"cancel": "cancelled", "approve": "approved", "retry": "tried again", "retry_at_once": "sent at once",
          "delivered": "settled as arrived", "send_again": "sent again",
          "send_all_the_same": "sent all the same"}  # fmt: skip
_ALONE: Mapping[str, Callable[[Outbox, str], Item]] = {
    "approve": Outbox.approve,
    "cancel": Outbox.cancel,
    "retry": Outbox.retry,
    "retry_at_once": lambda outbox, item_id: outbox.retry(item_id, at_once=True),
}
_EVERYTHING = click.option("--all", "everything", is_flag=True, help="Everything that can be decided so.")
_DRY = click.option("--dry-run", is_flag=True, help="Show which it would be about; nothing is changed.")


def _decision(name: str, about: str) -> click.Command:
    @click.command(name, help=about)
    @click.argument("item_ids", nargs=-1, metavar="[ITEM_ID]...")
    @_EVERYTHING
    @filters
    @_DRY
    @json_option
    @command
    def decide(item_ids: tuple[str, ...], everything: bool, dry_run: bool, as_json: bool, **given: Any) -> None:
        _decide(name, item_ids, everything, dry_run, as_json, given)

    return decide


approve = _decision("approve", "Let items go that wait for your yes.")
cancel = _decision("cancel", "Take items back before they are sent.")


@click.command("retry")
@click.argument("item_ids", nargs=-1, metavar="[ITEM_ID]...")
@_EVERYTHING
@click.option("--now", "at_once", is_flag=True, help="Also where the destination asked to be left alone for a while.")
@filters
@_DRY
@json_option
@command
def retry(
    item_ids: tuple[str, ...], everything: bool, at_once: bool, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Try items again that failed or were rejected. What was taken back or became too old goes again by its own id, or
    where --state names it."""
    _decide("retry_at_once" if at_once else "retry", item_ids, everything, dry_run, as_json, given)


@click.command("resolve")
@click.argument("item_ids", nargs=-1, metavar="[ITEM_ID]...")
@click.argument("verdict", type=click.Choice(list(VERDICTS)))
@click.option("--reference", default="", help="With delivered, of one item: the number that it got there.")
@click.option("--url", default="", help="With delivered, of one item: the link to it, for what waits for that.")
@_EVERYTHING
@filters
@_DRY
@json_option
@command
def resolve(
    item_ids: tuple[str, ...], verdict: str, reference: str, url: str, everything: bool, dry_run: bool, as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Say what became of items whose outcome is unknown; send: a conflict leaves all the same."""
    found = {name: said for name, said in (("reference", reference), ("url", url)) if said}
    if found and (verdict != "delivered" or len(item_ids) != 1 or dry_run):
        raise BadRequestError("A number and a link are of one item that arrived.", verdict, "Give its id alone.")
    if len(item_ids) == 1 and not dry_run:
        with profile() as runtime:
            item = runtime.outbox.resolve(runtime.outbox_id(item_ids[0]), verdict, found)
            if verdict == "delivered":
                go_on(runtime)
        _show_one(item, as_json)
        return
    _decide(VERDICTS[verdict], item_ids, everything, dry_run, as_json, given)


@click.command("free")
@click.argument("item_id")
@json_option
@command
def free(item_id: str, as_json: bool) -> None:
    """Send an item without what it waits for: it no longer needs that delivered first."""
    with profile() as runtime:
        item = runtime.outbox.let_go(runtime.outbox_id(item_id))
    _show_one(item, as_json)


def _decide(
    verb: str, item_ids: Sequence[str], everything: bool, dry_run: bool, as_json: bool, given: dict[str, Any]
) -> None:
    from agent.outbox import deciding

    narrowed = everything or is_given(given)
    if bool(item_ids) is narrowed:
        raise BadRequestError(
            "Say which items: ids, or options that choose them." if not item_ids else "Ids or options, not both.",
            verb, "carryon outbox list shows them; --all means everything that can be decided so.",
        )  # fmt: skip
    with profile() as runtime:
        ids = [runtime.outbox_id(item_id) for item_id in item_ids]
        if dry_run:
            found = _about(runtime, verb, ids, given)
            kept = () if len(ids) == 1 else [item for item in found if deciding.kept_from(verb, item)]
            told = [item for item in found if item not in kept]
            _show_dry(verb, told, kept, as_json, _aside(runtime, verb, ids, given))
            return
        if len(ids) == 1 and verb in _ALONE:
            _show_one(_ALONE[verb](runtime.outbox, ids[0]), as_json)
            return
        decided = deciding.decide(runtime.outbox, verb, ids) if ids else deciding.decide_all(
            runtime.outbox, verb, wanted(runtime, given))  # fmt: skip
        aside = _aside(runtime, verb, ids, given)
        if verb == "delivered":
            go_on(runtime)
    _show_many(verb, decided, as_json, aside)


def _about(runtime: "Runtime", verb: str, ids: Sequence[str], given: dict[str, Any]) -> list[Item]:
    from agent.outbox import deciding

    if ids:
        return [item for item_id in ids if (item := runtime.outbox.get(item_id)).state in deciding.VERBS[verb]]
    return list(deciding.matching(runtime.outbox, wanted(runtime, given), verb))


def _aside(runtime: "Runtime", verb: str, ids: Sequence[str], given: dict[str, Any]) -> int:
    from agent.outbox import deciding

    return 0 if ids else deciding.put_aside(runtime.outbox, verb, wanted(runtime, given))


def _left_aside(many: int) -> list[str]:
    names = "--state cancelled or --state expired"
    return [f"{many:,} taken back or too old: left alone; {names} sends those again."] if many else []


def _show_one(item: Item, as_json: bool) -> None:
    lines = [f"{item.state.value}: {in_words(item.sentence, item)}"]
    if item.state in ACTIVE and (until := asked_for_until_ms(item, int(time.time() * 1_000))):
        lines.append(f"  It asked to be left alone until {moment(until)}; retry --now sends it all the same.")
    show(row(item), as_json=as_json, lines=lines)


def _show_dry(verb: str, items: Sequence[Item], kept: Sequence[Item], as_json: bool, aside: int) -> None:
    lines = [f"{len(items):,} would be {_WOULD[verb]}:", *table([listed(item) for item in items])]
    lines = [*(lines if items else ["None."]), *_left_aside(aside)]
    if kept:
        lines += [f"left for you to look at, one by one: {len(kept):,}", *table([listed(item) for item in kept])]
    show([row(item) for item in items], as_json=as_json, lines=lines)


def _show_many(verb: str, decided: "Decided", as_json: bool, aside: int) -> None:
    lines = [f"{len(decided.done):,} {_DONE[verb]}."]
    lines += [f"{item_id[:8]}  could not be: {why}" for item_id, why in decided.refused.items()]
    lines += [
        f"{item_id[:8]}  was decided after reading what strangers wrote: look at it, then decide it by its own id"
        for item_id in decided.to_look_at
    ]
    if decided.left:
        lines.append("There are more: say it again for the rest.")
    lines += _left_aside(aside)
    document = {
        "decision": verb, "done": decided.done, "refused": decided.refused, "to_look_at": decided.to_look_at,
        "left": decided.left, "left_aside": aside,
    }  # fmt: skip
    show(document, as_json=as_json, lines=lines)
    if decided.refused or decided.to_look_at:
        raise SystemExit(NEGATIVE)
