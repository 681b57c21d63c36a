"""Whatever is said, done, delivered and lost, in whatever order: here and there end alike."""

import random
import time
from datetime import UTC, datetime

import pytest

from agent.runtime import Runtime
from sync.leases import Leases
from sync.states import State
from sync.transports.appointment import read
from sync.transports.caldav import CalDav
from sync.transports.dav import DavAccount
from sync.transports.outcomes import UncertainError
from tests.flow.calendar_copies.desk import Desk, states
from tests.flow.talking import Talk, follow
from tests.sim.calendar_server import CalendarServer


@pytest.mark.parametrize("seed", [13, 19, 26, 33, 36, 42])
def test_whatever_is_said_and_done_in_whatever_order_both_end_alike(
    talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str, seed: int
) -> None:
    """Answers are lost now and then; nobody else writes there, so there is never a conflict."""
    chance = random.Random(seed)
    for _ in range(22):
        step(chance, talk, desk, runtime, server, dentist)
    for _ in range(12):
        for item in runtime.outbox.list((State.WAITING_APPROVAL,)):
            runtime.outbox.approve(item.id)
        runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0, held_until = 0")
        runtime.flush()
    assert set(states(runtime)) <= {State.DELIVERED, State.CANCELLED}
    assert said_there(server) == set().union(
        *(said_here(runtime, str(item.payload["artifact"])) for item in runtime.outbox.list())
    )


def step(chance: random.Random, talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str) -> None:
    here = runtime.library.get(dentist).trashed_at is None
    match chance.choice(["rename", "move", "trash", "deliver", "lose", "amend", "undo"]):
        case "rename" if here:
            desk.rename(dentist, chance.choice(["A", "B", "C"]))
        case "move" if here:
            desk.move(dentist, chance.choice([-1, 1, 2]))
        case "trash":
            (desk.trash if here else desk.take_out)(dentist)
        case "deliver":
            runtime.flush()
        case "lose":
            lose_an_answer(runtime, server)
        case "amend" if here:
            when = f"6 May 2032 at {chance.choice(['12', '14'])}"
            said = follow("amend", "calendar.add", title=chance.choice(["D", "E"]), when=when)
            talk.say(when, said, approve=True)
        case "undo":
            talk.say("undo that", follow("undo", "calendar.add"))


def lose_an_answer(runtime: Runtime, server: CalendarServer) -> None:
    """What goes next arrives, and nobody hears of it."""
    leases = Leases(runtime.connection, time.time)
    runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0, held_until = 0")
    item = leases.lease("me", "caldav:home", "query")
    if item is None:
        return
    if item.uncertain_since is None:
        CalDav(DavAccount("home", server.url, "me", "pw")).deliver(item, lambda: leases.offer(item, "me"))
    leases.settle(item, "me", UncertainError("The line went dead."))


def said_there(server: CalendarServer) -> set[tuple[str, str]]:
    return {(seen.title, f"{seen.starts:%Y%m%dT%H%M%SZ}") for text in server.kept() for seen in read(text)}


def said_here(runtime: Runtime, artifact_id: str) -> set[tuple[str, str]]:
    event = runtime.library.get(artifact_id)
    starts = datetime.fromtimestamp(event.data["starts_at"] / 1_000, UTC)
    return {(event.title, f"{starts:%Y%m%dT%H%M%SZ}")} if event.trashed_at is None else set()
