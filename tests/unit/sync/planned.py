"""An issue, a post that takes its link, and a delivery of either, for the tests of plans."""

from typing import Any

from sync.intent import Need
from sync.item import Item
from sync.leases import Leases
from sync.outbox import Outbox
from sync.placeholders import new_token
from sync.transports.outcomes import DeliveryError
from sync.transports.port import Receipt
from tests.sim.profiles import intent

ISSUE, CHAT = "tracker:web", "webhook:ops"
LINK = Receipt("Made.", "42", "https://example.org/issues/42")


def an_issue(outbox: Outbox, *, approval: bool = False) -> Item:
    return outbox.enqueue(intent("the issue", ISSUE, sentence="Issue in web: the bug"), approval=approval)


def a_post(
    outbox: Outbox, needed: Item, takes: str = "url", *, approval: bool = False, **more: Any
) -> tuple[Item, str]:
    token = new_token()
    words = f"See {token} and {token}."
    post = intent(
        words, CHAT, args={"text": words, "n": 1}, payload={"text": words, "list": [{"x": words}, 7, None]},
        sentence=f"Message to ops: {words}", needs=(Need(needed.id, token, takes),), **more,
    )  # fmt: skip
    return outbox.enqueue(post, approval=approval), token


def send(leases: Leases, outcome: Receipt | DeliveryError, place: str = ISSUE, *, offered: bool = True) -> Item:
    item = leases.lease("me", place, "none")
    assert item
    if offered:
        leases.offer(item, "me")
    return leases.settle(item, "me", outcome)
