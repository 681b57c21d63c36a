"""`carryon net`: whether the network is there, as far as real attempts showed, place by place. Nothing is tried, and no
page is opened: where the network wants a sign-in, the address of its page is printed."""

import itertools
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.cli.interfaces import any_up
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import moment, show, table
from sync.states import ACTIVE, NEEDS_YOU, State

if TYPE_CHECKING:
    from agent.protocol.outbox_records import PlaceStanding
    from sync.observing import Observation

SEEN_MAX = 200
SEEN_SHOWN_MAX = 5  # of one destination
SIGN_IN = "sign-in"  # what an attempt met (sync/observing.py)


@click.command("net")
@offline_option
@json_option
@command
def net(offline: bool, as_json: bool) -> None:
    """How the network and each destination stand, the last outcomes, and why."""
    from agent.outbox import standing
    from sync import observing

    with profile(offline=offline) as runtime:
        if any_up() is False:
            runtime.connectivity.hint(reachable=False)
        now = runtime.connectivity.standing
        places, left_out = standing.places(runtime.outbox)
        seen = observing.stored(runtime.connection, SEEN_MAX)
    far = tuple(one for one in seen if not one.near)
    wanted = now.sign_in or (bool(far) and far[0].outcome == SIGN_IN)  # nobody has answered since
    document = {
        "state": now.state.value, "manual": now.manual, "why": now.why, "sign_in": wanted,
        "sign_in_url": (now.sign_in_url or _page(far)) if wanted else "",
        "destinations": [_place(place, seen) for place in places], "left_out": left_out,
    }  # fmt: skip
    show(document, as_json=as_json, lines=_lines(document))


def _page(seen: "tuple[Observation, ...]") -> str:
    """The one that was met last, since somebody answered last."""
    met = itertools.takewhile(lambda one: one.outcome == SIGN_IN, seen)
    return next((one.page for one in met if one.page), "")


def _place(place: "PlaceStanding", seen: "tuple[Observation, ...]") -> dict[str, Any]:
    last = [one for one in seen if one.endpoint == place.destination][:SEEN_SHOWN_MAX]
    return asdict(place) | {
        "why": place.trouble or (last[0].words if last else ""),
        "last": [asdict(one) for one in last],
    }


def _lines(document: dict[str, Any]) -> list[str]:
    switch = " by your switch" if document["manual"] else ""
    lines = [f"{document['state']}{switch}: {document['why']}"]
    if document["sign_in"]:
        page = f": {document['sign_in_url']}" if document["sign_in_url"] else ""
        lines.append(f"The network wants you to sign in. Open its page in your browser{page}")
        lines.append("What waits leaves by itself after that; carryon outbox flush tries it at once.")
    rows = [(place["destination"], _waiting(place), _next(place), _last(place)) for place in document["destinations"]]
    lines += table(rows)
    if document["left_out"]:
        lines.append(f"and {document['left_out']:,} more")
    return lines


def _waiting(place: dict[str, Any]) -> str:
    waiting, needing, held = (_sum(place, states) for states in (ACTIVE, NEEDS_YOU, (State.EXPIRED,)))
    parts = [f"{waiting:,} waiting"] if waiting else []
    parts += [f"{needing:,} {'needs' if needing == 1 else 'need'} you"] if needing else []
    parts += [f"{held:,} too old"] if held else []
    return ", ".join(parts) or "nothing waits"


def _sum(place: dict[str, Any], states: tuple[State, ...]) -> int:
    return sum(place["counts"].get(state.value, 0) for state in states)


def _next(place: dict[str, Any]) -> str:
    if place["sending"]:
        return "being tried now"
    return f"next try {moment(place['next_try_at'])}" if place["next_try_at"] else ""


def _last(place: dict[str, Any]) -> str:
    if place["last"]:
        one = place["last"][0]
        told = f"{one['outcome']} {moment(one['at'])} after {one['ms']:,} ms"
        told = f"{told}: {one['words']}" if one["words"] else told
        return f"{told} ({place['why']})" if place["why"] not in ("", one["words"]) else told
    if place["reached_at"]:
        return f"last arrived {moment(place['reached_at'])}"
    return place["why"] or (f"tried {place['attempts']:,} times" if place["attempts"] else "never tried")
