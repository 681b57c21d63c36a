"""`carryon outbox approve`, `cancel`, `retry`, `resolve`: about one item, several, or all that options leave in.

About one, the answer is its row, as ever. About several it says which were decided, which could not be and why, and
which are to be looked at one by one, since strangers' words were read before them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadRequestError
from app.cli.opening import command, json_option, profile
from app.cli.outbox_filters import filters, is_given, wanted
from app.cli.outbox_rows import listed, row
from app.cli.printing import NEGATIVE, show, table
from sync.item import Item

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.outbox.deciding import Decided

VERDICTS = {"delivered": "delivered", "retry": "send_again", "cancel": "cancel", "send": "send_all_the_same"}
_DONE = {"approve": "approved", "cancel": "cancelled", "retry": "to be tried again", "delivered": "settled as arrived",
         "send_again": "to be sent again", "send_all_the_same": "to be sent all the same"}  # fmt: skip
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
retry = _decision("retry", "Try items again that failed, were rejected, expired or were cancelled.")


@click.command("resolve")
@click.argument("item_ids", nargs=-1, metavar="[ITEM_ID]...")
@click.argument("verdict", type=click.Choice(list(VERDICTS)))
@_EVERYTHING
@filters
@_DRY
@json_option
@command
def resolve(
    item_ids: tuple[str, ...], verdict: str, everything: bool, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Say what became of items whose outcome is unknown; send: a conflict leaves all the same."""
    if len(item_ids) == 1 and not dry_run:
        with profile() as runtime:
            item = runtime.outbox.resolve(runtime.outbox_id(item_ids[0]), verdict)
        _show_one(item, as_json)
        return
    _decide(VERDICTS[verdict], item_ids, everything, dry_run, as_json, given)


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
            _show_dry(verb, _about(runtime, verb, ids, given), as_json)
            return
        if len(ids) == 1 and verb in ("approve", "cancel", "retry"):
            _show_one(getattr(runtime.outbox, verb)(ids[0]), as_json)
            return
        decided = deciding.decide(runtime.outbox, verb, ids) if ids else deciding.decide_all(
            runtime.outbox, verb, wanted(runtime, given))  # fmt: skip
    _show_many(verb, decided, as_json)


def _about(runtime: "Runtime", verb: str, ids: Sequence[str], given: dict[str, Any]) -> list[Item]:
    from agent.outbox import deciding

    if ids:
        return [item for item_id in ids if (item := runtime.outbox.get(item_id)).state in deciding.VERBS[verb]]
    return list(deciding.matching(runtime.outbox, wanted(runtime, given), verb))


def _show_one(item: Item, as_json: bool) -> None:
    show(row(item), as_json=as_json, lines=[f"{item.state.value}: {item.sentence}"])


def _show_dry(verb: str, items: Sequence[Item], as_json: bool) -> None:
    lines = [f"{len(items):,} would be {_DONE[verb]}:", *table([listed(item) for item in items])]
    show([row(item) for item in items], as_json=as_json, lines=lines if items else ["None."])


def _show_many(verb: str, decided: "Decided", as_json: bool) -> None:
    lines = [f"{len(decided.done):,} {_DONE[verb]}."]
    lines += [f"{item_id[:8]}  could not be: {why}" for item_id, why in decided.refused.items()]
    lines += [
        f"{item_id[:8]}  was decided after reading what strangers wrote: look at it, then decide it by its own id"
        for item_id in decided.to_look_at
    ]
    if decided.left:
        lines.append("There are more: say it again for the rest.")
    document = {
        "decision": verb, "done": decided.done, "refused": decided.refused, "to_look_at": decided.to_look_at,
        "left": decided.left,
    }  # fmt: skip
    show(document, as_json=as_json, lines=lines)
    if decided.refused or decided.to_look_at:
        raise SystemExit(NEGATIVE)
