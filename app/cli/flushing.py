"""`carryon outbox flush`: everything that is due is tried now, and what goes on is told beside the answer meanwhile.

Ctrl-C ends it at any moment. What is not begun waits; of what was under way it is said whether it may have arrived.
"""

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from app.cli.going_on import go_on
from app.cli.opening import command, json_option, profile
from app.cli.outbox_flush import more, planned, shown
from app.cli.outbox_rows import row
from app.cli.printing import NEGATIVE, aside, moment, show
from sync.events import Event, ItemChanged
from sync.item import Item
from sync.states import ACTIVE, State

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.protocol.outbox_records import PlaceStanding

PLACES_TOLD_MAX = 20
_NOT_DONE = (State.REJECTED, State.FAILED, State.UNKNOWN, State.CONFLICT, State.EXPIRED)
_AGAIN: Mapping[str, str] = {
    "key": "It is tried again by itself, under the same number, by which a repeat is recognised there.",
    "query": "It is looked for there before it is tried again by itself.",
    "none": "You are asked about it: carryon outbox list --state unknown.",
}


class Telling:
    """What is being delivered, and what does not come, a line each on stderr. Called from the deliveries' threads."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._under_way: dict[str, Item] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, ItemChanged):
            return
        item = event.item
        begins = item.id not in self._under_way
        if item.state is not State.SENDING:
            self._under_way.pop(item.id, None)
            return
        self._under_way[item.id] = item
        if begins:
            self._say(f"Delivering to {item.destination}: {item.sentence}")
        if item.last_error and not begins:
            self._say(f"  {item.last_error}")

    @property
    def under_way(self) -> tuple[str, ...]:
        return tuple(self._under_way)

    def _say(self, line: str) -> None:
        if not self._quiet:
            with contextlib.suppress(OSError):  # nobody reads stderr any more: no reason to end a delivery
                aside(line)


@click.command("flush")
@click.option("--offline", is_flag=True, help="Deny the network: nothing is tried.")
@click.option("--dry-run", is_flag=True, help="Show what would be tried, in order; nothing is.")
@json_option
@command
def flush(offline: bool, dry_run: bool, as_json: bool) -> None:
    """Try everything that is due, now."""
    with profile(offline=offline) as runtime:
        denied = runtime.connectivity.standing.manual
        if dry_run:
            _show_plan(runtime, denied=denied, as_json=as_json)
            return
        telling = Telling(quiet=as_json)
        try:
            items = runtime.flush(telling)
        except KeyboardInterrupt:
            _show_stopped([runtime.outbox.get(item_id) for item_id in telling.under_way], as_json=as_json)
            raise SystemExit(NEGATIVE) from None
        go_on(runtime)  # each conversation that waited for one of these
        nothing = [] if items or as_json else _nothing(runtime, denied=denied)
    lines = [
        f"{item.state.value}: {item.sentence}" + (f"\n  {item.last_error}" if item.last_error else "") for item in items
    ]
    show([row(item) for item in items], as_json=as_json, lines=lines or nothing)
    if any(item.state in _NOT_DONE for item in items):
        raise SystemExit(NEGATIVE)


def _show_plan(runtime: "Runtime", *, denied: bool, as_json: bool) -> None:
    steps = planned(runtime.outbox, denied=denied)
    left = more(runtime.outbox, steps)
    show(shown(steps, left), as_json=as_json, lines=[
        *(step.line() for step in steps), *([f"and {left:,} more behind these"] if left else []),
    ] or ["Nothing waits to be sent."])  # fmt: skip


def _show_stopped(under_way: list[Item], *, as_json: bool) -> None:
    lines = ["Stopped. What was not tried waits as it was; carryon outbox flush goes on."]
    lines += [f"{item.state.value}: {item.sentence}\n  {_stands(item)}" for item in under_way]
    rows: list[dict[str, Any]] = [row(item) | {"may_have_arrived": _may_have_arrived(item)} for item in under_way]
    show({"stopped": {"under_way": rows}}, as_json=as_json, lines=lines)


def _may_have_arrived(item: Item) -> bool:
    return item.offering or item.uncertain_since is not None


def _stands(item: Item) -> str:
    if item.state is not State.SENDING:  # it ended in the same moment
        return item.last_error or ""
    if not _may_have_arrived(item):
        return "Nothing of it was sent yet. It stays in the outbox and goes the next time."
    return f"It was handed over and no answer came yet, so it may have arrived. {_AGAIN[item.mode]}"


def _nothing(runtime: "Runtime", *, denied: bool) -> list[str]:
    """Why nothing was tried although something may wait."""
    from agent.outbox import standing

    if denied:
        return ["The network is denied; everything waits."]
    places, left_out = standing.places(runtime.outbox)
    waiting = [(place, many) for place in places if (many := _sum(place, ACTIVE))]
    asking = sum(_sum(place, (State.WAITING_APPROVAL,)) for place in places)
    lines = [f"{many:,} {_wait(many)} for {place.destination}: {_why(place)}" for place, many in waiting]
    if len(lines) > PLACES_TOLD_MAX or left_out:
        lines = [*lines[:PLACES_TOLD_MAX], "There are more: carryon net shows every destination."]
    if asking:
        lines.append(f"{asking:,} {_wait(asking)} for your yes: carryon outbox list --state waiting_approval.")
    return ["Nothing was due.", *lines]


def _why(place: "PlaceStanding") -> str:
    if place.sending:
        return "another process is sending there."
    if place.trouble:
        return place.trouble
    if place.head_id:
        return f"next try {moment(place.next_try_at)}." if place.next_try_at else "it goes with the next look."
    return "it needs something else delivered first; carryon outbox show ID says what."


def _wait(many: int) -> str:
    return "waits" if many == 1 else "wait"


def _sum(place: "PlaceStanding", states: tuple[State, ...]) -> int:
    return sum(place.counts.get(state.value, 0) for state in states)
