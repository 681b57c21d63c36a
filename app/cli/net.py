"""`carryon net`: whether the network is there, as far as real attempts showed, place by place. Nothing is tried."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import moment, show, table

if TYPE_CHECKING:
    from agent.protocol.outbox_records import PlaceStanding
    from sync.observing import Observation

SEEN_MAX = 200
SEEN_SHOWN_MAX = 5  # of one destination


@click.command("net")
@offline_option
@json_option
@command
def net(offline: bool, as_json: bool) -> None:
    """How the network and each destination stand, the last outcomes, and why."""
    from agent.outbox import standing
    from sync import observing

    with profile(offline=offline) as runtime:
        now = runtime.connectivity.standing
        places, left_out = standing.places(runtime.outbox)
        seen = observing.stored(runtime.connection, SEEN_MAX)
    document = {
        "state": now.state.value, "manual": now.manual, "why": now.why, "sign_in": now.sign_in,
        "destinations": [_place(place, seen) for place in places], "left_out": left_out,
    }  # fmt: skip
    show(document, as_json=as_json, lines=_lines(document))


def _place(place: "PlaceStanding", seen: "tuple[Observation, ...]") -> dict[str, Any]:
    last = [one for one in seen if one.endpoint == place.destination][:SEEN_SHOWN_MAX]
    return asdict(place) | {
        "why": place.trouble or (last[0].words if last else ""),
        "last": [asdict(one) for one in last],
    }


def _lines(document: dict[str, Any]) -> list[str]:
    switch = " by your switch" if document["manual"] else ""
    lines = [f"{document['state']}{switch}: {document['why']}"]
    rows = [(place["destination"], _waiting(place), _next(place), _last(place)) for place in document["destinations"]]
    lines += table(rows)
    if document["left_out"]:
        lines.append(f"and {document['left_out']:,} more")
    return lines


def _waiting(place: dict[str, Any]) -> str:
    waiting = sum(many for state, many in place["counts"].items() if state not in ("delivered", "cancelled"))
    return f"{waiting:,} waiting" if waiting else "nothing waits"


def _next(place: dict[str, Any]) -> str:
    if place["sending"]:
        return "being tried now"
    return f"next try {moment(place['next_try_at'])}" if place["next_try_at"] else ""


def _last(place: dict[str, Any]) -> str:
    if place["last"]:
        one = place["last"][0]
        told = f"{one['outcome']} {moment(one['at'])} after {one['ms']:,} ms"
        return f"{told}: {place['why']}" if place["why"] else told
    if place["reached_at"]:
        return f"last arrived {moment(place['reached_at'])}"
    return place["why"] or "never tried"
